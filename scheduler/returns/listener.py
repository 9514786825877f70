"""The sockets at which the door for returned mail stands."""

import asyncio
from asyncio import Server
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from scheduler.returns.desk import Desk, Way
from scheduler.returns.door import LIMITS, Door
from scheduler.smtp.house import Limits
from scheduler.smtp.session import Session

_FAREWELL = 10.0
"""Seconds that mails get which are being kept when the door closes."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where it listens.

    Attributes:
        host: Address for SMTP.
        port: For SMTP; `None`: not at all, 0: any that is free.
        lmtp: For LMTP: a path, or `host:port`; empty: not at all.
    """

    host: str = "127.0.0.1"
    port: int | None = None
    lmtp: str = ""


class Listener:
    """Both doors on the running event loop, between `start` and `stop`."""

    def __init__(self, desk: Desk, places: Places, limits: Limits = LIMITS) -> None:
        self._desk = desk
        self._places = places
        self._limits = limits
        self._servers: list[Server] = []
        self._sessions: set[Session] = set()
        self.port = places.port

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: A port is taken or a path cannot be made.
        """
        loop = asyncio.get_running_loop()
        self._desk.measures.sessions.set_function(lambda: len(self._sessions))
        if self._places.port is not None:
            server = await loop.create_server(
                self._session(Way.SMTP), self._places.host, self._places.port
            )
            self._servers.append(server)
            self.port = server.sockets[0].getsockname()[1]
        if self._places.lmtp:
            self._servers.append(await self._listen_locally(self._places.lmtp))

    async def stop(self) -> None:
        """Stop listening, end every session; what is being kept gets a moment for it."""
        for server in self._servers:
            server.close()
        keeping = [one.keeping for one in self._sessions if one.keeping]
        if keeping:
            await asyncio.wait(keeping, timeout=_FAREWELL)
        for session in tuple(self._sessions):
            session.close()
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _session(self, way: Way) -> Callable[[], Session]:
        door = Door(self._desk, way, self._limits)
        return lambda: Session(door, self._sessions)

    async def _listen_locally(self, where: str) -> Server:
        loop = asyncio.get_running_loop()
        make = self._session(Way.LMTP)
        if "/" in where:
            server = await loop.create_unix_server(make, where)
            _open_to_group(where)
            return server
        host, _, port = where.rpartition(":")
        if not port.isdigit():
            raise OSError(f"TIDINGS_BOUNCE_LMTP is {where!r}: write a path, or host:port")
        return await loop.create_server(make, host.strip("[]") or "127.0.0.1", int(port))


def _open_to_group(path: str) -> None:
    """Let the mail server's group connect, and nobody else."""
    Path(path).chmod(0o660)
