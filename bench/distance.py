"""A database that is farther away: every byte to and from it takes its time."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, quote, unquote, urlsplit

_CHUNK = 65536


def _socket_of(url: str) -> str:
    """The socket of a bundled server, whose URL names its folder as host."""
    (folder,) = parse_qs(urlsplit(url).query).get("host") or [unquote(urlsplit(url).hostname or "")]
    return f"{folder}/.s.PGSQL.5432"


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wait: float) -> None:
    loop = asyncio.get_running_loop()
    while data := await reader.read(_CHUNK):
        loop.call_later(wait, writer.write, data)
    loop.call_later(wait, writer.close)


async def _serve(socket: str, round_trip: float) -> asyncio.Server:
    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, there = await asyncio.open_unix_connection(socket)
        half = round_trip / 2
        await asyncio.gather(_pump(reader, there, half), _pump(back, writer, half))

    return await asyncio.start_server(forward, "127.0.0.1", 0)


@contextmanager
def farther(url: str, round_trip: float) -> Iterator[str]:
    """The URL of the same database with so many seconds added to each round trip."""
    if not round_trip:
        yield url
        return
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(_serve(_socket_of(url), round_trip))
    port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    parts = urlsplit(url)
    user = quote(parts.username or "tidings")
    try:
        yield f"postgresql://{user}@127.0.0.1:{port}{parts.path}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
