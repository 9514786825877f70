"""Time zones: which names there are, and which one is a recipient's."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from models.records import Profile, Zones


class ZoneSource(StrEnum):
    """Who said which zone a recipient is in, the nearest first."""

    OWN = "own"
    """The person, with their quiet hours."""
    PROFILE = "profile"
    """The product, in the person's profile."""
    ORG = "org"
    """The rulebook, for everybody of their org."""
    DEFAULT = "default"
    """The rulebook, for everybody; UTC where it says nothing."""


@dataclass(frozen=True, slots=True)
class ZoneOf:
    """A recipient's zone.

    Attributes:
        passed_over: Somebody nearer named a zone that there is none of.
    """

    name: str
    source: ZoneSource
    passed_over: bool = False


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(available_timezones())


def known_zone(name: str) -> str:
    """The same name.

    Raises:
        ValueError: No zone has it.
    """
    if name not in _names():
        raise ValueError("not a time zone of the IANA database: write it like Europe/Berlin")
    return name


def own_word(profile: Profile | None, name: str) -> Any:
    """What a person said with their quiet hours; `None` also where the whole cannot be read."""
    hours = None if profile is None else profile.quiet_hours
    return hours.get(name) if isinstance(hours, Mapping) else None


def zone_of(profile: Profile | None, zones: Zones) -> ZoneOf:
    """The zone a recipient is in: the nearest that is named and that there is."""
    named = (
        (ZoneSource.OWN, own_word(profile, "timezone")),
        (ZoneSource.PROFILE, profile and profile.timezone),
        (ZoneSource.ORG, zones.orgs.get(profile.org) if profile and profile.org else None),
        (ZoneSource.DEFAULT, zones.default),
    )
    passed_over = False
    for source, name in named:
        if isinstance(name, str) and name in _names():
            return ZoneOf(name, source, passed_over)
        passed_over |= name is not None
    return ZoneOf("UTC", ZoneSource.DEFAULT, passed_over=True)
