"""Whether a recipient wants a category on a channel, and who said so. Pure.

The nearest word counts: a mute over the person's own choice, that over their organisation's
default, that over the category's, and where nobody said anything, silence is consent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from delivery.classes import Gate, passes
from models.reasons import Explained
from models.records import EVERY, Category, Facts, Topic

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


_SILENCE = Standing(allowed=True, origin=Origin.INSTALLATION)


def effective(category: str, channel: str, facts: Facts) -> Standing:
    """What counts for a category on a channel, a mute included."""
    if muted(channel, facts):
        return Standing(allowed=False, origin=Origin.MUTE)
    return chosen(category, channel, facts)


def muted(channel: str, facts: Facts) -> bool:
    """Whether the recipient muted everything, or all that comes over this channel."""
    own = facts.preferences
    return bool(own) and not (own.get((EVERY, EVERY), True) and own.get((EVERY, channel), True))


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
    return _SILENCE


def _nearest(said: Mapping[Place, bool], places: tuple[Place, ...]) -> bool | None:
    """The first of these places where something was said."""
    if not said:  # most people say nothing, and every delivery asks
        return None
    return next((said[place] for place in places if place in said), None)


@dataclass(frozen=True, slots=True)
class Line:
    """One category, as a recipient may be asked about it.

    Attributes:
        standings: Channel to what counts there, for the channels its topics go out on.
        always: Titles of topics that come whatever is chosen.
    """

    category: Category
    standings: Mapping[str, Standing]
    always: tuple[str, ...] = ()


def merged(facts: Facts, topics: Iterable[Topic], channels: Iterable[str]) -> tuple[Line, ...]:
    """What counts for every category: the described ones in their order, then all others.

    Args:
        facts: The choices of one recipient and the defaults under them.
        topics: All there are.
        channels: Those a category without topics may be asked about.
    """
    by_category: dict[str, list[Topic]] = {key: [] for key in facts.categories}
    for topic in sorted(topics, key=lambda one: (one.category, one.title)):
        by_category.setdefault(topic.category, []).append(topic)
    for category, _ in sorted(facts.preferences):
        if category != EVERY:
            by_category.setdefault(category, [])
    every = tuple(channels)
    return tuple(_line(key, within, every, facts) for key, within in by_category.items())


def _line(key: str, topics: Sequence[Topic], every: Sequence[str], facts: Facts) -> Line:
    words = key.replace("_", " ").replace("-", " ")
    category = facts.categories.get(key) or Category(key, words[:1].upper() + words[1:])
    used = {step.channel for topic in topics for step in topic.steps}
    channels = [channel for channel in every if channel in used] or list(every)
    always = [topic for topic in topics if asks_nobody(topic)]
    standings = {
        channel: Standing(allowed=True, origin=Origin.MANDATORY)
        if topics and len(always) == len(topics)
        else effective(key, channel, facts)
        for channel in channels
    }
    return Line(category, standings, tuple(topic.title for topic in always))


def asks_nobody(topic: Topic) -> bool:
    """Whether nobody can turn a topic off: it is mandatory, and not promotional."""
    return passes(topic.klass, Gate.CHOICE, mandatory=topic.mandatory)
