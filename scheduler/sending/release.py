"""The release tick: rows whose worker was lost go again, or are in doubt."""

import random
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog

from delivery import retries, trace
from delivery.errors import InDoubtError
from models.database import Transaction
from models.queries.routing import Slice
from models.queries.sending import dispatch, leases, settling
from models.queries.sending.dispatch import Lost
from models.reasons import Failure
from models.records import DueRow, OnDoubt, Settlement, Topic, Tried
from models.states import DeliveryState
from scheduler.runtime import Runtime
from scheduler.sending.settling import count_doubts, count_moves, settle, settlement, wait

_AT_ONCE = 500

Judged = tuple[Lost, retries.Outcome]

log = structlog.get_logger()


async def release(runtime: Runtime) -> int:
    """Free all rows whose worker is lost: never begun, they go again; begun, they are in doubt."""
    released = sum([await _free(runtime, slice_) for slice_ in runtime.shards.slices])
    if released:
        log.warning("lease.expired", deliveries=released)
        runtime.queue_came.ring()
    return released


async def _free(runtime: Runtime, slice_: Slice) -> int:
    total = 0
    while (some := await _free_some(runtime, slice_)) >= _AT_ONCE:
        total += some
    return total + some


async def _free_some(runtime: Runtime, slice_: Slice) -> int:
    now = await runtime.database.tell_time()
    async with runtime.database.begin() as tx:
        lost = await tx.run(dispatch.lock_lost(_AT_ONCE, slice_, now))
        topics = await runtime.shelf.topics(runtime.database, {one.row.topic for one in lost})
        judged = [(one, _outcome(one, topics.get(one.row.topic), now)) for one in lost]
        for token in {one.token for one in lost}:
            await put_back(tx, [each for each in judged if each[0].token == token], token, now)
        await write_doubts(tx, [each for each in judged if each[0].begun_at is not None], now)
    return len(lost)


async def put_back(
    tx: Transaction, judged: Sequence[Judged], token: UUID | None, now: datetime
) -> None:
    """Schedule or settle locked rows that were under one token, or under none."""
    again = [(one.row, o) for one, o in judged if o.state is DeliveryState.SCHEDULED]
    ended = [(one.row, o) for one, o in judged if o.state is not DeliveryState.SCHEDULED]
    if again:
        waits = [wait(row, o, _traced(row, o)) for row, o in again]
        await tx.run(leases.hold(waits, token, now))
        rows = [row for row, _ in again if token is not None]
        await count_moves(tx, rows, DeliveryState.SENDING, DeliveryState.SCHEDULED, now)
    returned = [row for row, o in again if o.doubt is None]
    await settle(tx, [(row, _end(row, o)) for row, o in ended], token, now, returned)


async def write_doubts(tx: Transaction, doubts: Sequence[Judged], now: datetime) -> None:
    """Keep the attempts that nobody knows the end of: an answer may still come."""
    await tx.copy(settling.write_attempts([_attempt(*each, now) for each in doubts]))
    again = [(one.row, _end(one.row, o), o.doubt) for one, o in doubts if o.doubt]
    await count_doubts(tx, again, now)


def _attempt(lost: Lost, outcome: retries.Outcome, now: datetime) -> Tried:
    row = lost.row
    return Tried(
        row.bucket, row.day, row.delivery_id, row.attempt, None, None, DeliveryState.IN_DOUBT,
        outcome.doubt or outcome.reason, None, None, None, lost.begun_at, now,
    )  # fmt: skip


def _outcome(lost: Lost, topic: Topic | None, now: datetime) -> retries.Outcome:
    if lost.begun_at is None:
        return retries.crashed(lost.row, now, "the worker was lost before anything was sent")
    rule = OnDoubt.HOLD if topic is None else topic.doubt_rule
    error = InDoubtError(Failure.WORKER_LOST.sentence, Failure.WORKER_LOST)
    return retries.doubted(lost.row, error, now, random.random(), rule)  # noqa: S311


def _end(row: DueRow, outcome: retries.Outcome) -> Settlement:
    return settlement(row, outcome, _traced(row, outcome), row.attempt)


def _traced(row: DueRow, outcome: retries.Outcome) -> str:
    said = outcome.reason or outcome.state
    return trace.extend(row.trace, "send", (("lease", str(said), ""),))
