"""What comes between DATA and the line with a single dot (RFC 5321, sections 4.1.1.4 and 4.5.2)."""

from functools import cached_property

_END = b"\r\n.\r\n"
"""Only this ends a content: a server that takes less invites SMTP smuggling."""
_ROOM = 65_536
"""Octets beyond what is kept that may lie here before they are let go."""


class Content:
    """One content as it grows; of a long one the beginning is kept.

    Attributes:
        seen: Octets until now, as they came.
    """

    def __init__(self, kept: int) -> None:
        # As if it began after a line: an empty one ends with the very first dot.
        self._octets = bytearray(b"\r\n")
        self._most = kept + 2
        self._head = b""
        self._searched = 0
        self.seen = 0

    def take(self, buffer: bytearray) -> bool:
        """Take what came, but not what lies behind the end; whether the end was there."""
        self._octets += buffer
        self.seen += len(buffer)
        buffer.clear()
        end = self._octets.find(_END, self._searched)
        if end < 0:
            self._let_go()
            self._searched = max(0, len(self._octets) - len(_END) + 1)
            return False
        behind = self._octets[end + len(_END) :]
        del self._octets[end + 2 :]
        self.seen -= len(behind) + 3
        buffer += behind
        return True

    @property
    def size(self) -> int:
        """Octets of the message; of a long one with the dots that were put before dots."""
        return self.seen if self._head else len(self.raw)

    @cached_property
    def raw(self) -> bytes:
        """What is kept of the message, as it was before it was made ready for the wire.

        To be asked for once the end was there.
        """
        stuffed = self._head or self._octets[: self._most]
        return bytes(stuffed.replace(b"\r\n.", b"\r\n")[2:])

    def _let_go(self) -> None:
        if len(self._octets) > self._most + _ROOM:
            self._head = self._head or bytes(self._octets[: self._most])
            del self._octets[: -len(_END)]
