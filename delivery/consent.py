"""Whether a recipient wants a category on a channel, and who said so. Pure.

The nearest word counts: a mute over the person's own choice, that over their organisation's
default, that over the category's, and where nobody said anything, silence is consent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from models.reasons import Explained
from models.records import EVERY, Facts

Place = TypeVar("Place")


class Origin(Explained):
    """Who said so, from the one who is heard first to the one who is heard last."""

    MANDATORY = "mandatory", "The topic is mandatory: nobody is asked."
    MUTE = "mute", "The recipient muted everything, or this channel."
    PERSONAL = "personal", "The recipient chose it."
    ORG = "org", "Their organisation's default."
    CATEGORY = "category", "The category's own default."
    INSTALLATION = "installation", "Nobody said anything: silence is consent."


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with one category on one channel."""

    allowed: bool
    origin: Origin


def effective(category: str, channel: str, facts: Facts) -> Standing:
    """What counts for a category on a channel, a mute included."""
    if muted(channel, facts):
        return Standing(allowed=False, origin=Origin.MUTE)
    return chosen(category, channel, facts)


def muted(channel: str, facts: Facts) -> bool:
    """Whether the recipient muted everything, or all that comes over this channel."""
    everything = facts.preferences.get((EVERY, EVERY), True)
    return not (everything and facts.preferences.get((EVERY, channel), True))


def chosen(category: str, channel: str, facts: Facts) -> Standing:
    """What was said of a category on a channel, whether or not the recipient muted it."""
    said = _nearest(facts.preferences, ((category, channel), (category, EVERY)))
    if said is not None:
        return Standing(said, Origin.PERSONAL)
    places = ((category, channel), (category, EVERY), (EVERY, channel), (EVERY, EVERY))
    said = _nearest(facts.org_preferences, places)
    if said is not None:
        return Standing(said, Origin.ORG)
    known = facts.categories.get(category)
    said = None if known is None else _nearest(known.defaults, (channel, EVERY))
    if said is not None:
        return Standing(said, Origin.CATEGORY)
    return Standing(allowed=True, origin=Origin.INSTALLATION)


def _nearest(said: Mapping[Place, bool], places: tuple[Place, ...]) -> bool | None:
    """The first of these places where something was said."""
    return next((said[place] for place in places if place in said), None)
