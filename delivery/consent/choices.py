"""Understanding what somebody chose, from HTTP or a file, or saying what is wrong with it. Pure."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from delivery.profiles import Fault
from models.records import EVERY, Choice

LONGEST_SNOOZE = timedelta(days=400)
_LONGEST = 200
"""Most bytes of UTF-8 in a category."""


@dataclass(frozen=True, slots=True)
class Known:
    """What may be chosen about."""

    categories: Container[str]
    channels: Container[str]


def fault_in(choice: Choice, known: Known) -> Fault | None:
    """What is wrong with a choice; what is only taken back may be of a category that is gone."""
    category, channel = choice.category, choice.channel
    if channel != EVERY and channel not in known.channels:
        return Fault("/channel", f"There is no such channel: {channel[:100]!r}; * is every one.")
    if category == EVERY:
        return None
    if choice.allowed is None:
        return None if _is_text(category) else _unknown(category)
    return None if category in known.categories else _unknown(category)


def _is_text(category: str) -> bool:
    return category.isprintable() and 0 < len(category.encode()) <= _LONGEST


def _unknown(category: str) -> Fault:
    shown = repr(category[:100])
    return Fault("/category", f"No topic is of this category, nor is it described: {shown}.")


def as_mute(choice: Choice) -> Choice:
    """Wanting every category is no choice of its own: it takes a mute back."""
    if choice.category == EVERY and choice.allowed:
        return Choice(choice.recipient_id, EVERY, choice.channel, None)
    return choice


def mute(recipient: str, *, on: bool) -> Choice:
    """Want nothing at all, or take that back; a snooze that is on stays."""
    return Choice(recipient, EVERY, EVERY, False if on else None)


def snooze(recipient: str, until: datetime | None, now: datetime) -> Choice:
    """Want nothing that interrupts before a moment, or take that back; a mute that is on stays.

    Raises:
        ValueError: The moment has no zone, is over or too far; the text says what to do.
    """
    if until is None:
        return Choice(recipient, EVERY, EVERY, None, now)
    if until.tzinfo is None:
        raise ValueError("The moment has no time zone: add one, like Z.")
    if not now < until <= now + LONGEST_SNOOZE:
        raise ValueError("A snooze ends after now and within 400 days: for longer, mute.")
    return Choice(recipient, EVERY, EVERY, allowed=False, until=until.astimezone(UTC))
