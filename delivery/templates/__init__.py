"""Templates as files: one folder each, as people review them. Pure."""
