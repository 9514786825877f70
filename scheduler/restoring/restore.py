"""Rows that may have gone out in a history that a restore took away: they are in doubt."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from delivery import retries
from delivery.errors import InDoubtError
from models.database import Transaction
from models.queries.repairing import restore
from models.queries.sending.dispatch import Lost
from models.reasons import Failure
from models.records import NewDelivery, OnDoubt, Topic
from scheduler.sending.release import Judged, put_back, write_doubts


async def doubt_planned(
    tx: Transaction,
    planned: Sequence[NewDelivery],
    topics: Mapping[str, Topic],
    until: datetime,
    now: datetime,
) -> None:
    """Doubt of deliveries that were just planned again what was due before `until`."""
    if planned:
        places = [delivery.bucket for delivery in planned]
        found = await tx.run(
            restore.lock_planned([one.delivery_id for one in planned], places, until)
        )
        await doubt(tx, found, topics, now)


async def doubt(
    tx: Transaction, unsure: Iterable[Lost], topics: Mapping[str, Topic], now: datetime
) -> None:
    """Put locked rows in doubt, each with an attempt nobody remembers; their rule applies."""
    judged = [_judged(one, topics.get(one.row.topic), now) for one in unsure]
    if not judged:
        return
    await tx.run(restore.count_attempt([one.row for one, _ in judged], now))
    for token in {one.token for one, _ in judged}:
        await put_back(tx, [each for each in judged if each[0].token == token], token, now)
    await write_doubts(tx, judged, now)


def _judged(one: Lost, topic: Topic | None, now: datetime) -> Judged:
    row = replace(one.row, attempt=one.row.attempt + 1)
    error = InDoubtError(Failure.RESTORED.sentence, Failure.RESTORED)
    rule = OnDoubt.HOLD if topic is None else topic.doubt_rule
    jitter = random.random()  # noqa: S311 - only spreads them
    return replace(one, row=row), retries.doubted(row, error, now, jitter, rule)
