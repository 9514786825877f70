"""The digest tick: what was collected is looked at once more and goes out as one message.

Everything about a digest is written in one transaction, under the ledger lock of its recipient:
stopped anywhere, it is done again; done twice, the second finds it closed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from delivery import trace
from delivery.closing import Closed, closed
from delivery.gate import Decision, close as decide, draft_of, topic_of
from delivery.roads.switches import stopped
from delivery.verdicts import HoldUntil
from models.database import Transaction
from models.ids import day_of
from models.queries.repairing import requeue
from models.queries.routing import Slice
from models.queries.sending import digested, digests, settling
from models.reasons import Hold
from models.records import Facts, Member, OpenDigest, Settlement, Topic
from models.states import DeliveryState
from scheduler.keeping.partitions import within_day
from scheduler.planning.intake import write_planned
from scheduler.runtime import Runtime
from scheduler.sending.gating import ending, known_of, lock_recipients
from scheduler.sending.settling import count_ends, count_moves, give_back, moves, wake_followers
from scheduler.sending.unclosed import crashed
from scheduler.ticking.halving import halved

_AT_ONCE = 100


async def close(runtime: Runtime) -> int:
    """Close all digests that are due; how many."""
    did = sum([await _close_all(runtime, slice_) for slice_ in runtime.shards.slices])
    if did:
        runtime.queue_came.ring()
    return did


async def _close_all(runtime: Runtime, slice_: Slice) -> int:
    total = 0
    while some := await _close_some(runtime, slice_):
        total += some
    return total


async def _close_some(runtime: Runtime, slice_: Slice) -> int:
    """Close a few; those whose recipients somebody else decides for come next time."""
    now = await runtime.database.tell_time()
    due = await runtime.database.run(digests.due(slice_, now, _AT_ONCE))
    if not due:
        return 0
    await runtime.shelf.refresh(runtime.database)
    await runtime.controls.refresh(runtime.database)
    did = 0

    async def work(some: Sequence[OpenDigest]) -> None:
        async def once() -> None:
            nonlocal did
            async with runtime.database.begin() as tx:
                done = await _close(tx, runtime, some, now)
            did += done

        await within_day(runtime, day_of(now), once)

    async def alone(digest: OpenDigest, error: Exception) -> None:
        await crashed(runtime, digest, error, now)

    await halved(due, work, alone)
    return did


async def _close(
    tx: Transaction, runtime: Runtime, seen: Sequence[OpenDigest], now: datetime
) -> int:
    """One transaction: lock, decide about all that they hold, write."""
    profiles, locked = await lock_recipients(tx, seen)
    free = [d for d in seen if d.recipient_id in locked or d.recipient_id not in profiles]
    due = await tx.run(digests.lock_due(free, now)) if free else []
    if not due:
        return 0
    held = await tx.run(digested.members([digest.digest_id for digest in due]))
    rows = [member.row for member in held]
    topics = await runtime.shelf.topics(runtime.database, {digest.topic for digest in due})
    known = await known_of(tx, runtime.shelf, rows, profiles, locked)
    decided = _decide(runtime, held, topics, known, now)
    await _write(tx, [closed(d, decided, topics.get(d.topic), now) for d in due], now)
    return len(due)


def _decide(
    runtime: Runtime,
    held: Sequence[Member],
    topics: Mapping[str, Topic],
    known: Mapping[str, Facts],
    now: datetime,
) -> list[tuple[Member, Decision]]:
    """What becomes of each member: kept ones go into the message."""
    until = stopped([member.row for member in held], runtime.controls.stops, now)
    decided = []
    for member in held:
        row = member.row
        draft = draft_of(row, topic_of(row, topics), runtime.rules_for(row.channel))
        decision = decide(row, draft, known[row.recipient_id], now)
        if row.delivery_id in until:
            decision = _switched_off(decision, until[row.delivery_id])
        decided.append((member, decision))
    return decided


def _switched_off(decision: Decision, until: datetime) -> Decision:
    check = ("switches", f"hold:{Hold.KILL_SWITCH}", until.isoformat())
    told = trace.extend(decision.row.trace, "close", (check,))
    return replace(decision, verdict=HoldUntil(until, Hold.KILL_SWITCH), trace=told)


async def _write(tx: Transaction, done: Sequence[Closed], now: datetime) -> None:
    """The queue first, then the history, then the digests: the order in which all lock."""
    back = [row for one in done for row in one.back]
    held = [decision.row for one in done for decision in one.held]
    against = [decision for one in done for decision in one.against]
    await give_back(tx, [decision.row for decision in against])  # others may say it
    ends = [(decision.row, ending(decision)) for decision in against]
    ends += [(decision.row, _digested(decision)) for one in done for decision in one.digested]
    await write_planned(tx, [one.message for one in done if one.message], now)
    if back:
        await tx.run(requeue.insert(back, now))
        for statement in requeue.reopen(back):
            await tx.run(statement)
        await count_moves(tx, held, DeliveryState.COLLECTED, DeliveryState.SCHEDULED, now)
    for statement in settling.settle([settlement for _, settlement in ends], now):
        await tx.run(statement)
    await wake_followers(tx, ends, now)
    left = moves((row for row, _ in ends), DeliveryState.COLLECTED)
    await count_ends(tx, left, ends, now)
    if out := [*held, *(decision.row for decision in against)]:
        await tx.run(digested.release(out))
    await tx.run(digests.close([one.end for one in done], now))


def _digested(decision: Decision) -> Settlement:
    row = decision.row
    return Settlement(
        bucket=row.bucket,
        day=row.day,
        delivery_id=row.delivery_id,
        state=DeliveryState.DIGESTED,
        reason=None,
        detail=None,
        attempts=row.attempt,
        trace=decision.trace,
    )
