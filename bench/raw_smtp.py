"""A bare SMTP client loop: the same message over and over, pipelined, and nothing else.

The denominator where Postfix's `smtp-source` is missing: no queue, no templates, no records.
"""

import asyncio
from collections.abc import Iterator

_COMMANDS = b"MAIL FROM:<b@bounces.example>\r\nRCPT TO:<anna@example.org>\r\nDATA\r\n"


async def send(port: int, message: bytes, messages: int, sessions: int) -> None:
    """Send so many messages to a server on this machine over so many connections.

    Args:
        port: Of the server.
        message: Dot-stuffed, ending in CRLF.
        messages: How many in all.
        sessions: Connections at once.
    """
    tickets = iter(range(messages))
    await asyncio.gather(*(_session(port, message, tickets) for _ in range(sessions)))


async def _session(port: int, message: bytes, tickets: Iterator[int]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await _answer(reader)
    writer.write(b"EHLO bench\r\n")
    await _answer(reader)
    ahead = next(tickets, None) is not None
    writer.write(_COMMANDS if ahead else b"")
    while ahead:
        for _ in range(3):
            await _answer(reader)
        # The next message's commands go out with this one's end: one round trip a message.
        ahead = next(tickets, None) is not None
        writer.write(b"".join([message, b".\r\n", _COMMANDS if ahead else b""]))
        await _answer(reader)
    writer.close()
    await writer.wait_closed()


async def _answer(reader: asyncio.StreamReader) -> None:
    """Read one reply, which must be a good one."""
    line = b"250-"
    while line[3:4] == b"-":
        line = await reader.readline()
    if line[:1] not in {b"2", b"3"}:
        raise ConnectionError(line.decode())
