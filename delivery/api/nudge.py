"""Waking the planners after rows came in: a hint, coalesced to at most 100 a second."""

import asyncio
from contextlib import suppress

import structlog

from models.database import Database, DatabaseError
from models.queries.planning.emit import WAKE

_PAUSE = 0.01
"""Seconds between two notifications."""

log = structlog.get_logger()


class Nudge:
    """Rung after each commit; notifies in transactions of its own, off the request's way."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._rung = False
        self._task: asyncio.Task[None] | None = None

    def ring(self) -> None:
        """Say that rows wait."""
        self._rung = True
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._notify())

    async def _notify(self) -> None:
        while self._rung:
            self._rung = False
            try:
                async with self._database.autocommit() as tx:
                    await tx.run(WAKE)
            except DatabaseError as error:
                # Planners poll: without the hint they come a little later.
                log.info("nudge lost", error=str(error))
            await asyncio.sleep(_PAUSE)

    async def close(self) -> None:
        """Stop notifying."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
