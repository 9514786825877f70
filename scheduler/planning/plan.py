"""The plan tick: outbox rows become events and deliveries, each exactly once."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog

from delivery.reading import Refusal, read
from models.database import DataError, Transaction
from models.ids import day_of
from models.queries.planning import intake, kept
from models.query import Query
from models.reasons import Rejection
from models.records import Class, OutboxRow, Source, Topic
from scheduler.keeping.partitions import within_day
from scheduler.planning import gather
from scheduler.planning.intake import Again, Intake, Reading
from scheduler.planning.veiling import veiled
from scheduler.runtime import Runtime
from scheduler.ticking.halving import halved

log = structlog.get_logger()


Claim = Callable[[Transaction], Awaitable[list[OutboxRow]]]


async def step(runtime: Runtime) -> int:
    """Plan one batch of our own outbox; how many rows were settled."""
    return sum([await drain(runtime, source) for source in await _ours(runtime)])


async def urgent(runtime: Runtime) -> int:
    """Plan what is critical in our own outbox, while other batches are being planned."""
    return sum([await drain_urgent(runtime, source) for source in await _ours(runtime)])


async def _ours(runtime: Runtime) -> list[Source]:
    catalog = await runtime.shelf.refresh(runtime.database)
    return [source for source in catalog.sources if source.url is None]


async def drain(runtime: Runtime, source: Source) -> int:
    """One batch of one source, critical topics first, the others in turn."""
    await runtime.hurry.give_way()
    return await _drain(runtime, source, lambda theirs: _claim(runtime, source, theirs))


async def drain_urgent(runtime: Runtime, source: Source) -> int:
    """One batch of one source, of critical topics alone."""
    if not _critical(runtime):
        return 0
    return await _drain(runtime, source, lambda theirs: _claim_urgent(runtime, source, theirs))


async def _drain(runtime: Runtime, source: Source, claim: Claim) -> int:
    """Lock a batch, plan it in our database, then delete it in theirs.

    Should we stop between the two commits, the rows come again and find their keys taken.
    An empty outbox, the usual case of a look every few milliseconds, costs one statement.
    """
    database = runtime.source(source)
    if not await database.run(intake.is_waiting()):
        return 0
    async with database.begin() as theirs:
        rows = await claim(theirs)
        if rows:
            now = await settle(runtime, source, rows)
            await theirs.run(remove(source, [row.id for row in rows], now))
    if rows:
        runtime.queue_came.ring()
    return len(rows)


def remove(source: Source, ids: Sequence[UUID], now: datetime) -> Query[int]:
    """Take planned rows out of the outbox; where the source keeps them, into `outbox_done`."""
    return intake.delete_outbox(ids) if source.keep_for is None else kept.keep(ids, now)


def _topics(runtime: Runtime) -> Collection[Topic]:
    return runtime.shelf.catalog.topics.values()


def _critical(runtime: Runtime) -> list[str]:
    return [topic.key for topic in _topics(runtime) if topic.klass is Class.CRITICAL]


async def _claim_urgent(runtime: Runtime, source: Source, theirs: Transaction) -> list[OutboxRow]:
    limit, ours = runtime.settings.worker_plan_batch, source.url is None
    critical = _critical(runtime)
    if not critical:
        return []
    rows = await theirs.run(intake.claim_topics(limit, limit, critical, ours=ours))
    if rows:
        runtime.hurry.begin()
    return rows


async def _claim(runtime: Runtime, source: Source, theirs: Transaction) -> list[OutboxRow]:
    """Critical rows; else others by class and in turn; now and then, or without any, by age."""
    if urgent := await _claim_urgent(runtime, source, theirs):
        return urgent
    rounds = runtime.rounds
    topics = rounds.ask(topic for topic in _topics(runtime) if topic.klass is not Class.CRITICAL)
    limit, ours = runtime.settings.worker_plan_batch, source.url is None
    if topics and not rounds.by_age():
        share = rounds.share(limit)
        if rows := await theirs.run(intake.claim_topics(limit, share, topics, ours=ours)):
            rounds.served({row.topic for row in rows})
            return rows
    return await theirs.run(intake.claim_outbox(limit, ours=ours))


async def settle(
    runtime: Runtime, source: Source, rows: Sequence[OutboxRow], again: Again | None = None
) -> datetime:
    """Plan a batch in our database; a row that cannot be planned is rejected, alone.

    `again` says that the rows were planned before, in a history that was lost.

    Returns:
        The moment at which they were planned.
    """
    now = await runtime.database.tell_time()
    topics = await runtime.shelf.topics(runtime.database, (row.topic for row in rows))
    named = {row.audience for row in rows if row.audience is not None}
    audiences = await runtime.shelf.audiences(runtime.database, named)
    hidden = frozenset(topic.key for topic in topics.values() if topic.sensitive)

    async def write(said: Sequence[Reading]) -> None:
        readings = await veiled(runtime, source, said)

        async def once() -> None:
            async with runtime.database.begin() as tx:
                await Intake(source, now, hidden, again).write(tx, readings)

        await within_day(runtime, day_of(again.at if again else now), once)

    async def understand(rows: Sequence[OutboxRow]) -> None:
        said = [(row, read(row, topics, audiences)) for row in rows]
        # Who it went to is not known any more: those who belong now.
        await write(said if again is None else await gather.spelled_out(runtime, said))

    async def reject(row: OutboxRow, error: Exception) -> None:
        refused = _unstorable if isinstance(error, DataError) else _crashed
        await halved([refused(row, error)], write, reject_bare)

    async def reject_bare(reading: Reading, error: Exception) -> None:
        await write([_unstorable(reading[0], error)])

    await halved(rows, understand, reject)
    return now


def _crashed(row: OutboxRow, error: Exception) -> Reading:
    """A row that a bug of ours cannot plan, kept as it came: it may be sent again once mended."""
    log.error("event.crashed", outbox_id=str(row.id), exc_info=error)
    return row, Refusal(Rejection.PLANNING_CRASHED, f"{type(error).__name__}: see the log.")


def _unstorable(row: OutboxRow, error: Exception) -> Reading:
    """A row whose values cannot be kept, without the values that may be the reason."""
    bare = replace(row, data=None, recipients=None, tags=None, dedup_key=None)
    return bare, Refusal(Rejection.UNSTORABLE, str(error)[:400])
