"""Addresses that come to rest by what came back from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from delivery.consent.wishes import asks_nobody
from delivery.feedback import Folded, Rest, soft_rest
from models.database import Transaction
from models.ids import bucket_of
from models.pseudonyms import is_pseudonym
from models.queries.folding import soft_bounces
from models.queries.folding.feedback import Waiting
from models.queries.folding.soft_bounces import Strike
from models.queries.folding.suppressions import copies, suppress
from models.queries.folding.turning import addresses_of
from models.queries.repairing.interventions import moved_from
from models.records import Catalog, DueRow, Feedback, Kind, Move, Settled, Suppression
from models.states import DeliveryState
from scheduler.folding.standing import Standing
from scheduler.runtime import Runtime

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Told:
    """Events whose deliveries are locked, and what is known of those."""

    waiting: Sequence[Waiting]
    standing: Standing
    catalog: Catalog
    now: datetime

    def of(self, delivery: UUID) -> DueRow | Settled:
        """The delivery, wherever it is."""
        held = self.standing.queued.get(delivery)
        return self.standing.settled[delivery] if held is None else held.row

    def counted(self, delivery: UUID) -> Move:
        """The dimensions under which something of the delivery is counted."""
        of = self.of(delivery)
        if isinstance(of, Settled):
            return moved_from(of)
        return Move(of.topic, of.channel, of.klass, DeliveryState.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Reaction:
    """A new event and what it does."""

    feedback: Feedback
    delivery: UUID
    folded: Folded


async def rest(
    tx: Transaction, runtime: Runtime, reactions: Sequence[Reaction], told: Told
) -> list[Suppression]:
    """Suppress what new events ask for; what is suppressed already stays as it is.

    Returns:
        What was suppressed, to be copied after the commit.
    """
    addresses = await _addresses(tx, runtime, reactions, told)
    placed = [(one, addresses[one.delivery]) for one in reactions if one.delivery in addresses]
    found = [each for one, address in placed if (each := _at_once(one, address, told))]
    found += await _after_several(tx, runtime, placed, told)
    # In one order, so that nobody waits for whoever waits for him.
    found.sort(key=lambda one: (one.address, one.channel, one.category))
    return [each for each in found if await tx.follow(suppress(each, told.now))]


async def copy(runtime: Runtime, suppressed: Iterable[Suppression]) -> None:
    """Write suppressions onto the addresses of recipients; a crash is repaired by upkeep."""
    for one in suppressed:
        for statement in copies(one, runtime.shards.slices):
            await runtime.database.run(statement)
        log.info("address.suppressed", reason=one.reason, source=one.source)


async def _addresses(
    tx: Transaction, runtime: Runtime, reactions: Sequence[Reaction], told: Told
) -> dict[UUID, str]:
    """Where each was sent: as we recorded it, or else as the vendor names it."""
    found = await tx.run(addresses_of([one.delivery for one in reactions]))
    for one in reactions:
        if named := named_by(one, runtime, told.of(one.delivery).channel):
            found.setdefault(one.delivery, named)
    return found


def named_by(one: Reaction, runtime: Runtime, channel: str) -> str | None:
    """The address that the vendor names, in the form its channel keeps."""
    return _accepted(one.feedback, runtime, channel)


def hidden_address(feedback: Feedback, runtime: Runtime, channel: str) -> str | None:
    """The same as a pseudonym, for deliveries to somebody who was erased."""
    address = _accepted(feedback, runtime, channel)
    return runtime.pseudonyms.address(address)[0] if address else None


def _accepted(feedback: Feedback, runtime: Runtime, channel: str) -> str | None:
    known, named = runtime.channels.get(channel), feedback.recipient
    if known is None or not named or is_pseudonym(named):
        return named
    return known.accepts(named)


def _at_once(one: Reaction, address: str, told: Told) -> Suppression | None:
    delivery = told.of(one.delivery)
    if one.folded.rest is not None:
        rests = one.folded.rest
        return Suppression(delivery.channel, address, rests.reason, _source(one), rests.until)
    topic = told.catalog.topics.get(delivery.topic)
    if not one.folded.optout or topic is None or asks_nobody(topic):
        return None
    return Suppression(
        delivery.channel, address, str(Kind.UNSUBSCRIBED), _source(one), None, topic.category
    )


async def _after_several(
    tx: Transaction, runtime: Runtime, placed: Sequence[tuple[Reaction, str]], told: Told
) -> list[Suppression]:
    """What came back for now counts, until something arrives there; enough of it is a rest."""
    arrived = {
        (told.of(one.delivery).channel, address)
        for one, address in placed
        if one.feedback.kind is Kind.DELIVERED
    }
    for pairs in runtime.shards.group(sorted(arrived), lambda pair: bucket_of(pair[1])):
        await tx.run(soft_bounces.pardon(pairs))
    soft = {
        Strike(told.of(one.delivery).channel, address, one.delivery): one
        for one, address in placed
        if one.folded.soft
    }
    if not soft:
        return []
    await tx.run(soft_bounces.remember(list(soft), told.now))
    since = told.now - timedelta(days=runtime.settings.soft_bounce_days)
    counted: dict[tuple[str, str], int] = {}
    for strikes in runtime.shards.group(soft, lambda strike: bucket_of(strike.address)):
        counted |= await tx.run(soft_bounces.counted(strikes, since))
    return [
        Suppression(strike.channel, strike.address, rests.reason, _source(one), rests.until)
        for strike, one in soft.items()
        if (rests := _enough(counted, strike, runtime, told))
    ]


def _enough(
    counted: Mapping[tuple[str, str], int], strike: Strike, runtime: Runtime, told: Told
) -> Rest | None:
    bounces = counted[strike.channel, strike.address]
    return soft_rest(bounces, runtime.settings.soft_bounces, told.now)


def _source(one: Reaction) -> str:
    return f"{one.feedback.vendor}, delivery {one.delivery}"
