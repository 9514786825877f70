"""The feed tick: due in-app rows are filled, gated and written to the feed, exactly once."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import structlog

from delivery.channels import in_app
from delivery.contexts import NO_LINKS
from delivery.errors import Problem, RenderingError
from delivery.gate import Decision
from delivery.limits.slots import given_back
from delivery.retries import Outcome, outcome
from models.database import DataError, Transaction
from models.queries.sending import dispatch, facts, leases, ledgers
from models.records import DueRow, FeedItem, Ledger, Profile, Settlement
from models.states import DeliveryState
from scheduler.known.shards import visit
from scheduler.runtime import Runtime
from scheduler.sending import rivals
from scheduler.sending.crashes import put_back
from scheduler.sending.filling import Filled, context_of, fill_row, gather, news_of
from scheduler.sending.gating import Gated, gate
from scheduler.sending.lanes import Turns
from scheduler.sending.settling import settle, settlement, wait
from scheduler.ticking.halving import halved

log = structlog.get_logger()

Fills = Mapping[UUID, Filled | Exception]


async def step(runtime: Runtime, turns: Turns) -> int:
    """One round, shard after shard where there are several; how many rows were decided."""
    return await visit(runtime, lambda: _step(runtime, turns))


async def _step(runtime: Runtime, turns: Turns) -> int:
    """Peek without a lock, fill, then decide and settle in one transaction."""
    await runtime.shelf.refresh(runtime.database)
    await runtime.controls.refresh(runtime.database)
    now = await runtime.database.tell_time()
    seen = await _seen(runtime, turns, now)
    fills = await _fill(runtime, seen)
    done = 0

    async def work(rows: Sequence[DueRow]) -> None:
        nonlocal done
        async with runtime.database.begin() as tx:
            locked = await tx.run(dispatch.lock_due(rows, now))
            mine = {row.delivery_id for row in locked}
            others = await rivals.read(tx, runtime, locked, now)
            waiting = [one for one in others if one.delivery_id not in mine]
            gated = await gate(tx, runtime, locked, now, waiting)
            await _settle(tx, gated, fills, now)
        done += len(locked)

    async def alone(row: DueRow, error: Exception) -> None:
        if isinstance(error, DataError):
            fills[row.delivery_id] = RenderingError([Problem(1, f"cannot be stored: {error}")])
            await work([row])
        else:
            await put_back(runtime, row, error, now)

    await halved([row for row, _ in seen], work, alone)
    turns.got(len(seen), done)
    return done


async def _seen(
    runtime: Runtime, turns: Turns, now: datetime
) -> list[tuple[DueRow, Profile | None]]:
    ask, slice_ = turns.ask(), turns.slice(runtime.shards)
    seen = await runtime.database.run(dispatch.peek_feed(ask, slice_, now))
    turns.served({row.lane for row, _ in seen})
    return seen


async def _fill(
    runtime: Runtime, seen: Sequence[tuple[DueRow, Profile | None]]
) -> dict[UUID, Filled | Exception]:
    material = await gather(runtime, [row for row, _ in seen])
    topics = runtime.shelf.catalog.topics
    fills: dict[UUID, Filled | Exception] = {}
    for row, profile in seen:
        topic = topics.get(row.topic)
        template = row.template or (None if topic is None else topic.template(row.step))
        if profile is None or topic is None or template is None:
            continue  # the gate will skip it
        try:
            context = context_of(row, profile, topic, news_of(row, material), NO_LINKS)
        except Exception as error:  # noqa: BLE001 - one row's trouble must not be the batch's
            fills[row.delivery_id] = error
        else:
            fills[row.delivery_id] = await fill_row(
                runtime, (template, row.template_version), context
            )
    return fills


async def _settle(tx: Transaction, gated: Gated, fills: Fills, now: datetime) -> None:
    """Write the feed items and end their deliveries; what was not filled stays due."""
    filled = [(decision, fills.get(decision.row.delivery_id)) for decision in gated.kept]
    written = [(decision, fill) for decision, fill in filled if isinstance(fill, Filled)]
    failed = [(decision, fill) for decision, fill in filled if isinstance(fill, Exception)]
    items = _items(written, gated.ledgers)
    ledger = _ledgers(gated, items, [decision.row for decision, _ in failed])
    if ledger:
        await tx.run(ledgers.write_ledgers(ledger))
    ended = [
        (decision.row, _sent(decision, fill, item.seq, now))
        for (decision, fill), item in zip(written, items, strict=True)
    ]
    await settle(tx, [*ended, *await _failed(tx, failed, now)], None, now)
    await tx.copy(facts.write_feed(items, now))


def _items(
    written: Sequence[tuple[Decision, Filled]], ledgers: Mapping[str, Ledger]
) -> list[FeedItem]:
    """The items in order, each at the next place of its recipient's feed."""
    newest = dict(ledgers)
    items = []
    for decision, filled in written:
        latest = newest[decision.row.recipient_id]
        number = replace(latest, seq=latest.seq + 1, change=latest.change + 1)
        newest[decision.row.recipient_id] = number
        items.append(_item(decision.row, filled, number))
    return items


def _ledgers(
    gated: Gated, items: Sequence[FeedItem], failed: Sequence[DueRow]
) -> dict[str, Ledger]:
    """The ledgers to write: the newest numbers, and no slots for what could not be filled."""
    after = gated.to_write
    for item in items:
        ledger = after.get(item.recipient_id, gated.ledgers[item.recipient_id])
        after[item.recipient_id] = replace(ledger, seq=item.seq, change=item.change)
    for row in failed:
        ledger = after.get(row.recipient_id, gated.ledgers[row.recipient_id])
        after[row.recipient_id] = given_back(ledger, {row.delivery_id})
    return after


def _item(row: DueRow, filled: Filled, number: Ledger) -> FeedItem:
    shown = in_app.item(filled.content)
    return FeedItem(
        bucket=row.bucket,
        recipient_id=row.recipient_id,
        seq=number.seq,
        change=number.change,
        delivery_id=row.delivery_id,
        topic=row.topic,
        title=shown.title,
        body=shown.body,
        url=shown.url,
        actor=row.actor,
        thread=row.thread,
    )


def _sent(decision: Decision, filled: Filled, seq: int, now: datetime) -> Settlement:
    row = decision.row
    return Settlement(
        bucket=row.bucket,
        day=row.day,
        delivery_id=row.delivery_id,
        state=DeliveryState.SENT,
        reason=None,
        detail=None,
        attempts=row.attempt,
        trace=decision.trace,
        message_id=str(seq),
        template=filled.template,
        template_version=filled.version,
        content_hash=filled.content.digest(),
        sent_at=now,
    )


async def _failed(
    tx: Transaction, failed: Sequence[tuple[Decision, Exception]], now: datetime
) -> list[tuple[DueRow, Settlement]]:
    """End what cannot be filled; what crashed is put back and comes again twice."""
    ended, again = [], []
    for decision, error in failed:
        result = outcome(decision.row, error, now, 0.0)
        if result.state is DeliveryState.SCHEDULED:
            log.error("fill.crashed", delivery=str(decision.row.delivery_id), exc_info=error)
            again.append(wait(decision.row, result, decision.trace))
        else:
            ended.append((decision.row, _given_up(decision, result)))
    if again:
        await tx.run(leases.hold(again, None, now))
    return ended


def _given_up(decision: Decision, result: Outcome) -> Settlement:
    row = decision.row
    given_up = settlement(row, result, decision.trace, row.attempt)
    return replace(given_up, template=decision.step.template)
