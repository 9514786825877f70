"""One transaction of planning: take the keys, list the doubles, write events and deliveries."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from delivery import planning
from delivery.reading import Accepted, Refusal, body_hash
from models import ids
from models.database import Transaction
from models.queries.planning import duplicates, events, intake, threads
from models.queries.sending import counts
from models.records import (
    Duplicate,
    Key,
    Move,
    NewDelivery,
    NewEvent,
    OutboxRow,
    Source,
    Tombstone,
    Topic,
)
from models.states import EventState
from scheduler.restoring.restore import doubt_planned
from scheduler.runtime import token

ROW_KEYS_LIVE = timedelta(days=35)
"""How long a replayed outbox row is recognised."""

Reading = tuple[OutboxRow, Accepted | Refusal]
Loser = tuple[OutboxRow, Key]
"""A row, and the dedup key that another row holds."""


@dataclass(frozen=True, slots=True)
class Again:
    """That rows were planned before, in a history that our database lost with a restore.

    Their events keep the ids they had, because the day is the same; what may have gone is in doubt.

    Attributes:
        at: When they were planned.
        until: When the lost history ended: nothing was sent after that.
    """

    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Intake:
    """Rows of one source, planned at one moment. Only the winner of a key writes."""

    source: Source
    now: datetime
    hidden: frozenset[str] = frozenset()
    """Sensitive topics: what their events say is kept nowhere but in the queue."""
    again: Again | None = None

    @property
    def planned_at(self) -> datetime:
        """When the rows are planned, or were the first time: their ids carry its day."""
        return self.now if self.again is None else self.again.at

    async def write(self, tx: Transaction, readings: Sequence[Reading]) -> None:
        """Plan the rows that come for the first time and whose dedup key is free."""
        fresh = await self._take_row_keys(tx, readings)
        won, lost = await self._take_dedup_keys(tx, fresh)
        await tx.copy(events.write_events([self._event(*reading) for reading in won], self.now))
        if lost:  # after the events: the original may be in this very batch
            await self._list_duplicates(tx, lost)
        planned: list[NewDelivery] = []
        for row, reading in won:
            if not isinstance(reading, Accepted):
                continue
            if self.again is None:
                planned += await self._plan(tx, row, reading)
            else:
                await self._plan_again(tx, row, reading, self.again.until)
        await write_planned(tx, planned, self.now)
        await raise_tombstones(tx, self._taken_back(won), self.now)

    def _taken_back(self, won: Sequence[Reading]) -> list[Tombstone]:
        """What these rows take back; of those that expand, their chunks say it."""
        return [
            tombstone
            for row, reading in won
            if isinstance(reading, Accepted) and (self.again or not reading.expands)
            for tombstone in planning.tombstones(row, reading.topic, reading.recipients)
        ]

    def _namespace(self, row: OutboxRow) -> UUID:
        """Under whose name keys are taken: the API key's source, else the outbox's own."""
        return row.source or self.source.source

    def _event_id(self, row: OutboxRow) -> UUID:
        return ids.event_id(self._namespace(row), row.id, ids.day_of(self.planned_at))

    def _row_key(self, row: OutboxRow) -> Key:
        """The row's own key. Its body is never compared with another's, so it has no hash."""
        return self._key(row, ids.row_key(row.id), ROW_KEYS_LIVE)

    def _dedup_key(self, row: OutboxRow, key: str, topic: Topic) -> Key:
        unhashed = self._key(row, ids.dedup_key(key), topic.dedup_window)
        return replace(unhashed, body_hash=body_hash(row))

    def _key(self, row: OutboxRow, text: str, live: timedelta) -> Key:
        source = self._namespace(row)
        return Key(
            bucket=ids.key_bucket(source, text),
            source=source,
            text=text,
            row_id=row.id,
            event_id=self._event_id(row),
            day=ids.day_of(self.planned_at),
            body_hash=b"",
            expires_at=self.now + live,
        )

    async def _take_row_keys(self, tx: Transaction, readings: Sequence[Reading]) -> list[Reading]:
        """The rows seen for the first time; the others were planned before a crash."""
        keys = [self._row_key(row) for row, _ in readings]
        taken = await tx.run(intake.take_keys(keys, self.now))
        return [
            reading
            for reading, key in zip(readings, keys, strict=True)
            if (key.source, key.text) in taken
        ]

    async def _take_dedup_keys(
        self, tx: Transaction, readings: list[Reading]
    ) -> tuple[list[Reading], list[Loser]]:
        """The rows whose dedup key was free or that take none, and those that lost theirs.

        A refused row takes none, so its key is free for the next.
        """
        claims = [
            (row, self._dedup_key(row, row.dedup_key, reading.topic))
            for row, reading in readings
            if isinstance(reading, Accepted) and row.dedup_key is not None
        ]
        if not claims:
            return readings, []
        first = {(key.source, key.text): key for _, key in reversed(claims)}
        taken = await tx.run(intake.take_keys(first.values(), self.now))
        winners = {key.row_id for name, key in first.items() if name in taken}
        losers = [(row, key) for row, key in claims if row.id not in winners]
        lost = {row.id for row, _ in losers}
        return [(row, reading) for row, reading in readings if row.id not in lost], losers

    async def _list_duplicates(self, tx: Transaction, losers: Sequence[Loser]) -> None:
        held = await tx.run(intake.holders([key for _, key in losers]))
        lost = [
            Duplicate(
                original := held[key.source, key.text],
                replace(row, data=None) if row.topic in self.hidden else row,
                key.source,
                differs=original.body_hash != key.body_hash,
            )
            for row, key in losers
        ]
        listed = await tx.run(duplicates.list_duplicates(lost, self.now))
        for statement in duplicates.count_duplicates(Counter(listed)):
            await tx.run(statement)
        await tx.run(duplicates.point_to_originals(lost))

    async def _plan_again(
        self, tx: Transaction, row: OutboxRow, accepted: Accepted, until: datetime
    ) -> None:
        """Plan all of it here and now: a worker that expands it would not know of the doubt."""
        event = planning.stored(self._event_id(row), row, accepted)
        topic = accepted.topic
        if accepted.expands and not topic.sensitive:
            event = replace(event, data=None)  # one copy, the event's, serves them all
        for chunk in planning.chunks(event.event_id, accepted.recipients):
            planned = planning.plan(event, topic, chunk.recipients, self.planned_at)
            await write_planned(tx, planned, self.now)
            await doubt_planned(tx, planned, {topic.key: topic}, until, self.now)

    def _event(self, row: OutboxRow, reading: Accepted | Refusal) -> NewEvent:
        identifier = self._event_id(row)
        bucket, day = ids.place_of(identifier)
        refused = reading if isinstance(reading, Refusal) else None
        recipients = reading.recipients if isinstance(reading, Accepted) else row.recipients or ()
        return NewEvent(
            event_id=identifier,
            bucket=bucket,
            day=day,
            source=self._namespace(row),
            row=self._kept(row, reading),
            state=_state(reading, self.again),
            priority=reading.priority if isinstance(reading, Accepted) else 0,
            recipient_count=len(recipients),
            recipients=None if _expands(reading) else tuple(map(str, recipients)),
            reason=None if refused is None else refused.reason,
            detail=None if refused is None else refused.detail,
        )

    def _kept(self, row: OutboxRow, reading: Accepted | Refusal) -> OutboxRow:
        """The row as it is kept: without its data where that is secret and not needed again."""
        needed = _expands(reading) and self.again is None
        return replace(row, data=None) if row.topic in self.hidden and not needed else row

    async def _plan(self, tx: Transaction, row: OutboxRow, accepted: Accepted) -> list[NewDelivery]:
        """The deliveries of an event; of a big one only the chunks they will be made from."""
        identifier = self._event_id(row)
        if accepted.expands:
            await tx.copy(events.write_chunks(planning.expansion(identifier, accepted), self.now))
            return []
        event = planning.stored(identifier, row, accepted)
        return planning.plan(event, accepted.topic, accepted.recipients, self.now)


def _expands(reading: Accepted | Refusal) -> bool:
    """Whether an event is planned chunk by chunk, and its recipients are kept there."""
    return isinstance(reading, Accepted) and reading.expands


def _state(reading: Accepted | Refusal, again: Again | None) -> EventState:
    if isinstance(reading, Refusal):
        return EventState.REJECTED
    at_once = again is not None or not reading.expands
    return EventState.PLANNED if at_once else EventState.EXPANDING


async def write_planned(tx: Transaction, planned: Sequence[NewDelivery], now: datetime) -> None:
    """Deliveries, their queue rows and their counts, in the caller's transaction."""
    await tx.copy(events.write_deliveries(planned, now))
    await tx.copy(events.write_queue(planned, now))
    entered = Counter(_entry(d) for d in planned if not d.test)
    await tx.copy(counts.write_moves(entered, Counter(), token(), now))


def _entry(made: NewDelivery) -> Move:
    """Where it is counted; what waits has no campaign there: that is counted when it ends."""
    move = Move(made.topic, made.channel, made.klass, made.state, made.reason or "")
    if made.reason is None:
        return move
    return replace(move, campaign=made.campaign or "", cohort=made.cohort)


async def raise_tombstones(tx: Transaction, raised: Sequence[Tombstone], now: datetime) -> None:
    """Say what was taken back, in the transaction that plans the events which do so."""
    if raised:
        await tx.run(threads.raise_tombstones(raised, now))
