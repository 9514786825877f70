"""Answers that were heard after the lease was lost: folded in as feedback of their attempt."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import structlog

from delivery.again import again
from delivery.doubt import Late, late
from delivery.retries import Outcome
from models.database import Transaction
from models.queries.folding import doubts
from models.queries.repairing import interventions
from models.queries.repairing.interventions import moved_from
from models.queries.sending import settling
from models.records import DueRow, Requeued, Settled, Settlement, StoredEvent, Topic, Tried
from models.states import DEAD, DeliveryState
from scheduler.folding.standing import Standing, locked
from scheduler.sending.settling import count_ends, give_back, settle

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answer:
    """A definite answer to an attempt whose row is no longer ours.

    Attributes:
        row: As it was when it was ours.
        settlement: How the delivery ends if this answer is its end.
    """

    row: DueRow
    topic: Topic
    outcome: Outcome
    settlement: Settlement
    tried: Tried


async def fold(tx: Transaction, answers: Sequence[Answer], now: datetime) -> None:
    """Keep the answers, and move what they settle; each counts once, however often it comes."""
    ids = [answer.row.delivery_id for answer in answers]
    queued, settled = await locked(tx, ids)
    told = await tx.run(doubts.tell([answer.tried for answer in answers]))
    standing = Standing(queued, settled, await tx.run(doubts.count_doubts(ids)))
    by_meaning: dict[Late, list[Answer]] = defaultdict(list)
    for answer in answers:
        if answer.row.delivery_id in told:
            by_meaning[_meaning(answer, standing)].append(answer)
    for meaning, those in by_meaning.items():
        log.info("answer.late", means=meaning.value, deliveries=len(those))
    await _settle(tx, by_meaning[Late.SETTLES], standing, now)
    await _send_again(tx, by_meaning[Late.GOES_AGAIN], now)
    less = [answer.row.delivery_id for answer in by_meaning[Late.ONE_LESS]]
    if fewer := {one: standing.doubts_of(one) for one in less if one in queued}:
        await tx.run(doubts.set_doubts(fewer))


def _meaning(answer: Answer, standing: Standing) -> Late:
    delivery = answer.row.delivery_id
    state = standing.state(delivery)
    if state is None:
        return Late.NOTHING
    return late(answer.outcome.state, state, standing.doubts_of(delivery))


async def _settle(
    tx: Transaction, answers: Sequence[Answer], standing: Standing, now: datetime
) -> None:
    by_token: dict[UUID | None, list[tuple[DueRow, Settlement]]] = defaultdict(list)
    out: list[tuple[DueRow, Settlement]] = []
    for answer in answers:
        delivery = answer.row.delivery_id
        if held := standing.queued.get(delivery):
            row = replace(held.row, doubts=standing.doubts_of(delivery))
            end = replace(answer.settlement, attempts=held.row.attempt)
            by_token[held.token].append((row, end))
        else:
            attempts = standing.settled[delivery].attempts
            out.append((answer.row, replace(answer.settlement, attempts=attempts)))
    for token, ended in by_token.items():
        await settle(tx, ended, token, now)
    for statement in settling.settle([end for _, end in out], now):
        await tx.run(statement)
    # Ledgers come before deliveries elsewhere; who is in doubt has no queue row, so nobody who
    # holds a ledger waits for these.
    await give_back(tx, [row for row, end in out if end.state in DEAD])
    left = Counter(moved_from(standing.settled[row.delivery_id]) for row, _ in out if not row.test)
    await count_ends(tx, left, out, now)


async def _send_again(tx: Transaction, answers: Sequence[Answer], now: datetime) -> None:
    """Schedule anew what was not accepted, with what the worker still knows of it."""
    by_id = {answer.row.delivery_id: answer for answer in answers}

    def compose(settled: Settled, event: StoredEvent | None) -> Requeued | str:
        answer = by_id[settled.delivery_id]
        row, outcome = answer.row, answer.outcome
        known = event and replace(event, data=row.data if row.data is not None else event.data)
        made = again(settled, known, answer.topic, now, "answer")
        if isinstance(made, str):
            return made
        return replace(
            made,
            due_at=outcome.due_at or now,
            held_for=outcome.reason,
            expires_at=row.expires_at,
            tries=outcome.tries,
        )

    states = frozenset({DeliveryState.IN_DOUBT})
    came = await tx.follow(interventions.send_again(list(by_id), states, compose, now))
    await give_back(tx, [by_id[one].row for one in came.done])
