"""What new feedback does: deliveries move, counts move, addresses come to rest; all at once."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from delivery import trace
from delivery.feedback import COUNTED, TIMED, fold, stronger
from delivery.roads.destinations import OTHER, destination_of
from delivery.roads.pacing import asked_later
from models.database import Transaction
from models.pseudonyms import is_pseudonym
from models.queries.console.history import attempts_of
from models.queries.folding import feedback as history
from models.queries.folding.doubts import Held
from models.queries.folding.feedback import Waiting
from models.queries.folding.turning import Turned, turn
from models.queries.repairing.interventions import moved_from
from models.queries.sending import counts
from models.records import OWN_VENDOR, DueRow, Feedback, Move, Settlement, Suppression
from models.states import HANDED_OVER, DeliveryState
from scheduler.folding.noticing import heard, known, weigh
from scheduler.folding.resting import Reaction, Told, hidden_address, named_by, rest
from scheduler.known.roads import Way
from scheduler.runtime import Runtime, token
from scheduler.sending.settling import settle

_LONGEST = 500
"""Characters of what a server said that are kept on the delivery; all of it is in the feedback."""


@dataclass(frozen=True, slots=True)
class After:
    """What is to be done after the commit.

    Attributes:
        rests: Suppressions to be copied.
        slower: Ways whose destination asked for less, when, and in which words.
    """

    rests: Sequence[Suppression] = ()
    slower: Sequence[tuple[Way, datetime, str]] = ()


async def react(tx: Transaction, runtime: Runtime, told: Told) -> After:
    """Keep events with their deliveries and do what the new ones ask for; known ones do nothing."""
    before = await known(tx, told.waiting)
    hushed = [_hushed(one, told, runtime) for one in heard(told.waiting, before)]
    keys = await tx.run(history.keep(hushed)) if hushed else set()
    new = [one for one in hushed if one.key in keys]
    if not new:
        return After()
    await weigh(tx, new, before, told)
    reactions = list(_reactions(new, told))
    await _move(tx, runtime, reactions, told)
    await _count(tx, reactions, told)
    await _time(tx, reactions, told)
    return After(await rest(tx, runtime, reactions, told), list(_slower(reactions, told)))


def _slower(reactions: Sequence[Reaction], told: Told) -> Iterator[tuple[Way, datetime, str]]:
    for one in reactions:
        settled = told.standing.settled.get(one.delivery)
        if settled and settled.account and settled.destination and asked_later(one.feedback):
            domain = (one.feedback.recipient or "").rpartition("@")[2].lower()
            to = settled.destination if settled.destination != OTHER else domain
            if to:
                at = min(one.feedback.occurred_at, told.now)
                yield (settled.account, to), at, one.feedback.text or ""


def _hushed(one: Waiting, told: Told, runtime: Runtime) -> Waiting:
    """An event without the words where they might repeat a secret, or name who was erased."""
    delivery = one.feedback.delivery_id
    about = told.of(delivery) if delivery else None
    topic = told.catalog.topics.get(about.topic) if about else None
    if about is not None and is_pseudonym(about.recipient_id):
        known = hidden_address(one.feedback, runtime, about.channel)
        bare = replace(one.feedback, recipient=known, text=None, raw=_bare(one.feedback))
        return replace(one, feedback=bare)
    if topic is not None and not topic.sensitive:
        return one
    return replace(one, feedback=replace(one.feedback, text=None, raw=None))


def _bare(feedback: Feedback) -> dict[str, object] | None:
    """What our own edge noticed, without where it came from; nothing of what vendors told."""
    if feedback.vendor != OWN_VENDOR or not isinstance(feedback.raw, dict):
        return None
    return {name: told for name, told in feedback.raw.items() if name != "source"}


def _reactions(waiting: Sequence[Waiting], told: Told) -> Iterator[Reaction]:
    for one in waiting:
        delivery = one.feedback.delivery_id
        state = None if delivery is None else told.standing.state(delivery)
        if delivery is not None and state is not None:
            doubts = told.standing.doubts_of(delivery)
            yield Reaction(one.feedback, delivery, fold(one.feedback, state, doubts, told.now))


async def _move(
    tx: Transaction, runtime: Runtime, reactions: Sequence[Reaction], told: Told
) -> None:
    """Move deliveries to the strongest of what was said of each."""
    last: dict[UUID, Reaction] = {}
    for one in reactions:
        known = last.get(one.delivery)
        if one.folded.state and (known is None or stronger(one.folded, known.folded)):
            last[one.delivery] = one
    waiting = [one for one in last.values() if one.delivery in told.standing.queued]
    gone = [one for one in last.values() if one.delivery in told.standing.settled]
    if waiting:
        ended = [
            await _ended(tx, runtime, one, told.standing.queued[one.delivery]) for one in waiting
        ]
        await settle(tx, ended, None, told.now)
    for statement in turn([_turned(one, told) for one in gone], told.now):
        await tx.run(statement)
    real = [one for one in gone if not told.standing.settled[one.delivery].test]
    left = Counter(moved_from(told.standing.settled[one.delivery]) for one in real)
    entered = Counter(_arrival(one, told) for one in real)
    await tx.copy(counts.write_moves(entered, left, token(), told.now))


async def _ended(
    tx: Transaction, runtime: Runtime, one: Reaction, held: Held
) -> tuple[DueRow, Settlement]:
    """The end of a delivery that waited to go again; what was sent is what its attempt says."""
    tried = [each for each in await tx.run(attempts_of(one.delivery)) if each.account]
    row, last = held.row, tried[-1] if tried else None
    address = named_by(one, runtime, row.channel)
    return row, Settlement(
        bucket=row.bucket,
        day=row.day,
        delivery_id=row.delivery_id,
        state=one.folded.state or DeliveryState.SENT,
        reason=one.folded.reason,
        detail=_detail(one),
        attempts=row.attempt,
        trace=trace.extend(row.trace, "feedback", (("feedback", str(one.feedback.kind), ""),)),
        account=last.account if last else None,
        provider=last.provider if last else None,
        destination=destination_of(address) if address else None,
        address=address,
        message_id=f"{row.delivery_id}@{runtime.letterhead.domain}",
        sent_at=last.begun_at if last else one.feedback.occurred_at,
    )


def _turned(one: Reaction, told: Told) -> Turned:
    settled = told.standing.settled[one.delivery]
    return Turned(
        settled.bucket, settled.day, settled.delivery_id, str(one.folded.state),
        one.folded.reason, _detail(one), one.feedback.occurred_at,
    )  # fmt: skip


def _detail(one: Reaction) -> str | None:
    """What the server said of what came back."""
    text = one.feedback.text
    return text[:_LONGEST] if text and one.folded.state is DeliveryState.BOUNCED else None


def _arrival(one: Reaction, told: Told) -> Move:
    before = moved_from(told.standing.settled[one.delivery])
    return replace(before, state=str(one.folded.state), reason=one.folded.reason or "")


async def _count(tx: Transaction, reactions: Sequence[Reaction], told: Told) -> None:
    """Count what is no state, once in and once out: rates ask for it, sums stay what they are."""
    said = Counter(
        replace(told.counted(one.delivery), state=one.feedback.kind, reason="")
        for one in reactions
        if one.feedback.kind in COUNTED and not told.of(one.delivery).test
    )
    await tx.copy(counts.write_moves(said, said, token(), told.now))


_MILLISECOND = timedelta(milliseconds=1)


async def _time(tx: Transaction, reactions: Sequence[Reaction], told: Told) -> None:
    """Count how long after the hand-over something came back."""
    taken = [
        (one.channel, one.provider or "", one.destination or "", str(each.feedback.kind),
         (each.feedback.occurred_at - one.settled_at) / _MILLISECOND)
        for each in reactions
        if each.feedback.kind in TIMED
        and (one := told.standing.settled.get(each.delivery)) is not None
        and one.state in HANDED_OVER
        and one.settled_at is not None
        and not one.test
    ]  # fmt: skip
    await tx.copy(counts.write_reactions(taken, token(), told.now))
