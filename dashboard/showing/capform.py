"""A cap between the fields of a form and what the rulebook says. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import time
from typing import Any

from delivery.rulebook import read, sentence
from delivery.rulebook.document import CapBody
from delivery.rulebook.spans import spelled
from models.records import Cap, Class, Over, Period, Picks, Rhythm, write_rhythm

ROLLING = "rolling"
"""The window that is no period of the calendar."""
PICKS = tuple(each.name for each in fields(Picks))
_AT_SIX = Rhythm(time(18))


@dataclass(frozen=True, slots=True)
class CapForm:
    """What the fields hold.

    Attributes:
        limit: `None`: no cap.
        window: A period of the calendar, or `rolling`.
        within: Of a rolling one: the time to look back, as people write it.
        picks: By kind of selector, what is named.
        free: Classes that need no slot, critical apart, which never does.
        rhythm: Of what is collected: when it goes together.
    """

    key: str = ""
    limit: int | None = 2
    window: str = Period.DAY
    within: str = "24 hours"
    picks: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: {"classes": (str(Class.PROMOTIONAL),)}
    )
    counts: tuple[str, ...] = tuple(map(str, Class))
    free: tuple[str, ...] = (str(Class.TRANSACTIONAL),)
    over: Over = Over.HOLD
    rhythm: Rhythm = _AT_SIX


def filled(cap: Cap) -> CapForm:
    """The fields as a rule fills them."""
    rolling = not isinstance(cap.window, Period)
    named = {name: tuple(sorted(getattr(cap.picks, name))) for name in PICKS}
    form = CapForm(
        key=cap.key,
        limit=cap.limit,
        window=ROLLING if rolling else str(cap.window),
        picks={name: values for name, values in named.items() if values},
        counts=tuple(str(klass) for klass in Class if klass in cap.counts),
        free=tuple(sorted(cap.exempts - {Class.CRITICAL})),
        over=cap.over,
        rhythm=cap.digest or _AT_SIX,
    )
    if isinstance(cap.window, Period):
        return form
    return replace(form, within=spelled(cap.window))


def body(form: CapForm) -> dict[str, Any]:
    """The rule as it is written; what it would say anyway is left out."""
    said: dict[str, Any] = {"key": form.key.strip()}
    said |= {name: list(form.picks[name]) for name in PICKS if form.picks.get(name)}
    if form.limit is not None:
        said["limit"] = form.limit
    said |= {"within": form.within} if form.window == ROLLING else {"per": form.window}
    if set(form.counts) != set(Class):
        said["counts"] = [str(klass) for klass in Class if klass in form.counts]
    if {*form.free, Class.CRITICAL} != _exempt_anyway(said):
        said["exempts"] = list(form.free)
    if form.over is not Over.HOLD:
        said["over"] = str(form.over)
    if form.over is Over.DIGEST:
        said["digest"] = write_rhythm(form.rhythm)
    return said


def _exempt_anyway(said: Mapping[str, Any]) -> set[str]:
    return {*CapBody.model_construct(key=said["key"], classes=said.get("classes")).exempt()}


def with_cap(document: Mapping[str, Any], changed: str | None, said: Any) -> dict[str, Any]:
    """The rulebook with one cap put in, in the place of the one it changes if there is one.

    Args:
        document: A rulebook.
        changed: Key of the cap whose place it takes; `None`: it is a new one.
        said: The cap as it is written; `None`: it is taken out.
    """
    new = [] if said is None else [said]
    caps: list[Any] = []
    for one in document.get("caps", []):
        caps += new if one["key"] == changed else [one]
    caps += new if changed is None else []
    rest = {key: value for key, value in document.items() if key != "caps"}
    return {"caps": caps, **rest} if caps else rest


def told(said: Mapping[str, Any]) -> str:
    """The rule as a sentence.

    Raises:
        RulebookError: It is none yet; what is missing, or wrong.
    """
    return sentence(read({"caps": [said]}).caps[0])
