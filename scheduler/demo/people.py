"""Who takes part in a day: everybody who edited something, with an address of their own. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from models.profiles import NewAddress, NewProfile
from models.records import Choice, Suppression
from scheduler.demo.edits import Day, Edit

DOMAINS = (
    "gmail.example", "outlook.example", "yahoo.example", "icloud.example", "gmx.example",
    "proton.example", "example.com", "example.net", "example.org",
)  # fmt: skip
"""All reserved for such use (RFC 2606): nobody ever receives mail there."""

_OTHERWISE = {"no": "nb", "sh": "sr-Latn", "simple": "en"}
"""Wikis named otherwise than their locale."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of a day, what they chose, and where nothing is sent any more."""

    profiles: Sequence[NewProfile]
    preferences: Sequence[Choice] = ()
    suppressions: Sequence[Suppression] = ()


def cast_of(day: Day) -> Cast:
    """Everybody who edited something, as their first edit shows them."""
    first: dict[str, Edit] = {}
    for edit in day.edits:
        first.setdefault(edit.user, edit)
    return Cast([_profile(edit) for edit in first.values()])


def _profile(edit: Edit) -> NewProfile:
    address = NewAddress("email", address_of(edit.user), preferred=True)
    return NewProfile(edit.user, _said(edit), frozenset({"email"}), (address,))


def _said(edit: Edit) -> dict[str, Any]:
    attributes = {"wiki": edit.wiki, "robot": edit.robot, "anonymous": edit.anonymous}
    return {
        "name": edit.user,
        "locale": locale_of(edit.wiki),
        "timezone": timezone_of(edit.country) if edit.country else None,
        "attributes": attributes | ({"country": edit.country} if edit.country else {}),
    }


def address_of(user: str) -> str:
    """An address that is nobody else's, at one of `DOMAINS`."""
    digest = sha256(user.encode()).digest()
    return f"u{digest[:8].hex()}@{DOMAINS[digest[8] % len(DOMAINS)]}"


@lru_cache
def locale_of(wiki: str) -> str | None:
    """The locale of a wiki's language, where there is one."""
    language = wiki.partition(".")[0]
    tag = _OTHERWISE.get(language, language)
    try:
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
    return tag


def timezone_of(country: str) -> str | None:
    """The time zone of a country that has only one."""
    zones = get_global("territory_zones").get(country, ())
    return zones[0] if len(zones) == 1 else None
