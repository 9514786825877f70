"""One client's session: commands and contents in, answers out, each in its time."""

import asyncio
from asyncio import BaseTransport, Future, Protocol, TimerHandle, Transport
from collections.abc import Callable
from ipaddress import ip_address
from typing import cast

from scheduler.smtp.content import Content
from scheduler.smtp.house import House
from scheduler.smtp.transaction import TOO_LARGE, WRONG_ORDER, Transaction

_LONGEST_COMMAND = 4096

_OK = b"250 2.0.0 Ok\r\n"
_UNKNOWN = b"502 5.5.1 Unknown command\r\n"
_TOO_SLOW = b"421 4.4.2 Too slow\r\n"
_TOO_MUCH = b"421 4.7.0 Too many commands or mistakes\r\n"
_CROWDED = b"421 4.3.2 Too many sessions: come back later\r\n"
_CLOSING = b"421 4.3.2 Closing: come back later\r\n"


class Session(Protocol):
    """A protocol of asyncio; commands may come in any pieces, or many at once (RFC 2920)."""

    def __init__(self, house: House, sessions: set["Session"]) -> None:
        self._house = house
        self._sessions = sessions
        self._buffer = bytearray()
        self._answers: list[bytes] = []
        self._content: Content | None = None
        self._keeping: Future[bytes] | None = None
        self._timer: TimerHandle | None = None
        self._until = 0.0
        self._commands = self._mistakes = 0
        self.peer = ""
        self._forget()

    def connection_made(self, transport: BaseTransport) -> None:
        """Greet, or send away where too many are here."""
        self._transport = cast("Transport", transport)
        self._loop = asyncio.get_running_loop()
        self.peer = _stranger(transport.get_extra_info("peername"))
        crowded = self._is_crowded()
        self._sessions.add(self)
        if crowded:
            self._hang_up(_CROWDED)
            return
        self._wait(self._house.limits.patience)
        kind = "LMTP" if self._house.speaks_lmtp else "ESMTP"
        self._transport.write(f"220 {self._house.name} {kind}\r\n".encode())

    def connection_lost(self, exc: Exception | None) -> None:
        """Whatever was not finished was never here."""
        del exc
        self._sessions.discard(self)
        self._stop_waiting()

    @property
    def keeping(self) -> Future[bytes] | None:
        """The message that is being kept just now: its answer is owed."""
        return self._keeping

    def close(self) -> None:
        """End the session now, politely."""
        self._hang_up(_CLOSING)

    def data_received(self, data: bytes) -> None:
        """Take commands and contents as they come, answer them in one write."""
        self._buffer += data
        self._go_on()

    def _go_on(self) -> None:
        while self._keeping is None and not self._transport.is_closing() and self._take():
            pass
        if not self._transport.is_closing():
            self._transport.write(b"".join(self._answers))
        self._answers.clear()

    def _take(self) -> bool:
        """Take one command or content from the buffer; whether one was there."""
        if self._content is not None:
            return self._take_content(self._content)
        return self._take_command()

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
        self._answer(self._reply(line))
        return True

    def _reply(self, line: bytes) -> bytes:
        verb, _, rest = line.partition(b" ")
        command = _COMMANDS.get(verb.upper())
        self._wait(self._house.limits.patience)
        return _UNKNOWN if command is None else command(self, rest)

    def _answer(self, answer: bytes) -> None:
        limits = self._house.limits
        self._answers.append(answer)
        self._commands += 1
        self._mistakes += answer.startswith(b"5")
        if self._commands > limits.commands or self._mistakes > limits.mistakes:
            self._hang_up(_TOO_MUCH)

    def _take_content(self, content: Content) -> bool:
        if not content.take(self._buffer):
            if content.seen > self._house.limits.size + _LONGEST_COMMAND:
                self._hang_up(TOO_LARGE)
            return False
        self._content = None
        if content.size > self._house.limits.size:
            self._settle(TOO_LARGE)
            return True
        answer = self._house.keep(self._transaction.letter(content.raw))
        if isinstance(answer, bytes):
            self._settle(answer)
            return True
        self._stop_waiting()
        self._transport.pause_reading()
        self._keeping = asyncio.ensure_future(answer)
        self._keeping.add_done_callback(self._kept)
        return False

    def _kept(self, done: Future[bytes]) -> None:
        self._keeping = None
        if self._transport.is_closing():
            return
        self._settle(done.result())
        self._transport.resume_reading()
        self._go_on()

    def _settle(self, answer: bytes) -> None:
        """Answer a content: in LMTP once for each recipient (RFC 2033, section 4.2)."""
        self._answer(answer * (len(self._transaction.recipients) if self._house.speaks_lmtp else 1))
        self._forget()
        self._wait(self._house.limits.patience)

    def _wait(self, seconds: float) -> None:
        """Give the client so long for what comes next, however it trickles in."""
        self._until = self._loop.time() + seconds
        if self._timer is None or self._timer.when() > self._until:
            self._stop_waiting()
            self._timer = self._loop.call_at(self._until, self._look_at_clock)

    def _look_at_clock(self) -> None:
        # One timer a session: putting it off each time costs more than a look at the end.
        self._timer = None
        left = self._until - self._loop.time()
        if left > 0:
            self._wait(left)
        else:
            self._hang_up(_TOO_SLOW)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _hang_up(self, answer: bytes) -> None:
        if self._transport.is_closing():
            return
        self._buffer.clear()
        self._transport.write(b"".join((*self._answers, answer)))
        self._answers.clear()
        self._transport.close()

    def _is_crowded(self) -> bool:
        limits = self._house.limits
        same = sum(each.peer == self.peer for each in self._sessions) if self.peer else 0
        return len(self._sessions) >= limits.sessions or same >= limits.sessions_each

    def _forget(self) -> None:
        self._transaction = Transaction(self._house)

    def _hello(self, _: bytes) -> bytes:
        return _UNKNOWN if self._house.speaks_lmtp else self._extensions()

    def _local_hello(self, _: bytes) -> bytes:
        return self._extensions() if self._house.speaks_lmtp else _UNKNOWN

    def _extensions(self) -> bytes:
        self._forget()
        offered = ("PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES")
        lines = [f"250-{each}\r\n" for each in (self._house.name, *offered)]
        return "".join([*lines, f"250 SIZE {self._house.limits.size}\r\n"]).encode()

    def _old_hello(self, _: bytes) -> bytes:
        if self._house.speaks_lmtp:
            return _UNKNOWN
        self._forget()
        return f"250 {self._house.name}\r\n".encode()

    def _mail(self, rest: bytes) -> bytes:
        return self._transaction.mail(rest)

    def _rcpt(self, rest: bytes) -> bytes:
        return self._transaction.rcpt(rest)

    def _data(self, _: bytes) -> bytes:
        if not self._transaction.recipients:
            return WRONG_ORDER
        self._content = Content(self._house.limits.kept)
        self._wait(self._house.limits.content)
        return b"354 End with a dot on a line of its own\r\n"

    def _reset(self, _: bytes) -> bytes:
        self._forget()
        return _OK

    def _nothing(self, _: bytes) -> bytes:
        return _OK

    def _verify(self, _: bytes) -> bytes:
        return b"252 2.1.5 Send it and see\r\n"

    def _quit(self, _: bytes) -> bytes:
        self._hang_up(b"221 2.0.0 Bye\r\n")
        return b""


def _stranger(peername: object) -> str:
    """The address of a client elsewhere; empty for one on this machine."""
    host = str(peername[0]) if isinstance(peername, tuple) else ""
    try:
        return "" if ip_address(host.partition("%")[0]).is_loopback else host
    except ValueError:
        return ""


_COMMANDS: dict[bytes, Callable[[Session, bytes], bytes]] = {
    b"EHLO": Session._hello,  # noqa: SLF001 - the table of this very class
    b"HELO": Session._old_hello,  # noqa: SLF001
    b"LHLO": Session._local_hello,  # noqa: SLF001
    b"MAIL": Session._mail,  # noqa: SLF001
    b"RCPT": Session._rcpt,  # noqa: SLF001
    b"DATA": Session._data,  # noqa: SLF001
    b"RSET": Session._reset,  # noqa: SLF001
    b"NOOP": Session._nothing,  # noqa: SLF001
    b"VRFY": Session._verify,  # noqa: SLF001
    b"QUIT": Session._quit,  # noqa: SLF001
}
