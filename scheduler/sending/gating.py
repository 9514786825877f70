"""Deciding about due rows inside their transaction: lock the recipients, load, decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from delivery import sequence, trace
from delivery.gate import Decision, Round, importance
from delivery.ports import Rules
from delivery.retries import held
from delivery.roads.switches import stopped
from delivery.verdicts import Cancel, Collect, Expire, HoldUntil, Keep, SkipBecause
from models.database import Transaction
from models.queries.sending import facts, knowing, leases, ledgers
from models.reasons import Failure, Hold
from models.records import (
    DueRow,
    Earlier,
    Facts,
    Ledger,
    OpenDigest,
    Profile,
    Settlement,
    Tombstone,
    Topic,
)
from models.states import DeliveryState
from scheduler.known.catalog import Shelf
from scheduler.runtime import Runtime
from scheduler.sending import collecting
from scheduler.sending.settling import settle, wait


@dataclass(frozen=True, slots=True)
class Gated:
    """What the gate let through.

    Attributes:
        kept: In the order they are to go: the most important first, then the oldest.
        ledgers: Those of the locked recipients, as the decisions left them.
        changed: Recipients whose ledgers are to be written.
    """

    kept: list[Decision]
    ledgers: dict[str, Ledger]
    changed: set[str]

    @property
    def to_write(self) -> dict[str, Ledger]:
        """The ledgers that are no longer as they were read."""
        return {recipient: self.ledgers[recipient] for recipient in self.changed}


async def gate(
    tx: Transaction,
    runtime: Runtime,
    rows: Sequence[DueRow],
    now: datetime,
    rivals: Sequence[DueRow] = (),
) -> Gated:
    """Decide about locked rows; what is not kept is put back or settled here.

    Rivals are due rows of the same recipients that somebody else holds: what is less important
    leaves them their slots.
    """
    rows = await _stop(tx, runtime, rows, now)
    if not rows:
        return Gated([], {}, set())
    profiles, locked = await lock_recipients(tx, rows)
    free: Sequence[DueRow] = [
        r for r in rows if r.recipient_id in locked or r.recipient_id not in profiles
    ]
    topics = await runtime.shelf.topics(runtime.database, (row.topic for row in [*free, *rivals]))
    known = await known_of(tx, runtime.shelf, free, profiles, locked)
    at = Round(known, topics, _by_recipient(runtime, rivals, now))
    free = await collecting.with_data(tx, runtime, free, topics)
    rules = {channel: rules_now(runtime, channel) for channel in {row.channel for row in free}}
    decisions = [at.decide(row, rules[row.channel], now) for row in sorted(free, key=importance)]
    await collecting.write(tx, at.digests.values(), decisions, now)
    await _turn_away(tx, [d for d in decisions if not isinstance(d.verdict, Keep)], now)
    locked |= {recipient: at.facts[recipient].ledger for recipient in at.changed}
    return Gated([d for d in decisions if isinstance(d.verdict, Keep)], locked, at.changed)


def rules_now(runtime: Runtime, channel: str) -> Rules:
    """What the installation allows just now."""
    return replace(
        runtime.rules_for(channel),
        rulebook=runtime.shelf.rulebook,
        warm=runtime.shelf.warm,
        paused=runtime.controls.paused(runtime.letterhead.domain),
    )


async def _stop(
    tx: Transaction, runtime: Runtime, rows: Sequence[DueRow], now: datetime
) -> Sequence[DueRow]:
    """Hold what a kill switch stops; the rest."""
    stops = runtime.controls.stops
    until = stopped(rows, stops, now) if stops else {}
    if not until:
        return rows
    held_back = [row for row in rows if row.delivery_id in until]
    waits = [_switched_off(row, stops.why(row), until[row.delivery_id]) for row in held_back]
    await tx.run(leases.hold(waits, None, now))
    return [row for row in rows if row.delivery_id not in until]


def _switched_off(row: DueRow, why: Hold, until: datetime) -> leases.Wait:
    check = ("switches", f"hold:{why}", until.isoformat())
    outcome = held(row, why, until)
    return wait(row, outcome, trace.extend(row.trace, "gate", (check,)))


def _by_recipient(
    runtime: Runtime, rivals: Sequence[DueRow], now: datetime
) -> dict[str, list[DueRow]]:
    """Rivals of each recipient, but for those that a kill switch stops."""
    stops = runtime.controls.stops
    until = stopped(rivals, stops, now) if stops else {}
    found: dict[str, list[DueRow]] = {}
    for row in rivals:
        if row.delivery_id not in until:
            found.setdefault(row.recipient_id, []).append(row)
    return found


async def lock_recipients(
    tx: Transaction, rows: Sequence[DueRow | OpenDigest | Tombstone]
) -> tuple[dict[str, Profile], dict[str, Ledger]]:
    """Who is known, and whom nobody else is deciding for; the others come next round."""
    recipients = {row.recipient_id for row in rows}
    locked = await tx.run(ledgers.lock_ledgers(recipients))
    profiles = await tx.run(facts.profiles(recipients))
    without = profiles.keys() - locked.keys()
    made = await tx.run(ledgers.make_ledgers(without)) if without else 0
    if made:
        locked.update(await tx.run(ledgers.lock_ledgers(without)))
    return profiles, locked


async def _earlier(
    tx: Transaction, rows: Sequence[DueRow], topics: Mapping[str, Topic]
) -> Mapping[UUID, Earlier]:
    """What waiting steps ask about; most batches hold none."""
    wanted: set[UUID] = set()
    for row in rows:
        topic = topics.get(row.topic)
        step = topic and next((one for one in topic.steps if one.key == row.step), None)
        if topic and step and step.after is not None:
            wanted.update(sequence.looked_at(row.event_id, row.recipient_id, topic, step))
    return await tx.run(facts.earlier(wanted)) if wanted else {}


async def known_of(
    tx: Transaction,
    shelf: Shelf,
    rows: Sequence[DueRow],
    profiles: dict[str, Profile],
    locked: dict[str, Ledger],
) -> dict[str, Facts]:
    """What decisions about these rows look at, by recipient."""
    recipients = {row.recipient_id for row in rows}
    channels = {row.channel for row in rows}
    catalog = shelf.catalog
    known = await tx.follow(knowing.known(catalog, recipients, channels, profiles, locked))
    if earlier := await _earlier(tx, rows, catalog.topics):
        known = {who: replace(one, earlier=earlier) for who, one in known.items()}
    return await collecting.learn(tx, rows, shelf, known)


async def _turn_away(tx: Transaction, decisions: Sequence[Decision], now: datetime) -> None:
    held = [_wait(d, d.verdict) for d in decisions if isinstance(d.verdict, HoldUntil)]
    if held:
        await tx.run(leases.hold(held, None, now))
    ended = [(d.row, ending(d)) for d in decisions if not isinstance(d.verdict, HoldUntil)]
    await settle(tx, ended, None, now)


def _wait(decision: Decision, verdict: HoldUntil) -> leases.Wait:
    row = decision.row
    return leases.Wait(
        row.bucket, row.delivery_id, verdict.until, verdict.reason, decision.trace, row.tries,
        row.crashes, wanted_at=verdict.until,
    )  # fmt: skip


def ending(decision: Decision) -> Settlement:
    """How a delivery ends that is neither kept nor held."""
    row, verdict = decision.row, decision.verdict
    why: str | None
    match verdict:
        case SkipBecause(reason, note):
            state, why, detail = DeliveryState.SKIPPED, str(reason), note or None
        case Expire():
            state, why, detail = DeliveryState.EXPIRED, str(Failure.EXPIRED), None
        case Collect():
            state, why, detail = DeliveryState.COLLECTED, None, None
        case Cancel(reason, note):
            state, why, detail = DeliveryState.CANCELLED, str(reason), note or None
        case _:
            raise AssertionError(verdict)
    return Settlement(
        bucket=row.bucket,
        day=row.day,
        delivery_id=row.delivery_id,
        state=state,
        reason=why,
        detail=detail,
        attempts=row.attempt,
        trace=decision.trace,
        address=decision.address,
    )
