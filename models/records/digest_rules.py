"""A topic's rule for collecting its news into digests, and how it is written down.

As JSON: `{"kind": "debounce", "steps": ["email"], "by": ["actor"], "wait": "10m",
"at_most": "1h"}`; a recurring one says `"every": "week", "on": "monday", "at": "09:00"` instead
of `wait`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from enum import StrEnum
from typing import Any


class DigestKind(StrEnum):
    """When a digest closes."""

    DEBOUNCE = "debounce"
    """When nothing has come for a while; the timer starts again with each event."""
    FIXED = "fixed"
    """A fixed time after its first event."""
    FIRST_THEN = "first_then"
    """The first event goes at once; those of the window after it follow together."""
    RECURRING = "recurring"
    """Once a day or a week, at the recipient's local time."""


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A local time of each day, or of one day of each week; `weekday` counts from Monday, 0."""

    at: time
    weekday: int | None = None

    @property
    def longest(self) -> timedelta:
        """The longest wait for it; the day the clocks are put back has an hour more."""
        return timedelta(days=1 if self.weekday is None else 7, hours=1)


LONGEST = timedelta(days=30)
"""No digest waits longer than this."""
_SHORTEST = timedelta(seconds=1)
_TIMES_LONGER = 6
"""A debounce that says no maximum closes after so many of its waits."""


@dataclass(frozen=True, slots=True)
class Digest:
    """When, and of what, a topic's digests are made.

    Attributes:
        steps: Keys of the steps that are collected; the others go as they come.
        by: What the events of one digest have in common: `actor`, `thread`, or a dotted path
            into the data like `data.board.id`. None: all of the topic go together.
        wait: Of a recurring one nothing; of the others how long it collects.
        at_most: Of a debounce: how long after its first event it closes at the latest.
        rhythm: Of a recurring one: when, unless the recipient chose.
    """

    kind: DigestKind
    steps: tuple[str, ...]
    by: tuple[str, ...] = ()
    wait: timedelta = field(default_factory=timedelta)
    at_most: timedelta = field(default_factory=timedelta)
    rhythm: Rhythm | None = None

    @property
    def longest(self) -> timedelta:
        """How long an event may have to wait."""
        if self.kind is DigestKind.RECURRING:
            return Rhythm(time(), 0).longest  # the recipient may choose a week
        return self.at_most if self.kind is DigestKind.DEBOUNCE else self.wait

    @property
    def document(self) -> dict[str, Any]:
        """The rule as `read_digest` reads it."""
        said: dict[str, Any] = {"kind": str(self.kind), "steps": list(self.steps)}
        if self.by:
            said["by"] = list(self.by)
        if self.rhythm is not None:
            return said | write_rhythm(self.rhythm)
        said["wait"] = _written(self.wait)
        if self.kind is DigestKind.DEBOUNCE:
            said["at_most"] = _written(self.at_most)
        return said


_PATH = re.compile(r"actor|thread|data(\.[^.\s]+)+")
_WAIT = re.compile(r"(\d{1,7})(s|m|h|d)")
_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1),
          "d": timedelta(days=1)}  # fmt: skip
_KEYS = {
    DigestKind.DEBOUNCE: {"wait", "at_most"},
    DigestKind.FIXED: {"wait"},
    DigestKind.FIRST_THEN: {"wait"},
    DigestKind.RECURRING: {"every", "on", "at"},
}


def read_digest(document: object) -> Digest:
    """The rule that a document says.

    Raises:
        ValueError: What is wrong with it, where, and how it is written.
    """
    if not isinstance(document, Mapping):
        raise ValueError("digest: write an object with kind and steps")  # noqa: TRY004
    kind = _kind(document)
    if unknown := document.keys() - {"kind", "steps", "by"} - _KEYS[kind]:
        raise ValueError(f"digest.{min(unknown)}: a {kind} digest has no such setting")
    steps, by = _texts(document, "steps"), _by(document)
    if not steps:
        raise ValueError("digest.steps: name at least one step of the topic")
    if kind is DigestKind.RECURRING:
        return Digest(kind, steps, by, rhythm=read_rhythm(document, "digest."))
    wait = _wait(document, "wait")
    at_most = _at_most(document, wait) if kind is DigestKind.DEBOUNCE else timedelta()
    return Digest(kind, steps, by, wait, at_most)


def _kind(document: Mapping[str, Any]) -> DigestKind:
    try:
        return DigestKind(str(document.get("kind")))
    except ValueError:
        raise ValueError(f"digest.kind: write {', '.join(DigestKind)}") from None


def _by(document: Mapping[str, Any]) -> tuple[str, ...]:
    by = _texts(document, "by")
    for path in by:
        if _PATH.fullmatch(path) is None:
            raise ValueError(f"digest.by: {path!r}: write actor, thread or data.some.field")
    return by


def _at_most(document: Mapping[str, Any], wait: timedelta) -> timedelta:
    if "at_most" not in document:
        return min(wait * _TIMES_LONGER, LONGEST)
    at_most = _wait(document, "at_most")
    if at_most < wait:
        raise ValueError("digest.at_most: shorter than wait")
    return at_most


def _texts(document: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = document.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise ValueError(f"digest.{name}: write a list of texts")
    return tuple(values)


def _wait(document: Mapping[str, Any], name: str) -> timedelta:
    found = _WAIT.fullmatch(str(document.get(name)))
    wait = int(found[1]) * _UNITS[found[2]] if found else timedelta()
    if not _SHORTEST <= wait <= LONGEST:
        raise ValueError(f"digest.{name}: write 30s, 10m, 2h or 3d; at most {LONGEST.days}d")
    return wait


def _written(wait: timedelta) -> str:
    for unit in ("d", "h", "m"):
        if not wait % _UNITS[unit]:
            return f"{wait // _UNITS[unit]}{unit}"
    return f"{wait // _UNITS['s']}s"


def read_rhythm(document: Mapping[str, Any], where: str = "") -> Rhythm:
    """When a recurring digest is due, as a topic or a recipient says.

    Raises:
        ValueError: What is wrong with it, where, and how it is written.
    """
    every, day, said = document.get("every"), document.get("on"), str(document.get("at"))
    if every not in {"day", "week"}:
        raise ValueError(f"{where}every: write day or week")
    if (every == "week") != (day in WEEKDAYS) or (every == "day" and day is not None):
        raise ValueError(f"{where}on: write the weekday of a weekly digest, like monday")
    if re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", said) is None:
        raise ValueError(f"{where}at: write a local time like 09:00")
    return Rhythm(time.fromisoformat(said), None if day is None else WEEKDAYS.index(day))


def write_rhythm(rhythm: Rhythm) -> dict[str, str]:
    """A rhythm as `read_rhythm` reads it."""
    said = {"every": "day", "at": f"{rhythm.at:%H:%M}"}
    if rhythm.weekday is not None:
        said |= {"every": "week", "on": WEEKDAYS[rhythm.weekday]}
    return said
