"""Takes Amazon SES's events out of a queue: kept first, then deleted there.

A crash between the two, or a slow commit, brings the same messages again; they are known then.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog

from delivery import queued
from delivery.errors import BadSignatureError, UnreadableError
from delivery.ports import Secrets
from models.database import Database, DataError, UnavailableError
from models.queries.folding import feedback
from models.records import Feedback
from scheduler.sqs.credentials import NoKeysError
from scheduler.sqs.queue import Message, Queue, QueueError

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
_AT_LEAST = 1.0
"""Seconds that a look takes which finds nothing: a queue that does not wait is not hurried."""

log = structlog.get_logger()


class Poller:
    """One queue, and the database its events are kept in."""

    def __init__(self, database: Database, queue: Queue, topics: Secrets) -> None:
        self._database, self._queue, self._topics = database, queue, topics

    async def run(self, stopping: asyncio.Event) -> None:
        """Take events in until asked to stop; what is in the way is told and tried again."""
        pause = SHORTEST_PAUSE
        while not stopping.is_set():
            try:
                if not await self._take_until(stopping):
                    await _rest(stopping, _AT_LEAST)
                pause = SHORTEST_PAUSE
            except (QueueError, NoKeysError, UnavailableError) as error:
                log.warning("sqs.away", error=str(error), again_in=pause)
                await _rest(stopping, pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _take_until(self, stopping: asyncio.Event) -> int:
        """Take some, or break off when we stop: SQS is not waited for, and gives them again."""
        taking, asked = asyncio.create_task(self.take()), asyncio.create_task(stopping.wait())
        await asyncio.wait((taking, asked), return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        if taking.done():
            return taking.result()
        taking.cancel()
        await asyncio.wait((taking,))
        return 0

    async def take(self) -> int:
        """Receive some messages, keep what they tell, delete them; how many there were.

        Raises:
            QueueError: The queue is away.
            UnavailableError: The database is away: the messages come again.
        """
        messages = await self._queue.receive()
        if messages:
            now = await self._database.tell_time()
            await self._keep(messages, now)
            await self._queue.delete(messages)
        return len(messages)

    async def _keep(self, messages: Sequence[Message], now: datetime) -> None:
        """Keep what messages tell; of a batch the database refuses each alone."""
        events = [event for one in messages for event in self._read(one, now)]
        try:
            new = await self._take(events, now)
            log.info("feedback.taken", vendor="amazon_ses", via="sqs", events=len(events), new=new)
        except DataError:
            if len(messages) > 1:
                for one in messages:
                    await self._keep([one], now)
                return
            log.warning("feedback.unstorable", message=messages[0].id)

    async def _take(self, events: Sequence[Feedback], now: datetime) -> int:
        return await self._database.run(feedback.take(events, now)) if events else 0

    def _read(self, message: Message, now: datetime) -> list[Feedback]:
        try:
            return queued.read(message.body, self._topics)
        except (UnreadableError, BadSignatureError) as error:
            log.warning("feedback.unreadable", vendor="amazon_ses", via="sqs", why=str(error))
            return [queued.stray(message.id, message.body, now)]


async def _rest(stopping: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        pass
