"""What feedback does to its delivery and its address: a value, not control flow. Pure.

Events come in any order and any number of times. So what a delivery becomes is the strongest of
what was said of it (came back, over delivered, over handed over), whichever was said first; and
only what is new may do anything to an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from delivery.doubt import Late, late
from models.reasons import Failure
from models.records import Bounce, Feedback, Kind
from models.states import DeliveryState as D, may_move

STATES: Mapping[Kind, D] = {
    Kind.SENT: D.SENT,
    Kind.DELIVERED: D.DELIVERED,
    Kind.BOUNCED: D.BOUNCED,
    Kind.REJECTED: D.BOUNCED,
    Kind.FAILED: D.BOUNCED,
}
"""What a delivery becomes; every other kind is kept and moves nothing."""

_STRENGTH = (D.SENT, D.DELIVERED, D.BOUNCED)

COUNTED = frozenset({Kind.COMPLAINED, Kind.UNSUBSCRIBED})
"""Kinds that are no states and are counted beside them."""

TIMED = frozenset({Kind.DELIVERED, Kind.BOUNCED, Kind.COMPLAINED})
"""Kinds of which one asks how long after the hand-over they came."""

_BOUNCES: Mapping[Bounce, Failure] = {
    Bounce.INVALID: Failure.ADDRESS_REFUSED,
    Bounce.DOMAIN: Failure.ADDRESS_REFUSED,
    Bounce.INACTIVE: Failure.MAILBOX_INACTIVE,
    Bounce.QUOTA: Failure.MAILBOX_FULL,
    Bounce.POLICY: Failure.POLICY_REFUSED,
    Bounce.CONTENT: Failure.CONTENT_REFUSED,
    Bounce.PROTOCOL: Failure.CONTENT_REFUSED,
}

_YEAR = timedelta(days=365)
RESTS: Mapping[Bounce, timedelta | None] = {
    Bounce.INVALID: None,
    Bounce.DOMAIN: _YEAR,
    Bounce.INACTIVE: _YEAR / 2,
}
"""What one bounce is enough for: how long nothing is sent there; `None` is for good."""
SOFT = frozenset({Bounce.QUOTA, Bounce.REFUSED, Bounce.TRANSIENT})
"""What several of within a while are enough for."""
SOFT_RESTS = timedelta(days=30)
_DEAD_ADDRESS = frozenset({Bounce.INVALID, Bounce.DOMAIN, Bounce.INACTIVE})


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing is sent to the address: why, and until when; `None` for good."""

    reason: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Folded:
    """What one event does.

    Attributes:
        state: What its delivery becomes; `None`: it stays.
        reason: Why, where it came back.
        rest: What becomes of its address.
        soft: It counts as one of several that are enough to let the address rest.
        optout: Its recipient wants no more of its category.
    """

    state: D | None = None
    reason: Failure | None = None
    rest: Rest | None = None
    soft: bool = False
    optout: bool = False


def fold(feedback: Feedback, state: D, doubts: int, now: datetime) -> Folded:
    """What an event means that is new.

    Args:
        feedback: Of an attempt of the delivery that is over.
        state: Where the delivery stands.
        doubts: Attempts of it that nobody knows the end of.
        now: From when an address rests.
    """
    becomes = _becomes(feedback, state, doubts)
    returned = feedback.kind is Kind.BOUNCED
    return Folded(
        state=becomes,
        reason=_why(feedback) if becomes is D.BOUNCED else None,
        rest=_rest(feedback, now),
        soft=returned and feedback.bounce in SOFT,
        optout=feedback.kind is Kind.UNSUBSCRIBED,
    )


def stronger(one: Folded, other: Folded) -> bool:
    """Whether of two moves of one delivery the first is the one that counts."""
    return one.state in _STRENGTH and (
        other.state is None or _STRENGTH.index(one.state) > _STRENGTH.index(other.state)
    )


def _becomes(feedback: Feedback, state: D, doubts: int) -> D | None:
    said = STATES.get(feedback.kind)
    if said is None or not may_move(state, said):
        return None
    if state in {D.SENT, D.DELIVERED}:
        return said
    if state not in {D.IN_DOUBT, D.SCHEDULED} or not doubts:
        return None
    # Which of several attempts it speaks of is not said; an address that takes nothing, or a
    # message that is there, is the same for all of them.
    certain = said is not D.BOUNCED or feedback.bounce in _DEAD_ADDRESS
    answer = D.SENT if certain else D.BOUNCED
    return said if late(answer, state, doubts - 1) is Late.SETTLES else None


def _why(feedback: Feedback) -> Failure:
    if feedback.kind in {Kind.REJECTED, Kind.FAILED}:
        return Failure.NOT_FORWARDED
    return _BOUNCES.get(feedback.bounce or Bounce.UNKNOWN, Failure.RETURNED)


def _rest(feedback: Feedback, now: datetime) -> Rest | None:
    if feedback.kind is Kind.COMPLAINED:
        return Rest("complaint", None)
    bounce = feedback.bounce
    if feedback.kind is not Kind.BOUNCED or bounce is None or bounce not in RESTS:
        return None
    ends = RESTS[bounce]
    return Rest(str(_BOUNCES[bounce]), None if ends is None else now + ends)


def soft_rest(bounces: int, enough: int, now: datetime) -> Rest | None:
    """What so many soft bounces within the while mean for the address."""
    return Rest("soft_bounces", now + SOFT_RESTS) if bounces >= enough else None
