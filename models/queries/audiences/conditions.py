"""Conditions as SQL about a recipient `r`: names and values are always parameters.

What each means is said once more in `delivery/audiences/why.py`, for one recipient; a test of
random audiences and people holds the two together. No condition is ever NULL, so that `NOT` may
stand before each.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import singledispatchmethod
from typing import Any

from models.queries.audiences.history import happened
from models.records import EVERY
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
    Happened,
    HasAddress,
    Inside,
    LocaleIs,
    NotOf,
    OnList,
    OrgIs,
    Reachable,
    Span,
    ZoneIs,
)


@dataclass(frozen=True, slots=True)
class Where:
    """A condition as SQL about `recipients r`, which says `:slice`, and its parameters."""

    text: str
    parameters: Mapping[str, Any]


def where(condition: Condition, now: datetime) -> Where:
    """A resolved condition as SQL; what is relative counts from `now`."""
    compiler = _Compiler(now)
    text = compiler.tell(condition)
    return Where(text, compiler.parameters)


@dataclass
class _Compiler:
    now: datetime
    parameters: dict[str, Any] = field(default_factory=dict)

    def say(self, value: Any, kind: str) -> str:
        """A new parameter."""
        name = f"c{len(self.parameters)}"
        self.parameters[name] = value
        return f"CAST(:{name} AS {kind})"

    @singledispatchmethod
    def tell(self, condition: object) -> str:
        """A condition as SQL."""
        raise TypeError(f"no condition: {type(condition).__name__}")

    @tell.register
    def _(self, group: AllOf) -> str:
        return self._together(group.parts, " AND ", "true")

    @tell.register
    def _(self, group: AnyOf) -> str:
        return self._together(group.parts, " OR ", "false")

    def _together(self, parts: Sequence[Condition], word: str, empty: str) -> str:
        return f"({word.join(map(self.tell, parts))})" if parts else empty

    @tell.register
    def _(self, negated: NotOf) -> str:
        return f"(NOT {self.tell(negated.part)})"

    @tell.register
    def _(self, inside: Inside) -> str:
        return self.tell(inside.part)

    @tell.register
    def _(self, test: AttributeIs) -> str:
        if len(test.values) == 1:
            return f"r.attributes @> {self._json({test.name: test.values[0]})}"
        values = self.say(list(map(json.dumps, test.values)), "jsonb[]")
        return f"coalesce({self._attribute(test.name)} = ANY({values}), false)"

    @tell.register
    def _(self, test: AttributeContains) -> str:
        return f"r.attributes @> {self._json({test.name: [test.value]})}"

    @tell.register
    def _(self, test: AttributeExists) -> str:
        return f"coalesce(jsonb_typeof({self._attribute(test.name)}) <> 'null', false)"

    @tell.register
    def _(self, test: AttributeNumber) -> str:
        value = self._attribute(test.name)
        number = f"CAST({value} #>> '{{}}' AS numeric)"
        edges = ((">=", test.at_least), ("<=", test.at_most))
        said = [
            f"{number} {sign} {self.say(str(edge), 'numeric')}"
            for sign, edge in edges
            if edge is not None
        ]
        return (
            f"CASE WHEN jsonb_typeof({value}) = 'number' THEN {' AND '.join(said)} ELSE false END"
        )

    @tell.register
    def _(self, test: AttributeMoment) -> str:
        value = self._attribute(test.name)
        text, zoned = f"({value} #>> '{{}}')", self.say("[T ].*(Z|[+-][0-9:]{5})$", "text")
        # Without an offset it is UTC, whatever the session's zone.
        moment = f"{text} || CASE WHEN {text} ~ {zoned} THEN '' ELSE ' UTC' END"
        sound = (
            f"jsonb_typeof({value}) = 'string'"
            f" AND {text} ~ {self.say(f'^{MOMENT}$', 'text')}"
            f" AND pg_input_is_valid({moment}, 'timestamptz')"
        )
        held = self._span(test.span, f"CAST({moment} AS timestamptz)")
        return f"CASE WHEN {sound} THEN {held} ELSE false END"

    def _attribute(self, name: str) -> str:
        return f"(r.attributes -> {self.say(name, 'text')})"

    def _json(self, value: Any) -> str:
        return self.say(json.dumps(value), "jsonb")

    def _span(self, span: Span, moment: str) -> str:
        after, before = span.bounds(self.now)
        said = [
            f"{moment} {sign} {self.say(edge, 'timestamptz')}"
            for sign, edge in ((">=", after), ("<", before))
            if edge is not None
        ]
        return f"({' AND '.join(said)})" if said else "true"

    @tell.register
    def _(self, test: OrgIs) -> str:
        return f"coalesce(r.org = ANY({self.say(list(test.values), 'text[]')}), false)"

    @tell.register
    def _(self, test: ZoneIs) -> str:
        return f"coalesce(r.timezone = ANY({self.say(list(test.values), 'text[]')}), false)"

    @tell.register
    def _(self, test: LocaleIs) -> str:
        ranges = self.say([each.lower() for each in test.ranges], "text[]")
        tag = "lower(r.locale)"
        return (
            f"EXISTS (SELECT FROM unnest({ranges}) one"
            f" WHERE {tag} = one OR starts_with({tag}, one || '-'))"
        )

    @tell.register
    def _(self, test: Created) -> str:
        return self._span(test.span, "r.created_at")

    @tell.register
    def _(self, test: Happened) -> str:
        return happened(test, self.say, self.now)

    @tell.register
    def _(self, test: HasAddress) -> str:
        return f"EXISTS ({_ADDRESSES} AND a.channel = {self.say(test.channel, 'text')})"

    @tell.register
    def _(self, test: Reachable) -> str:
        categories = self.say(sorted({EVERY, test.category or EVERY}), "text[]")
        return f"""EXISTS (
            {_ADDRESSES} AND a.channel = {self.say(test.channel, "text")} AND NOT EXISTS (
                SELECT FROM jsonb_each(a.suppressed) block (mark, entry)
                 WHERE substr(mark, strpos(mark, '/') + 1) = ANY({categories})
                   AND coalesce(CAST(entry ->> 'until' AS timestamptz)
                                > {self.say(self.now, "timestamptz")}, true)))"""

    @tell.register
    def _(self, test: Consents) -> str:
        said = {
            "category": self.say(test.category, "text"),
            "channel": self.say(test.channel, "text"),
        }
        return _CONSENTS.format(**said)

    @tell.register
    def _(self, test: OnList) -> str:
        return f"""EXISTS (
            SELECT FROM audience_members m
             WHERE m.bucket = ANY(:slice) AND m.bucket = r.bucket
               AND m.recipient_id = r.recipient_id
               AND m.audience = {self.say(test.audience, "text")}
               AND m.list = {self.say(test.list, "bigint")})"""


_ADDRESSES = """
    SELECT FROM addresses a
     WHERE a.bucket = ANY(:slice) AND a.bucket = r.bucket AND a.recipient_id = r.recipient_id"""
_CONSENTS = """(
    NOT EXISTS (
        SELECT FROM preferences p
         WHERE p.bucket = ANY(:slice) AND p.bucket = r.bucket
           AND p.recipient_id = r.recipient_id AND p.until IS NULL AND NOT p.allowed
           AND p.category = '*' AND p.channel IN ('*', {channel}))
    AND coalesce(
        (SELECT p.allowed FROM preferences p
          WHERE p.bucket = ANY(:slice) AND p.bucket = r.bucket
            AND p.recipient_id = r.recipient_id AND p.until IS NULL
            AND p.category = {category} AND p.channel IN ('*', {channel})
          ORDER BY p.channel = '*' LIMIT 1),
        (SELECT o.allowed FROM org_preferences o
          WHERE o.org = r.org AND o.category IN ('*', {category})
            AND o.channel IN ('*', {channel})
          ORDER BY o.category = '*', o.channel = '*' LIMIT 1),
        (SELECT CAST(coalesce(c.defaults -> {channel}, c.defaults -> '*') AS boolean)
           FROM categories c WHERE c.category = {category}),
        true))"""
