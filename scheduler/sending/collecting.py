"""What the gate reads and writes of digests and threads; nothing where no topic has any."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from delivery.digests.groups import needs_data
from delivery.gate import Decision
from delivery.limits.caps import may_collect
from delivery.verdicts import Collect
from models.database import Transaction
from models.queries.planning import threads
from models.queries.sending import digested, digests
from models.records import DueRow, Facts, OpenDigest, Topic
from scheduler.known.catalog import Shelf
from scheduler.known.shards import read_events
from scheduler.runtime import Runtime

Topics = Mapping[str, Topic]


async def learn(
    tx: Transaction, rows: Sequence[DueRow], shelf: Shelf, known: dict[str, Facts]
) -> dict[str, Facts]:
    """The same facts, with what is open and what was taken back for whom it matters."""
    topics = shelf.catalog.topics
    collected = {row.recipient_id for row in rows if _may_be_collected(row, shelf)}
    if collected:
        found = await tx.run(digests.collecting(collected))
        known |= {who: replace(known[who], digests=theirs) for who, theirs in found.items()}
    cancellable = {other for topic in topics.values() for other in topic.cancels}
    asked = [row for row in rows if row.thread and row.topic in cancellable]
    if asked:
        wanted = threads.cancelled(
            {r.recipient_id for r in asked}, {r.thread for r in asked if r.thread}
        )
        gone = await tx.run(wanted)
        known |= {who: replace(known[who], cancelled=theirs) for who, theirs in gone.items()}
    return known


def _may_be_collected(row: DueRow, shelf: Shelf) -> bool:
    topic = shelf.catalog.topics.get(row.topic)
    if row.digest or topic is None:
        return False
    return topic.digest_of(row.step) is not None or may_collect(shelf.rulebook.caps, row, topic)


async def with_data(
    tx: Transaction, runtime: Runtime, rows: Sequence[DueRow], topics: Topics
) -> Sequence[DueRow]:
    """The same rows, with their event's data where that was too big to travel and is grouped by."""
    wanted = {row.event_id for row in rows if row.data is None and _groups_by_data(row, topics)}
    if not wanted:
        return rows
    found = await read_events(tx, runtime.shards, wanted)
    return [
        replace(row, data=found[row.event_id].data) if row.event_id in found else row
        for row in rows
    ]


def _groups_by_data(row: DueRow, topics: Topics) -> bool:
    topic = topics.get(row.topic)
    rule = None if topic is None or row.digest else topic.digest_of(row.step)
    return rule is not None and needs_data(rule)


async def write(
    tx: Transaction, opened: Collection[OpenDigest], decisions: Sequence[Decision], now: datetime
) -> None:
    """Write digests as they stand after these decisions, and put into them what they collect."""
    if opened:
        await tx.run(digests.write(list(opened)))
    collected = [
        (decision.row, decision.verdict.into.digest_id, decision.trace)
        for decision in decisions
        if isinstance(decision.verdict, Collect)
    ]
    if collected:
        await tx.run(digested.collect(collected, now))
