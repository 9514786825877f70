"""One mail transaction (RFC 5321, section 3.3): from whom, and to whom."""

import re

from scheduler.smtp.house import House, Letter

_PATH = re.compile(rb"(?:FROM|TO):[ ]?<([^<>\s]*)>((?: .*)?)", re.IGNORECASE)
_SIZE = re.compile(rb" SIZE=(\d{1,20})\b", re.IGNORECASE)

TOO_LARGE = b"552 5.3.4 Too large\r\n"
WRONG_ORDER = b"503 5.5.1 Wrong order of commands\r\n"
_BAD_PATH = b"501 5.5.4 Cannot read that address\r\n"


class Transaction:
    """What MAIL and RCPT said until now."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._sender: str | None = None
        self.recipients: list[str] = []

    def mail(self, rest: bytes) -> bytes:
        """The answer to MAIL."""
        if self._sender is not None:
            return WRONG_ORDER
        path = _PATH.fullmatch(rest)
        if path is None:
            return _BAD_PATH
        size = _SIZE.search(path[2])
        if size and int(size[1]) > self._house.limits.size:
            return TOO_LARGE
        self._sender = path[1].decode("utf-8", "replace")
        return b"250 2.1.0 Ok\r\n"

    def rcpt(self, rest: bytes) -> bytes:
        """The answer to RCPT."""
        if self._sender is None:
            return WRONG_ORDER
        path = _PATH.fullmatch(rest)
        if path is None or not path[1]:
            return _BAD_PATH
        if len(self.recipients) >= self._house.limits.recipients:
            return b"452 4.5.3 Too many recipients\r\n"
        recipient = path[1].decode("utf-8", "replace")
        refusal = self._house.refusal(recipient)
        if refusal is not None:
            return refusal
        self.recipients.append(recipient)
        return b"250 2.1.5 Ok\r\n"

    def letter(self, raw: bytes) -> Letter:
        """The message that belongs to it."""
        return Letter(self._sender or "", tuple(self.recipients), raw)
