"""An SMTP server that takes everything and keeps nothing; says when each message came.

    python -m bench.sink PORT

Stands in for Postfix's `smtp-sink` where that is missing. In latency runs it is the other end
of the stopwatch: it hands over the moment of every message's final dot.
"""

import asyncio
import sys
import time
from collections.abc import Callable

_EHLO = b"250-sink\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n"

Arrived = Callable[[bytes, float], None]
"""Called with a message and the wall clock at its final dot."""


def _forget(_message: bytes, _at: float) -> None:
    pass


class Sink(asyncio.Protocol):
    """One session; commands may be pipelined (RFC 2920)."""

    def __init__(self, arrived: Arrived = _forget) -> None:
        self._arrived = arrived
        self._waiting = bytearray()
        self._in_message = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        answers = bytearray()
        while (answer := self._message() if self._in_message else self._command()) is not None:
            answers += answer
        if answers:
            self._transport.write(bytes(answers))

    def _command(self) -> bytes | None:
        end = self._waiting.find(b"\r\n")
        if end < 0:
            return None
        verb = bytes(self._waiting[:4]).upper()
        del self._waiting[: end + 2]
        self._in_message = verb == b"DATA"
        if verb == b"QUIT":
            self._transport.close()
        return {b"EHLO": _EHLO, b"DATA": b"354 go ahead\r\n"}.get(verb, b"250 ok\r\n")

    def _message(self) -> bytes | None:
        end = self._waiting.find(b"\r\n.\r\n")
        if end < 0:
            return None
        self._arrived(bytes(self._waiting[:end]), time.time())
        del self._waiting[: end + 5]
        self._in_message = False
        return b"250 taken\r\n"


async def serve(port: int, arrived: Arrived = _forget) -> asyncio.Server:
    """Listen on a port of this machine; 0 chooses one."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Sink(arrived), "127.0.0.1", port)


async def _main(port: int) -> None:
    await (await serve(port)).serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
