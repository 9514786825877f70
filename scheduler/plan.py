"""The plan tick: outbox rows become events and deliveries, each exactly once."""

from collections.abc import Sequence
from dataclasses import replace

from delivery.reading import Refusal, read
from models.database import DataError, Transaction
from models.ids import day_of
from models.queries import intake
from models.reasons import Rejection
from models.records import Class, OutboxRow, Source
from scheduler.intake import Intake, Reading
from scheduler.partitions import ensure_day
from scheduler.runtime import Runtime


async def step(runtime: Runtime) -> int:
    """Plan one batch of every source; how many rows were settled."""
    catalog = await runtime.shelf.refresh(runtime.database)
    done = 0
    for source in catalog.sources:
        done += await _drain(runtime, source)
    return done


async def _drain(runtime: Runtime, source: Source) -> int:
    """One batch of one source: lock, plan in our database, then delete in theirs.

    Should we stop between the two commits, the rows come again and find their keys taken.
    """
    async with runtime.source(source).begin() as theirs:
        rows = await _claim(runtime, source, theirs)
        if rows:
            await _settle(runtime, source, rows)
            await theirs.run(intake.delete_outbox([row.id for row in rows]))
    if rows:
        runtime.queue_came.set()
    return len(rows)


async def _claim(runtime: Runtime, source: Source, theirs: Transaction) -> list[OutboxRow]:
    topics = runtime.shelf.catalog.topics.values()
    critical = [topic.key for topic in topics if topic.klass is Class.CRITICAL]
    limit, ours = runtime.settings.worker_plan_batch, source.url is None
    if critical:
        urgent = await theirs.run(intake.claim_outbox(limit, ours=ours, topics=critical))
        if urgent:
            return urgent
    return await theirs.run(intake.claim_outbox(limit, ours=ours, topics=None))


async def _settle(runtime: Runtime, source: Source, rows: Sequence[OutboxRow]) -> None:
    """Plan a batch; values the database refuses are halved down to the row they are in."""
    now = await runtime.database.tell_time()
    await ensure_day(runtime, day_of(now))
    topics = runtime.shelf.catalog.topics
    try:
        await _write(runtime, Intake(source, now), [(row, read(row, topics)) for row in rows])
    except DataError as error:
        if len(rows) == 1:
            await _write(runtime, Intake(source, now), [_unstorable(rows[0], error)])
            return
        middle = len(rows) // 2
        await _settle(runtime, source, rows[:middle])
        await _settle(runtime, source, rows[middle:])


async def _write(runtime: Runtime, intake_: Intake, readings: Sequence[Reading]) -> None:
    async with runtime.database.begin() as tx:
        await intake_.write(tx, readings)


def _unstorable(row: OutboxRow, error: DataError) -> Reading:
    """A row whose values cannot be kept, without the values that may be the reason."""
    kept = replace(row, data=None, recipients=None, tags=None, dedup_key=None)
    return kept, Refusal(Rejection.UNSTORABLE, str(error)[:400])
