"""The kinds of conditions, each with the fields it has."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict

from delivery.audiences.values import (
    Key,
    Length,
    Moment,
    Name,
    Names,
    Number,
    Ranges,
    Times,
    Value,
    Values,
    Zones,
)
from models.records.conditions import (
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
    LocaleIs,
    NotOf,
    OrgIs,
    Reachable,
    Span,
    ZoneIs,
)


class Body(BaseModel):
    """One condition."""

    model_config = ConfigDict(extra="forbid")

    about: str

    def condition(self) -> Condition:
        """The record."""
        raise NotImplementedError


class _Spanned(Body):
    after: Moment | None = None
    before: Moment | None = None
    within: Length | None = None
    longer_ago: Length | None = None
    coming: Length | None = None

    def span(self) -> Span | None:
        """The stretch of time that is said, if one is."""
        relative = [each for each in (self.within, self.longer_ago, self.coming) if each]
        absolute = self.after is not None or self.before is not None
        if len(relative) + absolute > 1:
            raise ValueError("say one of within, longer_ago, coming, or after and before")
        if self.within:
            return Span(-self.within, timedelta())
        if self.longer_ago:
            return Span(None, -self.longer_ago)
        if self.coming:
            return Span(timedelta(), self.coming)
        if not absolute:
            return None
        if self.after and self.before and self.after >= self.before:
            raise ValueError("after is not before before: nothing is between them")
        return Span(self.after, self.before)


class AttributeBody(_Spanned):
    """What a profile's attribute says."""

    name: Name
    is_: Value = Field(None, alias="is")
    in_: Values | None = Field(None, alias="in")
    contains: Value = None
    exists: Annotated[bool, Strict()] | None = None
    at_least: Number | None = None
    at_most: Number | None = None

    def condition(self) -> Condition:
        """The record."""
        said = [test for test in self._tests() if test is not None]
        if len(said) != 1:
            raise ValueError(
                "say one thing of it: is, in, contains, exists, at_least or at_most, within,"
                " longer_ago, coming, after or before"
            )
        return said[0]

    def _tests(self) -> tuple[Condition | None, ...]:
        name, span = self.name, self.span()
        there = AttributeExists(name)
        exists = None if self.exists is None else there if self.exists else NotOf(there)
        numbers = self.at_least is not None or self.at_most is not None
        return (
            None if self.is_ is None else AttributeIs(name, (self.is_,)),
            None if self.in_ is None else AttributeIs(name, tuple(self.in_)),
            None if self.contains is None else AttributeContains(name, self.contains),
            exists,
            AttributeNumber(name, self.at_least, self.at_most) if numbers else None,
            None if span is None else AttributeMoment(name, span),
        )


class OrgBody(Body):
    """Which organisation."""

    in_: Names = Field(alias="in")

    def condition(self) -> Condition:
        """The record."""
        return OrgIs(tuple(self.in_))


class ZoneBody(Body):
    """Which time zone."""

    in_: Zones = Field(alias="in")

    def condition(self) -> Condition:
        """The record."""
        return ZoneIs(tuple(self.in_))


class LocaleBody(Body):
    """Which language, and perhaps where."""

    in_: Ranges = Field(alias="in")

    def condition(self) -> Condition:
        """The record."""
        return LocaleIs(tuple(self.in_))


class CreatedBody(_Spanned):
    """When the recipient became known."""

    def condition(self) -> Condition:
        """The record."""
        span = self.span()
        if span is None:
            raise ValueError("say when: within, longer_ago, after or before")
        if self.coming:
            raise ValueError("nobody became known in the future: say within")
        return Created(span)


class HappenedBody(Body):
    """What there was between us and the recipient."""

    topic: Name | None = None
    at_least: Times | None = None
    at_most: Times | None = None
    within: Length | None = None

    def condition(self) -> Condition:
        """The record."""
        least = 1 if self.at_least is None and self.at_most is None else self.at_least
        if least == 0 and self.at_most is None:
            raise ValueError("at_least = 0 is true of everybody: leave the condition out")
        if least is not None and self.at_most is not None and least > self.at_most:
            raise ValueError("at_least is more than at_most: nobody can be both")
        return Happened(Did(self.about), self.topic, least, self.at_most, self.within)


class AddressBody(Body):
    """Where the recipient has an address."""

    channel: Name

    def condition(self) -> Condition:
        """The record."""
        return HasAddress(self.channel)


class ReachableBody(Body):
    """Where the recipient has an address that is not suppressed."""

    channel: Name
    category: Name | None = None

    def condition(self) -> Condition:
        """The record."""
        return Reachable(self.channel, self.category)


class ConsentBody(Body):
    """What the recipient wants."""

    category: Name
    channel: Name

    def condition(self) -> Condition:
        """The record."""
        return Consents(self.category, self.channel)


class AudienceBody(Body):
    """Another audience."""

    key: Key

    def condition(self) -> Condition:
        """The record."""
        return InAudience(self.key)


ABOUT: dict[str, type[Body]] = {
    "attribute": AttributeBody,
    "org": OrgBody,
    "timezone": ZoneBody,
    "locale": LocaleBody,
    "created": CreatedBody,
    **{str(did): HappenedBody for did in Did},
    "address": AddressBody,
    "reachable": ReachableBody,
    "consent": ConsentBody,
    "audience": AudienceBody,
}
"""What a condition may be about."""
