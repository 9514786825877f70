"""Where a session stands: the words that replies, conversations and error texts share."""

from enum import StrEnum


class Stage(StrEnum):
    """What the next reply will answer; the value is how an error text names it."""

    GREETING = "greeting"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    IDLE = "idle"
    """No reply is due; the session waits for a message."""
    MAIL = "MAIL FROM"
    RCPT = "RCPT TO"
    DATA = "DATA"
    CONTENT = "content"
    """354 came, the final dot has not been written: it is still ours to stop."""
    END = "end of data"
    """The final dot has been written: only the answer can say what became of the message."""
    RESET = "RSET"
    CLOSED = "closed"
