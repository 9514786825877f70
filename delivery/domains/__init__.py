"""What DNS says of a sending domain, and what to do about it. Pure: who asks is `resolver.py`."""
