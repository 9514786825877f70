"""Opens and clicks on their way to the workers: kept in memory until the database took them.

Whoever follows a link waits for nothing of this. What cannot be written is tried again; what
does not fit any more, and what is left when the process is killed, is lost: a count, never a
message and never somebody's way.
"""

import asyncio
from contextlib import suppress
from itertools import islice

import structlog

from models.database import Database, DatabaseError
from models.queries.folding import feedback
from models.records import Feedback

ROOM = 20_000
"""Most events that wait here, 500 bytes or so each."""
_AT_ONCE = 500
_PAUSE = 0.05
"""Seconds in which events gather before they are written together."""
_AGAIN = 1.0
"""Seconds until a database is tried again that was away."""
_LAST = 5.0
"""Seconds that are left for what waits when we must stop."""

log = structlog.get_logger()


class Hits:
    """What was noticed and is not written yet; the same event twice is one."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[str, Feedback] = {}
        self._task: asyncio.Task[None] | None = None
        self.lost = 0

    def note(self, event: Feedback) -> None:
        """Take an event; it is written soon."""
        if len(self._waiting) >= ROOM:
            self.lost += 1
            return
        self._waiting.setdefault(event.event_id, event)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._write())

    async def _write(self) -> None:
        await asyncio.sleep(_PAUSE)
        while self._waiting:
            try:
                await self._write_some()
            except DatabaseError as error:
                log.warning("engagement.waits", events=len(self._waiting), error=str(error))
                await asyncio.sleep(_AGAIN)

    async def _write_some(self) -> None:
        some = list(islice(self._waiting.values(), _AT_ONCE))
        now = await self._database.tell_time()
        async with self._database.begin() as tx:
            new = await tx.run(feedback.take(some, now))
        for one in some:
            self._waiting.pop(one.event_id, None)
        log.info("engagement.taken", events=len(some), new=new)

    async def close(self) -> None:
        """Write what waits, if that can be done at once."""
        if self._task is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LAST):
                    await self._task
        if self._waiting:
            log.warning("engagement.lost", events=len(self._waiting))
