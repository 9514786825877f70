"""What would have happened under other rules: the same policies over what is recorded. Pure."""
