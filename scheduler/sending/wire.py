"""A claimed batch on its way out: fill, compose, begin, send, judge, record.

Nothing here holds a transaction while it waits for a network.
"""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from uuid import UUID

import structlog

from delivery.engagement.tracking import Noticed, noticed, tracked
from delivery.envelopes import envelope
from delivery.errors import (
    AccountError,
    ComposingError,
    DeliveryError,
    InDoubtError,
    UnavailableError as UnavailableAccount,
)
from delivery.gate import Decision
from delivery.messages import Receipt
from delivery.rendering.dkim import signed
from delivery.retries import Outcome, held, outcome
from models.database import DatabaseError, UnavailableError
from models.queries.sending import leases
from models.reasons import Failure, Hold
from models.records import BreakerState, DueRow
from scheduler.runtime import Runtime
from scheduler.sending.allotting import allot
from scheduler.sending.dressing import dressed
from scheduler.sending.filling import Material, context_of, fill_row, gather, news_of
from scheduler.sending.handing import hand_over
from scheduler.sending.lease import BatchLease
from scheduler.sending.letters import Letter
from scheduler.sending.recording import Attempted, Recorder, Sent
from scheduler.ticking.insistence import insist

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows claimed together under one token; `urgent` when all of them are critical."""

    token: UUID
    decisions: Sequence[Decision]
    lease: BatchLease
    urgent: bool = False


async def carry(runtime: Runtime, batch: Batch) -> None:
    """Take a batch all the way; whatever is left when we must stop is given back."""
    renewing = asyncio.create_task(_renew(runtime, batch))
    recorder = Recorder(runtime, batch.token)
    try:
        await _carry(runtime, batch, recorder)
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError):
            await renewing


async def _carry(runtime: Runtime, batch: Batch, recorder: Recorder) -> None:
    material = await insist(
        runtime.outage, partial(_prepare, runtime, batch), while_=batch.lease.holds
    )
    if not batch.urgent:
        await runtime.hurry.give_way()
    reserve = runtime.reserve()
    spared = 0 if batch.urgent else reserve
    rest = runtime.settings.worker_concurrency - reserve
    size = max(1, reserve if batch.urgent else rest // 2)
    sending: set[asyncio.Task[None]] = set()
    try:
        for start in range(0, len(batch.decisions), size):
            part = replace(batch, decisions=batch.decisions[start : start + size])
            if runtime.stopping.is_set():
                await recorder.give_back(batch.decisions[start:])
                break
            letters = await _write_letters(runtime, part, material, recorder)
            await runtime.room(len(letters), spared)
            letters = await _let_go(runtime, batch, letters, recorder)
            for letter in await _begin(runtime, batch, letters):
                task = asyncio.create_task(_send(runtime, letter, batch.lease, recorder))
                sending.add(task)
                task.add_done_callback(sending.discard)
    finally:  # also when the database was away until the lease ended: these have their answers
        while sending:
            await asyncio.wait(sending)
        await recorder.finish()


async def _prepare(runtime: Runtime, batch: Batch) -> Material:
    """What is needed to write the letters: what rows do not carry, and the keys that sign."""
    await runtime.signatory.refresh(runtime.database)
    return await gather(runtime, [decision.row for decision in batch.decisions])


async def _write_letters(
    runtime: Runtime, part: Batch, material: Material, recorder: Recorder
) -> list[Letter]:
    """Fill and compose; what cannot be is recorded at once."""
    letters = []
    for decision in part.decisions:
        made = await _tried(runtime, decision, material, part.lease)
        if isinstance(made, Letter):
            letters.append(made)
        else:
            _judge(runtime, recorder, decision, made)
    await asyncio.sleep(0)  # filling is CPU: let the answers of earlier messages in
    return letters


async def _tried(
    runtime: Runtime, decision: Decision, material: Material, lease: BatchLease
) -> Letter | Exception:
    """One row's message, or why there is none: one row's trouble must not be the batch's."""
    try:
        return await insist(
            runtime.outage, lambda: _letter(runtime, decision, material), while_=lease.holds
        )
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - a bug of ours, counted as a crash
        return error


