"""What somebody asked for by the form of the preference page. Pure.

    shown      own word, whether it was ticked, channel, category: one for each box there was
    on         channel, category: one for each box that was ticked when it was sent
    set        word, channel, category: a box's word itself; how an undo takes words back
    pause_was  `none`, `mute` or the moment it ends, as it was shown
    pause      the same, as it is wanted
    undo       there when this takes something back

Only what differs from what was shown is asked for: somebody's other window is not overwritten,
a default that was left alone does not become a choice, and the same form twice asks for the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from delivery.consent.choices import Known, as_mute, fault_in, mute, snooze
from models.records import Choice

_WORDS = {"on": True, "off": False, "default": None}
_NAMES = {allowed: word for word, allowed in _WORDS.items()}
Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Wish:
    """A word about one category (`*`: all of them) on one channel; `None`: no own word."""

    category: str
    channel: str
    wanted: bool | None
    before: bool | None = None

    @property
    def undoing(self) -> str:
        """The field `set` that asks for what there was before."""
        return f"{_NAMES[self.before]} {self.channel} {self.category}"


@dataclass(frozen=True, slots=True)
class Pause:
    """Whether everything is muted, snoozed until a moment, or neither."""

    muted: bool = False
    until: datetime | None = None

    def __str__(self) -> str:
        """As it stands in the form."""
        if self.until is not None:
            return self.until.astimezone(UTC).isoformat()
        return "mute" if self.muted else "none"


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked for; `pause` and what it was, where that is to change."""

    wishes: tuple[Wish, ...] = ()
    pause: Pause | None = None
    pause_was: Pause = Pause()
    undoes: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """A wish nobody can have any more: its category or channel is gone."""

    wish: Wish


@dataclass(frozen=True, slots=True)
class Over:
    """A pause that would have ended already."""


Obstacle = Gone | Over


def read_form(fields: Fields) -> Form:
    """Understand what was posted.

    Raises:
        ValueError: It did not come from a page of ours.
    """
    ticked = {_place(text) for text in fields.get("on", ())}
    shown = [_shown(text, ticked) for text in fields.get("shown", ())]
    wishes = [wish for wish in shown if wish is not None]
    wishes += [_said(text) for text in fields.get("set", ())]
    was, wanted = (_pause(fields.get(name, ["none"])) for name in ("pause_was", "pause"))
    changes = "pause" in fields and wanted != was
    return Form(tuple(wishes), wanted if changes else None, was, undoes="undo" in fields)


def _place(text: str) -> tuple[str, str]:
    channel, category = text.split(" ", 1)
    return channel, category


def _shown(text: str, ticked: Iterable[tuple[str, str]]) -> Wish | None:
    own, state, channel, category = text.split(" ", 3)
    is_on = (channel, category) in ticked
    return None if is_on is _word(state) else Wish(category, channel, is_on, _word(own))


def _said(text: str) -> Wish:
    word, channel, category = text.split(" ", 2)
    return Wish(category, channel, _word(word))


def _word(text: str) -> bool | None:
    if text not in _WORDS:
        raise ValueError(f"{text[:20]!r} is no word for a box")
    return _WORDS[text]


def _pause(values: Sequence[str]) -> Pause:
    (text,) = values
    if text in {"none", "mute"}:
        return Pause(muted=text == "mute")
    until = datetime.fromisoformat(text)
    if until.tzinfo is None:
        raise ValueError("a moment without a zone")
    return Pause(until=until.astimezone(UTC))


def choices_of(form: Form, recipient: str, now: datetime) -> list[Choice]:
    """The choices to be written.

    Raises:
        ValueError: The pause ends before it begins, or too late.
    """
    wishes = form.wishes
    chosen = [as_mute(Choice(recipient, w.category, w.channel, w.wanted)) for w in wishes]
    match form.pause:
        case None:
            return chosen
        case Pause(until=None, muted=False):
            return [*chosen, mute(recipient, on=False), snooze(recipient, None, now)]
        case Pause(until=None):
            return [*chosen, mute(recipient, on=True)]
        case Pause(until=until):
            return [*chosen, snooze(recipient, until, now)]


def obstacles(form: Form, known: Known, now: datetime) -> list[Obstacle]:
    """Everything that cannot be had."""
    found: list[Obstacle] = []
    if form.pause is not None:
        try:
            choices_of(Form(pause=form.pause), "", now)
        except ValueError:
            found.append(Over())
    asked = [(wish, Choice("", wish.category, wish.channel, wish.wanted)) for wish in form.wishes]
    return found + [Gone(wish) for wish, choice in asked if fault_in(choice, known)]


def undo(form: Form, now: datetime) -> list[tuple[str, str]]:
    """The fields that ask for what there was before; a pause that is over by now was none."""
    fields = [("undo", "yes"), *(("set", wish.undoing) for wish in form.wishes)]
    if form.pause is not None:
        was = form.pause_was
        over = was.until is not None and was.until <= now
        fields += [("pause_was", str(form.pause)), ("pause", str(Pause() if over else was))]
    return fields


def pauses(now: datetime) -> dict[str, Pause]:
    """The pauses one may choose by name; they end at a full minute, as people are told."""
    begin = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    days = {"day": 1, "week": 7, "month": 30}
    return {name: Pause(until=begin + timedelta(days=length)) for name, length in days.items()}
