"""The ways in for mail that came back: a door (SMTP, LMTP), a maildir, an IMAP mailbox.

All of them hand what they get to `desk.take`, and let go of it only after its commit.
"""
