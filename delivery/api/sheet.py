"""What stands on the preference page: groups of boxes, each with whose word counts. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from zoneinfo import ZoneInfo

from delivery.api.form import Form, Gone, Obstacle, Over, Pause, Wish, pauses
from delivery.api.words import Words
from delivery.consent.wishes import Line, Origin, Standing, merged
from models.records import EVERY, Facts, Topic


@dataclass(frozen=True, slots=True)
class Box:
    """One thing to turn on or off; `fixed` when nobody is asked.

    Attributes:
        shown: The hidden field that says what was there.
        value: What is sent when it is ticked.
    """

    label: str
    why: str
    ticked: bool
    shown: str = ""
    value: str = ""
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Boxes with a title of their own: a category, or the channels as a whole."""

    title: str
    text: str
    boxes: tuple[Box, ...]
    always: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One way to pause everything."""

    value: str
    label: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Whose page it is: what counts for them, their language and their clock."""

    facts: Facts
    topics: Mapping[str, Topic]
    words: Words
    now: datetime

    @property
    def zone(self) -> tzinfo:
        """Theirs; UTC where none is known."""
        profile = self.facts.profile
        try:
            return ZoneInfo((profile and profile.timezone) or "UTC")
        except (KeyError, OSError, ValueError):
            return ZoneInfo("UTC")

    @property
    def pause(self) -> Pause:
        """As it stands."""
        until = self.facts.snoozed_until
        if until is not None and until > self.now:
            return Pause(until=until)
        return Pause(muted=not self.facts.preferences.get((EVERY, EVERY), True))

    def moment(self, moment: datetime) -> str:
        """A moment on their clock, in their language."""
        return self.words.moment(moment, self.zone)

    def lines(self, channels: Iterable[str]) -> tuple[Line, ...]:
        """What counts for each category, whatever is muted besides."""
        own = self.facts.preferences
        said = {place: allowed for place, allowed in own.items() if place[0] != EVERY}
        return merged(replace(self.facts, preferences=said), self.topics.values(), channels)


def groups(person: Person, channels: Iterable[str], form: Form) -> list[Group]:
    """All the boxes, ticked as they stand or, where the form asks for another word, as it asks."""
    asked = {(wish.category, wish.channel): wish.wanted for wish in form.wishes}
    every = list(channels)
    lines = person.lines(every)
    used = [key for key in every if any(key in line.standings for line in lines)]
    whole = tuple(_whole(person, channel, asked) for channel in used)
    words = person.words
    found = [Group(words.say("channels_title"), words.say("channels_text"), whole)]
    return found + [_group(person, line, asked) for line in lines]


Asked = Mapping[tuple[str, str], bool | None]


def _whole(person: Person, channel: str, asked: Asked) -> Box:
    """The box of a channel as a whole; without its tick it is muted."""
    own = person.facts.preferences
    is_on = own.get((EVERY, channel), True)
    wanted = asked.get((EVERY, channel))
    box = _box(EVERY, channel, own=None if is_on else False, stands=is_on)
    return replace(
        box, label=person.words.channel(channel), ticked=is_on if wanted is None else wanted
    )


def _group(person: Person, line: Line, asked: Asked) -> Group:
    words, key = person.words, line.category.key
    own = person.facts.preferences

    def box(channel: str, standing: Standing) -> Box:
        label, why = words.channel(channel), words.say(f"origin_{standing.origin}")
        if standing.origin is Origin.MANDATORY:
            return Box(label, why, ticked=True, fixed=True)
        made = _box(key, channel, own=own.get((key, channel)), stands=standing.allowed)
        wanted = asked.get((key, channel))
        ticked = standing.allowed if wanted is None else wanted
        return replace(made, label=label, why=why, ticked=ticked)

    boxes = tuple(box(channel, standing) for channel, standing in line.standings.items())
    partly = line.always and not all(each.fixed for each in boxes)
    always = words.say("always", titles=", ".join(line.always)) if partly else ""
    return Group(line.category.title, line.category.description, boxes, always)


def _box(category: str, channel: str, *, own: bool | None, stands: bool) -> Box:
    mine = "default" if own is None else _state(own)
    shown = f"{mine} {_state(stands)} {channel} {category}"
    return Box("", "", stands, shown, f"{channel} {category}")


def _state(is_on: bool) -> str:  # noqa: FBT001
    return "on" if is_on else "off"


def options(person: Person, form: Form) -> list[Option]:
    """The ways to pause everything, with what stands or is asked for ticked."""
    ticked = str(form.pause or person.pause)
    return [Option(str(pause), label, str(pause) == ticked) for pause, label in _options(person)]


def _options(person: Person) -> Iterator[tuple[Pause, str]]:
    say = person.words.say
    yield Pause(), say("pause_none")
    for name, pause in pauses(person.now).items():
        if pause.until is not None:
            yield pause, say(f"pause_{name}", moment=person.moment(pause.until))
    standing = person.pause.until
    if standing is not None:
        yield person.pause, say("pause_until", moment=person.moment(standing))
    yield Pause(muted=True), say("pause_mute")


def told(person: Person, form: Form) -> list[str]:
    """What a form changed, a sentence each."""
    words, titles = person.words, _titles(person)
    sentences = [] if form.pause is None else [_paused(person, form.pause)]
    for wish in form.wishes:
        state = "default" if wish.wanted is None else _state(wish.wanted)
        sentences.append(words.say(f"now_{state}", what=_where(words, titles, wish)))
    return sentences


def _paused(person: Person, pause: Pause) -> str:
    say = person.words.say
    if pause.until is not None:
        return say("pause_until", moment=person.moment(pause.until))
    return say("pause_title") + ": " + say("pause_mute" if pause.muted else "pause_none")


def _titles(person: Person) -> Mapping[str, str]:
    """Categories as people call them."""
    return {line.category.key: line.category.title for line in person.lines(())}


def _where(words: Words, titles: Mapping[str, str], wish: Wish) -> str:
    channel = words.channel(wish.channel)
    if wish.category == EVERY:
        return channel
    title = titles.get(wish.category, wish.category)
    return words.say("where", category=title, channel=channel)


def complaints(person: Person, found: Iterable[Obstacle]) -> list[tuple[str, str]]:
    """What could not be had and what to do, each with the place on the page where to do it."""
    words, titles = person.words, _titles(person)

    def complaint(obstacle: Obstacle) -> tuple[str, str]:
        match obstacle:
            case Over():
                return "pause-1", words.say("fault_moment")
            case Gone(wish):
                title, channel = titles.get(wish.category, wish.category), wish.channel
                label = words.channel(channel)
                return "choices", words.say("fault_gone", category=title, channel=label)

    return [complaint(each) for each in found]