async def _letter(runtime: Runtime, decision: Decision, material: Material) -> Letter | Exception:
    row, topic, profile = decision.row, decision.topic, decision.facts.profile
    account = runtime.account(row.channel)
    channel = runtime.channels.get(row.channel)
    template, address = decision.step.template, decision.address
    if account is None or channel is None or account.provider not in runtime.providers:
        return AccountError(f"no enabled account of a known provider carries {row.channel}")
    if profile is None or template is None or address is None:
        return ComposingError("the gate kept a delivery without recipient, words or address")
    now = runtime.database.clock.now()
    cover = envelope(runtime.letterhead, row, topic, profile, now)
    context = context_of(row, profile, topic, news_of(row, material), cover.links)
    usual = Noticed(runtime.delivery.track_opens, runtime.delivery.track_clicks)
    what = noticed(topic, row.channel, usual)
    filled = await fill_row(runtime, (template, row.template_version), context, mark=bool(what))
    if isinstance(filled, Exception):
        return filled
    cover = await dressed(runtime, cover, decision, filled.context)
    content = filled.content
    if what:
        content = tracked(content, what, runtime.letterhead, row.delivery_id)
    message = channel.compose(content, address, cover)
    if runtime.signatory.keys and row.channel == "email":
        message = signed(message, runtime.signatory.keys)
    return Letter(decision, filled, message, cover.message_id, account)


async def _let_go(
    runtime: Runtime, batch: Batch, letters: Sequence[Letter], recorder: Recorder
) -> list[Letter]:
    """The letters that go now, each with its account; the others are put back, which is no try."""
    going = 0
    try:
        allotment = await insist(
            runtime.outage, lambda: allot(runtime, letters), while_=batch.lease.holds
        )
        going = len(allotment.going)
    finally:
        runtime.leave(len(letters) - going)
    now = runtime.database.clock.now()
    for letter, waits in allotment.waiting:
        recorder.add(Attempted(letter.decision, waits, now, None))
    return allotment.going


async def _begin(runtime: Runtime, batch: Batch, letters: Sequence[Letter]) -> list[Letter]:
    """Mark the rows whose bytes leave next; those that are no longer ours are not sent."""
    rows = [letter.decision.row for letter in letters]

    async def mark() -> set[UUID]:
        now = await runtime.database.tell_time()
        return await runtime.database.run(leases.begin(rows, batch.token, now))

    ours: set[UUID] = set()
    try:
        if rows:
            ours = await insist(runtime.outage, mark, while_=batch.lease.holds)
    finally:
        runtime.leave(len(letters) - len(ours))
    return [letter for letter in letters if letter.decision.row.delivery_id in ours]


async def _send(runtime: Runtime, letter: Letter, lease: BatchLease, recorder: Recorder) -> None:
    try:
        end, sent = await hand_over(runtime, letter, lease)
    finally:
        runtime.leave()
    _judge(runtime, recorder, letter.decision, end, sent)


def _judge(
    runtime: Runtime,
    recorder: Recorder,
    decision: Decision,
    end: Receipt | Exception,
    sent: Sent | None = None,
) -> None:
    """Hand what came of a row to the recorder."""
    now = runtime.database.clock.now()
    if not isinstance(end, (Receipt, DeliveryError)):
        log.error("delivery.crashed", delivery=str(decision.row.delivery_id), exc_info=end)
        if sent is not None:  # it failed at some point of the way, before or after the dot
            end = InDoubtError(f"{type(end).__name__} in our own code", Failure.CRASHED)
    # Full jitter needs no secret randomness.
    jitter = random.random()  # noqa: S311
    result = outcome(decision.row, end, now, jitter, decision.topic.doubt_rule)
    if sent is not None and isinstance(end, UnavailableAccount | AccountError):
        result = _rest(runtime, result, decision.row, sent.account.key)
    recorder.add(Attempted(decision, result, now, sent))


def _rest(runtime: Runtime, result: Outcome, row: DueRow, account: str) -> Outcome:
    """An account that is no good is no fault of the message: where its breaker opened, no try."""
    breaker = runtime.roads.breaker(account)
    if breaker is None or breaker.state is BreakerState.CLOSED or breaker.retry_at is None:
        return result
    waits = held(row, Hold.BREAKER, breaker.retry_at, result.detail)
    return replace(waits, reply=result.reply)


async def _renew(runtime: Runtime, batch: Batch) -> None:
    """Keep the lease while answers are awaited."""
    length = runtime.settings.worker_lease
    rows = [decision.row for decision in batch.decisions]
    while True:
        await asyncio.sleep(length / 3)
        ends = batch.lease.now() + length
        try:
            now = await runtime.database.tell_time()
            until = now + timedelta(seconds=length)
            renewed = await runtime.database.run(leases.renew(batch.token, rows, until, now))
        except UnavailableError:
            continue  # the lease simply is not longer; `holds` sees to the rest
        # None are left, or it had ended and others may have them: then it must not hold again.
        batch.lease.ends = ends if renewed else batch.lease.now()
