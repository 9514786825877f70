"""From a digest that closes to the message that carries it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from delivery import trace
from delivery.gate import Decision
from delivery.planning import LIFETIMES
from delivery.verdicts import HoldUntil, Keep
from models import ids
from models.records import Member, NewDelivery, OpenDigest, Requeued, Topic
from models.states import DeliveryState


@dataclass(frozen=True, slots=True)
class Closed:
    """What becomes of a digest and of all that it held.

    Attributes:
        message: The delivery that carries it; `None` where nothing is left to say.
        digested: The members that it carries.
        against: Those that were decided against.
        held: Those that may go later: they are queued again, and collected anew.
        back: Their queue rows.
    """

    digest: OpenDigest
    message: NewDelivery | None
    digested: tuple[Decision, ...]
    against: tuple[Decision, ...]
    held: tuple[Decision, ...]
    back: tuple[Requeued, ...]

    @property
    def end(self) -> tuple[OpenDigest, int, UUID | None]:
        """The digest, how many it holds in the end, and its message's id."""
        message = None if self.message is None else self.message.delivery_id
        return self.digest, len(self.digested), message


def closed(
    digest: OpenDigest,
    decided: Sequence[tuple[Member, Decision]],
    topic: Topic | None,
    now: datetime,
) -> Closed:
    """Close a digest; its members come in the order they happened, each with its decision."""
    mine = [(member, one) for member, one in decided if member.digest_id == digest.digest_id]
    kept = [member for member, one in mine if isinstance(one.verdict, Keep)]
    return Closed(
        digest,
        _message(digest, kept, topic, now) if kept else None,
        tuple(one for _, one in mine if isinstance(one.verdict, Keep)),
        tuple(one for _, one in mine if not isinstance(one.verdict, Keep | HoldUntil)),
        tuple(one for _, one in mine if isinstance(one.verdict, HoldUntil)),
        tuple(
            _back(member, one, one.verdict)
            for member, one in mine
            if isinstance(one.verdict, HoldUntil)
        ),
    )


def _message(
    digest: OpenDigest, members: Sequence[Member], topic: Topic | None, now: datetime
) -> NewDelivery:
    """The delivery that carries these members.

    It has a fresh lifetime, is as important as the most important of them, and comes from whom
    all of them come from.
    """
    rows = [member.row for member in members]
    day = ids.day_of(now)
    lifetime = (topic and topic.lifetime) or LIFETIMES[digest.klass]
    return NewDelivery(
        delivery_id=ids.digest_message_id(digest.digest_id, digest.channel, day),
        bucket=digest.bucket,
        day=day,
        event_id=digest.digest_id,
        recipient_id=digest.recipient_id,
        topic=digest.topic,
        klass=digest.klass,
        channel=digest.channel,
        step=digest.step,
        state=DeliveryState.SCHEDULED,
        reason=None,
        held_for=None,
        lane=max(row.lane for row in rows),
        due_at=now,
        expires_at=now + lifetime,
        data=None,
        actor=_common([row.actor for row in rows]),
        thread=_common([row.thread for row in rows]),
        tags=_tags(members),
        locale=rows[-1].locale,
        tenant=digest.tenant,
        test=digest.test,
        created_at=now,
        wanted_at=digest.closes_at,
        trace=trace.start("close", (("digest", trace.CARRIES, str(len(rows))),)),
        digest=True,
    )


def _common(values: Sequence[str | None]) -> str | None:
    """The one value they all have."""
    return values[0] if len(set(values)) == 1 else None


def _tags(members: Sequence[Member]) -> tuple[str, ...] | None:
    found = {tag: None for member in members for tag in member.row.tags}
    return tuple(found) or None


def _back(member: Member, decision: Decision, until: HoldUntil) -> Requeued:
    """The queue row that a member was, due again when it was held until."""
    row = member.row
    return Requeued(
        bucket=row.bucket,
        delivery_id=row.delivery_id,
        day=row.day,
        event_id=row.event_id,
        recipient_id=row.recipient_id,
        topic=row.topic,
        klass=row.klass,
        channel=row.channel,
        step=row.step,
        lane=row.lane,
        held_for=until.reason,
        due_at=until.until,
        expires_at=row.expires_at,
        attempt=row.attempt,
        tries=row.tries,
        data=row.data,
        actor=row.actor,
        thread=row.thread,
        tags=row.tags or None,
        locale=row.locale,
        tenant=row.tenant,
        test=row.test,
        created_at=row.created_at,
        trace=decision.trace,
        campaign=row.campaign,
        doubts=0,
        content=row.content,
        follower=row.follower,
    )
