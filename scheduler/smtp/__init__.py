"""A small SMTP and LMTP server (RFC 5321, RFC 2033); the house it guards says what is taken."""
