"""What goes wrong on an ordinary day, for made-up days only. Pure.

Who is troubled depends on the name or number alone, so that a day replayed is the same day.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from zlib import crc32

from models.profiles import NewProfile
from models.queries.planning.demo import NewRow
from models.records import Choice, Suppression
from scheduler.demo.people import Cast
from scheduler.demo.replay import Offer

BAD_EVERY = 400
"""Of so many rows, one is not as the contract wants it."""
TWICE_EVERY = 150
"""Of so many rows, one is written twice: its producer was not sure of the first time."""

_UNKNOWN, _HOMELESS, _TIRED, _AWAY, _BOUNCED = 4, 24, 54, 62, 70
"""Of a thousand people, those below each number and not below the one before."""

CATEGORY = "watched-pages"
"""The category that people turn off."""


def with_trouble(cast: Cast) -> Cast:
    """Some people are unknown, some have no address or a dead one, some have opted out."""
    drawn = [(_draw(profile.recipient_id), profile) for profile in cast.profiles]
    return Cast(
        profiles=[
            _homeless(profile) if _UNKNOWN <= number < _HOMELESS else profile
            for number, profile in drawn
            if number >= _UNKNOWN
        ],
        preferences=[
            Choice(profile.recipient_id, CATEGORY, _refused(number), allowed=False)
            for number, profile in drawn
            if _HOMELESS <= number < _AWAY
        ],
        suppressions=[
            Suppression("email", profile.addresses[0].address, "address_refused", "demo")
            for number, profile in drawn
            if _AWAY <= number < _BOUNCED
        ],
    )


def _draw(name: str) -> int:
    return crc32(name.encode()) % 1000


def _homeless(profile: NewProfile) -> NewProfile:
    return replace(profile, addresses=())


def _refused(number: int) -> str:
    return "email" if number < _TIRED else "*"


def spoiled(offers: list[Offer], begin: datetime) -> list[Offer]:
    """The same rows with a few bad, late, early or doubled ones among them, in the same order."""
    spoiled: list[Offer] = []
    for number, offer in enumerate(offers, start=1):
        if number % BAD_EVERY == 0:
            spoil = _SPOILS[(number // BAD_EVERY - 1) % len(_SPOILS)]
            spoiled.append(replace(offer, row=spoil(offer.row, begin)))
        else:
            spoiled += [offer] * (2 if number % TWICE_EVERY == 0 else 1)
    return spoiled


Spoil = Callable[[NewRow, datetime], NewRow]

_SPOILS: tuple[Spoil, ...] = (
    lambda row, _: replace(row, topic="page.eddited"),
    lambda row, _: replace(row, data='{"comment": "which page was it?"}'),
    lambda row, _: replace(row, recipients=()),
    lambda row, _: replace(row, recipients=(f" {row.recipients[0]}",)),
    lambda row, _: replace(row, priority=12),
    lambda row, _: replace(row, audience="everybody"),
    lambda row, begin: replace(row, expires_at=begin),
    lambda row, begin: replace(row, not_before=begin + timedelta(days=1)),
)
"""Ways in which producers get it wrong, but for the last two, which are their good right."""
