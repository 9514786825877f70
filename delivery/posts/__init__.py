"""What vendors' posts have in common: signatures, moments, and words that mean the same."""
