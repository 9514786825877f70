"""The bundled Postgres of one run: its databases, and whoever kills it."""

import asyncio
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import psycopg

from models.embedded import Server, ensure_running
from models.queries.planning.producers import outbox_ddl
from scheduler.commands.migrate import upgrade

_UP_WITHIN = 60.0
_RELAY = "relay"


@dataclass
class Postgres:
    """A server that dies now and then; `back_since` says since when it answers."""

    server: Server
    outages: list[float] = field(default_factory=list)
    back_since: float = 0.0

    @property
    def url(self) -> str:
        """Our own database."""
        return self.server.url

    @property
    def shop_url(self) -> str:
        """The database of a producer who has an outbox of her own."""
        return urlsplit(self.url)._replace(path="/shop").geturl()

    @property
    def relay_url(self) -> str:
        """The same for the role that drains it."""
        parts = urlsplit(self.shop_url)
        return parts._replace(netloc=f"{_RELAY}@").geturl()

    async def die(self, dice: Random, between: tuple[float, float], calm: asyncio.Event) -> None:
        """Kill it at random until it is calm."""
        while True:
            try:
                async with asyncio.timeout(dice.uniform(*between)):
                    await calm.wait()
            except TimeoutError:
                await self._kill()
            else:
                return

    async def _kill(self) -> None:
        pid = int((self.server.home.data / "postmaster.pid").read_text().split()[0])
        died = time.monotonic()
        self.back_since = float("inf")
        os.kill(pid, signal.SIGKILL)
        await self.answers()
        self.outages.append(time.monotonic() - died)

    async def answers(self) -> None:
        """Wait until it does."""
        end = time.monotonic() + _UP_WITHIN
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(self.url, connect_timeout=2)
            except psycopg.OperationalError:
                assert time.monotonic() < end, f"Postgres is not back: see {self.server.home.log}"
                await asyncio.sleep(0.05)
            else:
                await connection.close()
                self.back_since = time.monotonic()
                return


def standing(folder: Path) -> Postgres:
    """A server with our tables and a producer's database."""
    postgres = Postgres(ensure_running(folder))
    upgrade(postgres.url)
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE shop TEMPLATE template0")
        connection.execute(f"CREATE ROLE {_RELAY} LOGIN".encode())
    with psycopg.connect(postgres.shop_url, autocommit=True) as connection:
        connection.execute(outbox_ddl(_RELAY).encode())
    return postgres
