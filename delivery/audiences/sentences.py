"""Who belongs to an audience, in words that people read."""

import json
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import singledispatch

from delivery.rulebook.sentences import joined
from delivery.rulebook.spans import spelled
from models.records.audiences import Audience
from models.records.conditions import (
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
    InAudience,
    Inside,
    LocaleIs,
    NotOf,
    OnList,
    OrgIs,
    Reachable,
    Scalar,
    Span,
    ZoneIs,
)

_MANY = 8
"""Values that are named; of more it is said how many."""


def sentence(audience: Audience) -> str:
    """An audience in one sentence."""
    if audience.condition is None:
        return "Everybody on a list of its own."
    if audience.condition == AllOf(()):
        return "Everybody."
    return f"Everybody for whom {phrase(audience.condition)}."


@singledispatch
def phrase(condition: object) -> str:
    """A condition as part of a sentence."""
    raise TypeError(f"no condition: {type(condition).__name__}")


@phrase.register
def _(group: AllOf) -> str:
    return _together(group.parts, " and ") or "everything holds"


@phrase.register
def _(group: AnyOf) -> str:
    return _together(group.parts, " or ") or "nothing holds"


def _together(parts: Iterable[Condition], word: str) -> str:
    return word.join(_inner(part) for part in parts)


def _inner(part: Condition) -> str:
    several = isinstance(part, (AllOf, AnyOf)) and len(part.parts) > 1
    return f"({phrase(part)})" if several else phrase(part)


@phrase.register
def _(negated: NotOf) -> str:
    return f"not: {_inner(negated.part)}"


@phrase.register
def _(test: AttributeIs) -> str:
    return f"{test.name} is {_values(test.values)}"


@phrase.register
def _(test: AttributeContains) -> str:
    return f"{test.name} contains {_value(test.value)}"


@phrase.register
def _(test: AttributeExists) -> str:
    return f"{test.name} is known"


@phrase.register
def _(test: AttributeNumber) -> str:
    edges = (("at least", test.at_least), ("at most", test.at_most))
    said = " and ".join(f"{word} {edge:g}" for word, edge in edges if edge is not None)
    return f"{test.name} is {said}"


@phrase.register
def _(test: AttributeMoment) -> str:
    return f"{test.name} is {_span(test.span)}"


@phrase.register
def _(test: OrgIs) -> str:
    return f"the organisation is {_values(test.values)}"


@phrase.register
def _(test: ZoneIs) -> str:
    return f"the time zone is {_values(test.values)}"


@phrase.register
def _(test: LocaleIs) -> str:
    return f"the locale is {_values(test.ranges)}"


@phrase.register
def _(test: Created) -> str:
    return f"they became known {_span(test.span)}"


_WHAT = {
    Did.EVENT: "there {} for them",
    Did.SENT: "they were sent {}",
    Did.DELIVERED: "{} reached them",
    Did.OPENED: "they opened {}",
    Did.CLICKED: "they followed a link in {}",
}


@phrase.register
def _(test: Happened) -> str:
    what = "event" if test.did is Did.EVENT else "message"
    noun = f"{_times(test)} {what}" + ("" if (test.at_least, test.at_most) == (1, None) else "s")
    topic = "" if test.topic is None else f" of {test.topic}"
    within = "" if test.within is None else f" in the last {spelled(test.within)}"
    if test.did is Did.EVENT:
        noun = f"was {noun}" if noun.endswith("event") else f"were {noun}"
    return _WHAT[test.did].format(noun + topic) + within


def _times(test: Happened) -> str:
    least, most = test.at_least, test.at_most
    if most == 0:
        return "no"
    if most is None:
        return f"at least {least}"
    return f"at most {most}" if not least else f"{least} to {most}"


@phrase.register
def _(test: HasAddress) -> str:
    return f"there is an address on {test.channel}"


@phrase.register
def _(test: Reachable) -> str:
    what = "" if test.category is None else f" for {test.category}"
    return f"an address on {test.channel} is not suppressed{what}"


@phrase.register
def _(test: Consents) -> str:
    return f"they want {test.category} on {test.channel}"


@phrase.register(InAudience)
@phrase.register(Inside)
def _(test: InAudience | Inside) -> str:
    return f"they are in {test.key}"


@phrase.register
def _(test: OnList) -> str:
    return f"they are on the list {test.audience}"


def _values(values: Iterable[Scalar]) -> str:
    written = [_value(value) for value in values]
    if len(written) > _MANY:
        return f"one of {len(written)} values"
    return joined(written, "or")


def _value(value: Scalar) -> str:
    return (
        value
        if isinstance(value, str) and value.isalnum()
        else json.dumps(value, ensure_ascii=False)
    )


def _span(span: Span) -> str:
    after, before = span.after, span.before
    if isinstance(after, timedelta) and not before:
        return f"in the last {spelled(-after)}"
    if isinstance(before, timedelta):
        if after is None:
            return f"more than {spelled(-before)} ago"
        return f"in the next {spelled(before)}"
    edges = (("on or after", after), ("before", before))
    return " and ".join(
        f"{word} {_day(edge)}" for word, edge in edges if isinstance(edge, datetime)
    )


def _day(moment: datetime) -> str:
    midnight = moment.time() == datetime.min.time()
    return f"{moment:%Y-%m-%d}" if midnight else f"{moment:%Y-%m-%d %H:%M} UTC"
