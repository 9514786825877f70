"""Collecting news into digests: what goes together, until when, and how that is told. Pure."""
