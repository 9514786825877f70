"""What comes back, read: bounces, complaints, auto-replies. Pure; see docs/bounces.md."""
