"""How long rows stay with a worker that is gone, once anybody is there to free them."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg

from tests.chaos.postgres import Postgres
from tests.chaos.workers import Worker

_EVERY = 0.25
_OVERDUE = """
    SELECT coalesce(extract(epoch FROM clock_timestamp() - min(lease_until)), 0)
      FROM queue WHERE token IS NOT NULL
"""


@dataclass
class Overdue:
    """The longest that any row was held after its lease had ended.

    Seconds without Postgres do not count, nor those in which no worker was running.
    """

    longest: float = 0.0

    async def watch(self, postgres: Postgres, workers: Sequence[Worker]) -> None:
        while True:
            try:
                await self._look(postgres, workers)
            except psycopg.OperationalError:
                await asyncio.sleep(_EVERY)

    async def _look(self, postgres: Postgres, workers: Sequence[Worker]) -> None:
        async with await psycopg.AsyncConnection.connect(
            postgres.url, autocommit=True, connect_timeout=2
        ) as connection:
            while True:
                row = await (await connection.execute(_OVERDUE)).fetchone()
                assert row
                now = time.monotonic()
                able = now - min(worker.able_since for worker in workers)
                overdue = min(float(row[0]), able, now - postgres.back_since)
                self.longest = max(self.longest, overdue)
                await asyncio.sleep(_EVERY)
