"""What else is due for recipients whose caps are asked: the most important goes first."""

from collections.abc import Sequence
from datetime import datetime

from delivery.limits.caps import may_limit
from models.database import Transaction
from models.queries.sending import dispatch
from models.records import DueRow
from scheduler.runtime import Runtime


async def call(
    tx: Transaction, runtime: Runtime, rows: Sequence[DueRow], now: datetime
) -> tuple[list[DueRow], list[DueRow]]:
    """Claimed rows with the other due rows of their recipients, and those that others hold.

    In-app rows stay with the feed, which has filled them. Nothing is asked where no cap limits.
    """
    known = {row.delivery_id for row in rows}
    others = [one for one in await read(tx, runtime, rows, now) if one.delivery_id not in known]
    free = [one for one in others if one.channel != "in_app"]
    called = await tx.run(dispatch.lock_due(free, now)) if free else []
    ours = {one.delivery_id for one in called}
    return [*rows, *called], [one for one in others if one.delivery_id not in ours]


async def read(
    tx: Transaction, runtime: Runtime, rows: Sequence[DueRow], now: datetime
) -> list[DueRow]:
    """All due rows of recipients for whom a cap may be asked, without a lock."""
    book, topics = runtime.shelf.rulebook, runtime.shelf.catalog.topics
    asked = {
        row.recipient_id
        for row in rows
        if any(may_limit(cap, row, topics.get(row.topic)) for cap in book.caps)
    }
    return await tx.run(dispatch.due_of(asked, now)) if asked else []
