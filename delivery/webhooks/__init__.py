"""Vendors' webhooks: one file each, the file name is its key. Pure; see `ports.Webhook`.

Each has a table at its top that turns the vendor's words into ours; a word that is not in it
becomes `unknown`, and the event is kept as it came.
"""
