"""The feed tick: due in-app rows are filled, gated and written to the feed, exactly once."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from delivery.errors import RenderingError
from delivery.gate import Decision
from models.database import Transaction
from models.queries import dispatch, facts
from models.queries.facts import Numbers
from models.queries.routing import EVERYWHERE
from models.reasons import Failure
from models.records import DueRow, FeedItem, Profile, Settlement
from models.states import DeliveryState
from scheduler.filling import Filled, context_of, data_of, event_data, fill_row
from scheduler.gating import Gated, gate
from scheduler.lanes import Turns
from scheduler.runtime import Runtime
from scheduler.settling import settle

Fills = Mapping[UUID, Filled | RenderingError]


async def step(runtime: Runtime, turns: Turns) -> int:
    """One round: peek without a lock, fill, then decide and settle in one transaction."""
    await runtime.shelf.refresh(runtime.database)
    now = await runtime.database.tell_time()
    async with runtime.database.begin() as tx:
        seen = await tx.run(dispatch.peek_feed(turns.ask(), EVERYWHERE, now))
    turns.served({row.lane for row, _ in seen})
    if not seen:
        return 0
    fills = await _fill(runtime, seen)
    async with runtime.database.begin() as tx:
        rows = await tx.run(dispatch.lock_due([row for row, _ in seen], now))
        gated = await gate(tx, runtime, rows, now)
        await _settle(tx, gated, fills, now)
    return len(rows)


async def _fill(runtime: Runtime, seen: list[tuple[DueRow, Profile | None]]) -> Fills:
    bigger = await event_data(runtime, [row for row, _ in seen])
    topics, fills = runtime.shelf.catalog.topics, {}
    for row, profile in seen:
        topic = topics.get(row.topic)
        template = None if topic is None else topic.template(row.step)
        if profile is None or topic is None or template is None:
            continue  # the gate will skip it
        context = context_of(row, profile, topic, data_of(row, bigger), None)
        fills[row.delivery_id] = await fill_row(runtime, template, context)
    return fills


async def _settle(tx: Transaction, gated: Gated, fills: Fills, now: datetime) -> None:
    """Write the feed items and end their deliveries; what was not filled stays due."""
    items: list[FeedItem] = []
    ended: list[tuple[DueRow, Settlement]] = []
    numbers = dict(gated.numbers)
    for decision in gated.kept:
        filled = fills.get(decision.row.delivery_id)
        if isinstance(filled, RenderingError):
            ended.append((decision.row, _failed(decision, filled)))
        elif filled is not None:
            latest = numbers[decision.row.recipient_id]
            number = Numbers(latest.seq + 1, latest.change + 1)
            numbers[decision.row.recipient_id] = number
            items.append(_item(decision.row, filled, number))
            ended.append((decision.row, _sent(decision, filled, now)))
    if items:
        changed = {item.recipient_id for item in items}
        await tx.run(facts.write_numbers({who: numbers[who] for who in changed}))
    await settle(tx, ended, None, now)
    await tx.copy(facts.write_feed(items, now))


def _item(row: DueRow, filled: Filled, number: Numbers) -> FeedItem:
    return FeedItem(
        bucket=row.bucket,
        recipient_id=row.recipient_id,
        seq=number.seq,
        change=number.change,
        delivery_id=row.delivery_id,
        topic=row.topic,
        title=filled.content.subject,
        body=filled.content.text,
        url=filled.content.url,
        actor=row.actor,
        thread=row.thread,
    )


def _sent(decision: Decision, filled: Filled, now: datetime) -> Settlement:
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
        template=filled.template,
        template_version=filled.version,
        content_hash=filled.content.digest(),
        sent_at=now,
    )


def _failed(decision: Decision, error: RenderingError) -> Settlement:
    row = decision.row
    return Settlement(
        bucket=row.bucket,
        day=row.day,
        delivery_id=row.delivery_id,
        state=DeliveryState.FAILED,
        reason=Failure.RENDERING,
        detail=str(error),
        attempts=row.attempt,
        trace=decision.trace,
        template=decision.step.template,
    )
