"""Why one recipient is in an audience or out of it: each condition, with what they have. Pure.

The same as the statements of `models/queries/audiences` say of everybody at once; a test of
made-up audiences and people holds the two together.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import singledispatch
from typing import Any

from delivery.audiences.values import moment
from delivery.consent.wishes import effective
from models.records import EVERY
from models.records.audiences import Portrait, Touch
from models.records.conditions import (
    MOMENT,
    AllOf,
    AnyOf,
    AttributeContains,
    AttributeExists,
    AttributeIs,
    AttributeMoment,
    AttributeNumber,
    Condition,
    Consents,
    Created,
    Did,
    Happened,
    HasAddress,
    Inside,
    LocaleIs,
    NotOf,
    OnList,
    OrgIs,
    Reachable,
    Scalar,
    ZoneIs,
)
from models.states import DeliveryState

_REACHED = frozenset({DeliveryState.SENT, DeliveryState.DELIVERED})
_SHOWN = 200
"""Most characters of a value that are shown."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a condition holds for somebody.

    Attributes:
        seen: What they have, in a few words; empty of a group.
        parts: Of a group or another audience: what is in it.
    """

    condition: Condition
    holds: bool
    seen: str = ""
    parts: "tuple[Answer, ...]" = ()


def why(condition: Condition, person: Portrait, now: datetime) -> Answer:
    """Whether a resolved condition holds for somebody, and because of what."""
    match condition:
        case AllOf(members):
            parts = tuple(why(each, person, now) for each in members)
            return Answer(condition, all(part.holds for part in parts), "", parts)
        case AnyOf(members):
            parts = tuple(why(each, person, now) for each in members)
            return Answer(condition, any(part.holds for part in parts), "", parts)
        case NotOf(part):
            inner = why(part, person, now)
            return Answer(condition, not inner.holds, inner.seen, (inner,))
        case Inside(_, part):
            inner = why(part, person, now)
            return Answer(condition, inner.holds, "", (inner,))
        case _:
            holds, seen = _leaf(condition, person, now)
            return Answer(condition, holds, seen[:_SHOWN])


def verdicts(answer: Answer) -> Answer:
    """The same without what they have: for who may not see what is kept about people."""
    return replace(answer, seen="", parts=tuple(map(verdicts, answer.parts)))


Seen = tuple[bool, str]
"""Whether it holds, and what they have."""


@singledispatch
def _leaf(condition: object, _person: Portrait, _now: datetime) -> Seen:
    raise TypeError(f"no condition: {type(condition).__name__}")


def _attribute(person: Portrait, name: str) -> Any:
    profile = person.facts.profile
    return None if profile is None else profile.attributes.get(name)


def _told(value: Any) -> str:
    return "nothing" if value is None else f"{value}"


def _same(value: Any, wanted: Scalar) -> bool:
    """As JSON compares: true is no number, and 1.0 is 1."""
    if isinstance(value, bool) or isinstance(wanted, bool):
        return value is wanted
    if isinstance(value, (int, float)) and isinstance(wanted, (int, float)):
        return Decimal(str(value)) == Decimal(str(wanted))
    return isinstance(value, str) and value == wanted


@_leaf.register
def _(test: AttributeIs, person: Portrait, _: datetime) -> Seen:
    value = _attribute(person, test.name)
    return any(_same(value, wanted) for wanted in test.values), _told(value)


@_leaf.register
def _(test: AttributeContains, person: Portrait, _: datetime) -> Seen:
    value = _attribute(person, test.name)
    holds = isinstance(value, list) and any(_same(each, test.value) for each in value)
    return holds, _told(value)


@_leaf.register
def _(test: AttributeExists, person: Portrait, _: datetime) -> Seen:
    value = _attribute(person, test.name)
    return value is not None, _told(value)


@_leaf.register
def _(test: AttributeNumber, person: Portrait, _: datetime) -> Seen:
    value = _attribute(person, test.name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False, _told(value)
    number = Decimal(str(value))
    high_enough = test.at_least is None or number >= Decimal(str(test.at_least))
    return high_enough and (test.at_most is None or number <= Decimal(str(test.at_most))), _told(
        value
    )


@_leaf.register
def _(test: AttributeMoment, person: Portrait, now: datetime) -> Seen:
    value = _attribute(person, test.name)
    if not isinstance(value, str) or not re.fullmatch(MOMENT, value):
        return False, _told(value)
    try:
        return test.span.holds(moment(value), now), value
    except ValueError:
        return False, value


@_leaf.register
def _(test: OrgIs, person: Portrait, _: datetime) -> Seen:
    profile = person.facts.profile
    org = profile and profile.org
    return org in test.values, _told(org)


@_leaf.register
def _(test: ZoneIs, person: Portrait, _: datetime) -> Seen:
    profile = person.facts.profile
    zone = profile and profile.timezone
    return zone in test.values, _told(zone)


@_leaf.register
def _(test: LocaleIs, person: Portrait, _: datetime) -> Seen:
    profile = person.facts.profile
    tag = f"{(profile and profile.locale) or ''}".lower()
    holds = any(tag == one or tag.startswith(f"{one}-") for one in map(str.lower, test.ranges))
    return holds, tag or "nothing"


@_leaf.register
def _(test: Created, person: Portrait, now: datetime) -> Seen:
    return test.span.holds(person.created_at, now), f"{person.created_at:%Y-%m-%d %H:%M} UTC"


@_leaf.register
def _(test: Happened, person: Portrait, now: datetime) -> Seen:
    since = None if test.within is None else now - test.within
    touches = [one for one in person.touches if test.topic in {None, one.topic}]
    number = _number(test.did, touches, since)
    holds = number >= (test.at_least or 0) and (test.at_most is None or number <= test.at_most)
    return holds, f"{number}"


def _number(did: Did, touches: Iterable[Touch], since: datetime | None) -> int:
    def late(moment: datetime | None) -> bool:
        return moment is not None and (since is None or moment >= since)

    if did is Did.EVENT:
        return len({one.event for one in touches if one.event and late(one.created_at)})
    if did is Did.SENT:
        return sum(one.state in _REACHED and late(one.sent_at) for one in touches)
    if did is Did.DELIVERED:
        return sum(one.state == DeliveryState.DELIVERED and late(one.sent_at) for one in touches)
    return sum(
        any(late(each) for each in (one.opened if did is Did.OPENED else one.clicked))
        for one in touches
    )


@_leaf.register
def _(test: HasAddress, person: Portrait, _: datetime) -> Seen:
    number = len(person.facts.addresses.get(test.channel, ()))
    return number > 0, f"{number or 'no'} address{'' if number == 1 else 'es'}"


@_leaf.register
def _(test: Reachable, person: Portrait, now: datetime) -> Seen:
    category = test.category or EVERY
    usable = person.facts.usable(test.channel, category, now)
    if usable is not None:
        return True, "one is not suppressed"
    there = person.facts.addresses.get(test.channel, ())
    blocks = [each.blocked(category, now) for each in there]
    return False, ", ".join(block.reason for block in blocks if block) or "no address"


@_leaf.register
def _(test: Consents, person: Portrait, _: datetime) -> Seen:
    standing = effective(test.category, test.channel, person.facts)
    return standing.allowed, standing.origin.sentence.removesuffix(".")


@_leaf.register
def _(test: OnList, person: Portrait, _: datetime) -> Seen:
    holds = (test.audience, test.list) in person.lists
    return holds, "on it" if holds else "not on it"
