"""The door for mail: a small SMTP server that takes everything (RFC 5321)."""

import re
import time
from asyncio import BaseTransport, Protocol, Transport
from collections.abc import Callable
from typing import cast

from scheduler.mailbox.letters import peek_subject
from scheduler.mailbox.store import Arrival, Store

LARGEST = 26_214_400
"""Octets of the largest message that is taken: 25 MiB."""
_LONGEST_COMMAND = 4096
_MOST_RECIPIENTS = 1000

_PATH = re.compile(rb"(?:FROM|TO):[ ]?<([^<>\s]*)>((?: .*)?)", re.IGNORECASE)
_SIZE = re.compile(rb" SIZE=(\d{1,20})\b", re.IGNORECASE)

_GREETING = b"220 mailbox ESMTP\r\n"
_HELLO = (
    b"250-mailbox\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n"
    b"250-ENHANCEDSTATUSCODES\r\n250 SIZE %d\r\n" % LARGEST
)
_OK = b"250 2.0.0 Ok\r\n"
_TOO_LARGE = b"552 5.3.4 Too large\r\n"
_WRONG_ORDER = b"503 5.5.1 Wrong order of commands\r\n"
_BAD_PATH = b"501 5.5.4 Cannot read that address\r\n"


class Door(Protocol):
    """One client's session."""

    def __init__(self, store: Store, sessions: set["Door"]) -> None:
        self._store = store
        self._sessions = sessions
        self._buffer = bytearray()
        self._searched = 0  # octets of the content known not to hold its end
        self._in_content = False
        self._answers: list[bytes] = []
        self._forget()

    def connection_made(self, transport: BaseTransport) -> None:
        """Greet."""
        self._transport = cast("Transport", transport)
        self._sessions.add(self)
        self._transport.write(_GREETING)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whatever was not finished was never here."""
        del exc
        self._sessions.discard(self)

    def close(self) -> None:
        """End the session now."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take commands and contents as they come, answer them in one write."""
        self._buffer += data
        while self._take():
            pass
        self._transport.write(b"".join(self._answers))
        self._answers.clear()

    def _take(self) -> bool:
        """Take one command or content from the buffer; whether one was there."""
        return self._take_content() if self._in_content else self._take_command()

    def _take_command(self) -> bool:
        end = self._buffer.find(b"\n")
        length = end if end >= 0 else len(self._buffer)
        if length > _LONGEST_COMMAND:
            self._hang_up(b"500 5.5.2 Too long\r\n")
            return False
        if end < 0:
            return False
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        verb, _, rest = line.partition(b" ")
        command = _COMMANDS.get(verb.upper())
        self._answers.append(command(self, rest) if command else b"502 5.5.1 Unknown command\r\n")
        return not self._transport.is_closing()

    def _take_content(self) -> bool:
        # Only CRLF . CRLF ends it: a server that takes less invites SMTP smuggling.
        end = self._buffer.find(b"\r\n.\r\n", self._searched)
        if end < 0:
            self._searched = max(0, len(self._buffer) - 4)
            if len(self._buffer) > LARGEST + _LONGEST_COMMAND:
                self._hang_up(_TOO_LARGE)
            return False
        content = bytes(self._buffer[2 : end + 2])
        del self._buffer[: end + 5]
        self._in_content = False
        self._answers.append(self._keep(_unstuffed(content)))
        self._forget()
        return True

    def _keep(self, raw: bytes) -> bytes:
        if len(raw) > LARGEST:
            return _TOO_LARGE
        subject = peek_subject(raw)
        recipients = tuple(self._recipients)
        try:
            entry = self._store.add(
                Arrival(self._sender or "", recipients, subject, time.time(), raw)
            )
        except OSError:
            return b"452 4.3.1 Cannot write it down\r\n"
        return b"250 2.0.0 Ok: queued as %d\r\n" % entry.id

    def _hang_up(self, answer: bytes) -> None:
        self._buffer.clear()
        self._transport.write(b"".join((*self._answers, answer)))
        self._answers.clear()
        self._transport.close()

    def _forget(self) -> None:
        self._sender: str | None = None
        self._recipients: list[str] = []

    def _hello(self, _: bytes) -> bytes:
        self._forget()
        return _HELLO

    def _old_hello(self, _: bytes) -> bytes:
        self._forget()
        return b"250 mailbox\r\n"

    def _mail(self, rest: bytes) -> bytes:
        if self._sender is not None:
            return _WRONG_ORDER
        path = _PATH.fullmatch(rest)
        if path is None:
            return _BAD_PATH
        size = _SIZE.search(path[2])
        if size and int(size[1]) > LARGEST:
            return _TOO_LARGE
        self._sender = path[1].decode("utf-8", "replace")
        return b"250 2.1.0 Ok\r\n"

    def _rcpt(self, rest: bytes) -> bytes:
        if self._sender is None:
            return _WRONG_ORDER
        path = _PATH.fullmatch(rest)
        if path is None or not path[1]:
            return _BAD_PATH
        if len(self._recipients) >= _MOST_RECIPIENTS:
            return b"452 4.5.3 Too many recipients\r\n"
        self._recipients.append(path[1].decode("utf-8", "replace"))
        return b"250 2.1.5 Ok\r\n"

    def _data(self, _: bytes) -> bytes:
        if not self._recipients:
            return _WRONG_ORDER
        self._in_content = True
        # As if the content began after a line: an empty one ends with the very first dot.
        self._buffer[:0] = b"\r\n"
        self._searched = 0
        return b"354 End with a dot on a line of its own\r\n"

    def _reset(self, _: bytes) -> bytes:
        self._forget()
        return _OK

    def _nothing(self, _: bytes) -> bytes:
        return _OK

    def _verify(self, _: bytes) -> bytes:
        return b"252 2.1.5 It will be taken\r\n"

    def _quit(self, _: bytes) -> bytes:
        self._hang_up(b"221 2.0.0 Bye\r\n")
        return b""


def _unstuffed(content: bytes) -> bytes:
    lines = content.replace(b"\r\n.", b"\r\n")
    return lines[1:] if lines.startswith(b".") else lines


_COMMANDS: dict[bytes, Callable[[Door, bytes], bytes]] = {
    b"EHLO": Door._hello,  # noqa: SLF001 - the table of this very class
    b"HELO": Door._old_hello,  # noqa: SLF001
    b"MAIL": Door._mail,  # noqa: SLF001
    b"RCPT": Door._rcpt,  # noqa: SLF001
    b"DATA": Door._data,  # noqa: SLF001
    b"RSET": Door._reset,  # noqa: SLF001
    b"NOOP": Door._nothing,  # noqa: SLF001
    b"VRFY": Door._verify,  # noqa: SLF001
    b"QUIT": Door._quit,  # noqa: SLF001
}
