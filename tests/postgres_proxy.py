"""A Postgres server in between: sees every statement, and refuses, loses or cuts what a test says.

It speaks as much of the protocol (version 3) as that takes: startup, simple and extended queries,
COPY. A judge is asked twice about each statement: before the server gets it, and before the client
gets its answer; once more when somebody connects.
"""

import asyncio
from asyncio import StreamReader, StreamWriter
from collections import deque
from collections.abc import Awaitable, Iterator
from pathlib import Path
from struct import pack, unpack_from
from typing import Self

from psycopg.conninfo import conninfo_to_dict

from tests.postgres_judges import Cut, Judge, Moment, Refuse, Seen, Verdict, leave_alone

_ENCRYPTION = {80877103, 80877104}
"""Requests for TLS and GSSAPI: both are declined."""
_HEAD = 8


def _complaint(code: str, severity: str) -> bytes:
    fields = (f"S{severity}", f"V{severity}", f"C{code}", f"Mrefused with {code} by a test")
    body = b"".join(field.encode() + b"\0" for field in fields) + b"\0"
    return b"E" + pack("!I", len(body) + 4) + body


def _query(text: str) -> bytes:
    body = text.encode() + b"\0"
    return b"Q" + pack("!I", len(body) + 4) + body


class _Messages:
    """Cuts a stream into protocol messages."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._rest += data
        start = 0
        while len(self._rest) - start >= 5:
            end = start + 1 + unpack_from("!I", self._rest, start + 1)[0]
            if end > len(self._rest):
                break
            yield bytes(self._rest[start:end])
            start = end
        del self._rest[:start]


class _Session:
    """One client's connection and the one to the server that belongs to it."""

    def __init__(self, proxy: "Proxy", client: StreamWriter, server: StreamWriter) -> None:
        self._proxy = proxy
        self._client, self._server = client, server
        self._names: dict[bytes, str] = {}
        self._asked: deque[tuple[str, Verdict]] = deque([("", None)])  # the startup's answer
        self._transaction: tuple[str, ...] = ()
        self._part = b""  # of an extended query, until its Sync
        self._text = ""

    def cut(self) -> None:
        self._client.transport.abort()
        self._server.transport.abort()

    async def from_client(self, message: bytes) -> None:
        kind = message[:1]
        if kind == b"Q":
            self._text = message[5:-1].decode()
        elif kind == b"P":
            name, text, _ = message[5:].split(b"\0", 2)
            self._text = self._names[name] = text.decode()
        elif kind == b"B":
            self._text = self._names[message[5:].split(b"\0", 2)[1]]
        if kind in b"dcfXp":
            self._server.write(message)
            return
        self._part += message
        if kind in b"QS":
            await self._ask()

    async def _ask(self) -> None:
        message, self._part = self._part, b""
        verdict = await self._proxy.judge(Seen(Moment.ASKED, self._text, self._transaction))
        if isinstance(verdict, Cut):
            self.cut()
            return
        if isinstance(verdict, Refuse):
            # The server's transaction is to be as broken as the client believes.
            ends = self._text == "COMMIT"
            message = _query("ROLLBACK" if ends else "SELECT refused_by_a_test")
        self._asked.append((self._text, verdict))
        self._server.write(message)

    async def from_server(self, message: bytes) -> bytes:
        """What the client gets of it."""
        text, verdict = self._asked[0] if self._asked else ("", None)
        if message[:1] != b"Z":
            return b"" if isinstance(verdict, Refuse) else message
        self._asked.popleft()
        if isinstance(verdict, Refuse):
            return _complaint(verdict.code, "ERROR") + message
        if text:
            over = message[5:] == b"I"
            seen = Seen(Moment.ANSWERED, text, self._transaction, over=over)
            if isinstance(await self._proxy.judge(seen), Cut):
                raise ConnectionResetError
            self._transaction = () if over else (*self._transaction, text)
        return message


class Proxy:
    """Listens where clients believe the server is; `judge` may be changed at any time."""

    def __init__(self, url: str) -> None:
        self._to = conninfo_to_dict(url)
        self.judge: Judge = leave_alone
        self.port = 0
        self._server: asyncio.Server | None = None
        self._sessions: set[_Session] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where clients connect to."""
        user, name = self._to.get("user", "postgres"), self._to.get("dbname", "postgres")
        return f"postgresql://{user}@127.0.0.1:{self.port}/{name}"

    @property
    def busy(self) -> bool:
        """Whether anybody is connected."""
        return bool(self._sessions)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def open(self) -> None:
        """Listen, at the same place as before."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Refuse connections, and cut those that are there."""
        if self._server is not None:
            self._server.close()
        self.cut()

    def cut(self) -> None:
        """Drop every connection."""
        for session in list(self._sessions):
            session.cut()

    async def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.transport.abort()
            self._tasks.discard(task)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        startup = await _startup(reader, writer)
        verdict = await self.judge(Seen(Moment.CONNECTING))
        if isinstance(verdict, Refuse):
            writer.write(_complaint(verdict.code, "FATAL"))
            await writer.drain()
        if verdict is not None:
            return
        answers, server = await self._connect()
        server.write(startup)
        session = _Session(self, writer, server)
        self._sessions.add(session)
        try:
            await _first(_upwards(session, reader), _downwards(session, answers, writer))
        finally:
            session.cut()
            self._sessions.discard(session)

    async def _connect(self) -> tuple[StreamReader, StreamWriter]:
        host, port = str(self._to.get("host", "127.0.0.1")), self._to.get("port", 5432)
        if host.startswith("/"):
            return await asyncio.open_unix_connection(Path(host) / f".s.PGSQL.{port}")
        return await asyncio.open_connection(host, int(port or 5432))


async def _startup(reader: StreamReader, writer: StreamWriter) -> bytes:
    while True:
        head = await reader.readexactly(_HEAD)
        length, code = unpack_from("!II", head)
        rest = await reader.readexactly(length - len(head))
        if code not in _ENCRYPTION:
            return head + rest
        writer.write(b"N")


async def _first(*works: Awaitable[None]) -> None:
    """Both directions, until one of them ends."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _upwards(session: _Session, reader: StreamReader) -> None:
    messages = _Messages()
    while data := await reader.read(65536):
        for message in messages.feed(data):
            await session.from_client(message)
        await session._server.drain()


async def _downwards(session: _Session, reader: StreamReader, writer: StreamWriter) -> None:
    messages, told = _Messages(), b""
    while data := await reader.read(65536):
        last = b""
        for message in messages.feed(data):
            told += await session.from_server(message)
            last = message[:1]
        if last != b"C":  # "done" is told together with "ready", or not at all
            writer.write(told)
            told = b""
            await writer.drain()
