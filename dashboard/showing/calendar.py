"""The calendar of campaigns as HTML, and as rows of a table. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from html import escape
from zoneinfo import ZoneInfo

from dashboard.showing.words import label, number
from delivery.campaigns.calendar import Clash, Entry, Part
from delivery.campaigns.headroom import Headroom

WEEK, MONTH = "Week", "Month"
_DAYS = 7
_SHOWN = 6
"""Messages of a day that are drawn in a month; the table below has them all."""


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are drawn: whole weeks, from Monday.

    Attributes:
        month: The month they are drawn for; `None`: a week for its own sake.
    """

    first: date
    weeks: int
    month: int | None
    zone: ZoneInfo

    @property
    def since(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time(), self.zone)

    @property
    def until(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.first + timedelta(_DAYS * self.weeks), time(), self.zone)

    @property
    def days(self) -> list[date]:
        """Every day."""
        return [self.first + timedelta(day) for day in range(_DAYS * self.weeks)]


def span(kind: str, day: date, zone: ZoneInfo) -> Span:
    """The week or the month that a day is in."""
    start = day if kind == WEEK else day.replace(day=1)
    first = start - timedelta(start.weekday())
    if kind == WEEK:
        return Span(first, 1, None, zone)
    last = following(MONTH, day, 1) - timedelta(1)
    return Span(first, (last - first).days // _DAYS + 1, day.month, zone)


def following(kind: str, day: date, steps: int) -> date:
    """A day of the week or month that lies so many steps after it; below zero: before."""
    if kind == WEEK:
        return day + timedelta(_DAYS * steps)
    months = day.year * 12 + day.month - 1 + steps
    return date(months // 12, months % 12 + 1, 1)


def heading(found: Span) -> str:
    """What the days are called."""
    days = found.days
    if found.month is not None:
        return f"{days[10]:%B %Y}"
    return f"{days[0]:%d %b} to {days[-1]:%d %b %Y}"


@dataclass(frozen=True, slots=True)
class Marks:
    """What is drawn beside what goes out.

    Attributes:
        twice: Names of those that hit the same people as another one.
    """

    twice: Collection[object]
    tight: Collection[Headroom]
    today: date


def marks(clashes: Sequence[Clash], tight: Sequence[Headroom], today: date) -> Marks:
    """What clashes, what does not fit under a cap, and which day it is."""
    twice = {one.name for hit in clashes for one in (hit.first, hit.second)}
    return Marks(frozenset(twice), tight, today)


def html(found: Span, entries: Sequence[Entry], marked: Marks) -> str:
    """The days as a table; see `.calendar` in console.css."""
    by_day = by_days(entries, found.zone)
    heads = "".join(f'<th scope="col">{day:%a}</th>' for day in found.days[:_DAYS])
    rows = "".join(
        f"<tr>{''.join(_day(day, by_day.get(day, []), found, marked) for day in week)}</tr>"
        for week in _weeks(found.days)
    )
    return (
        f'<table class="calendar" aria-label="{escape(heading(found))}">'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )


def by_days(entries: Sequence[Entry], zone: ZoneInfo) -> Mapping[date, list[Entry]]:
    """What goes out on each day of a zone."""
    found: dict[date, list[Entry]] = {}
    for one in entries:
        found.setdefault(one.at.astimezone(zone).date(), []).append(one)
    return found


def _weeks(days: Sequence[date]) -> Iterator[Sequence[date]]:
    return (days[at : at + _DAYS] for at in range(0, len(days), _DAYS))


def _day(day: date, entries: Sequence[Entry], found: Span, marked: Marks) -> str:
    kinds = {
        "outside": found.month is not None and day.month != found.month,
        "today": day == marked.today,
        "empty": not entries,
    }
    said = " ".join(name for name, is_so in kinds.items() if is_so)
    most = _SHOWN if found.weeks > 1 else len(entries)
    shown = "".join(_entry(one, found.zone, marked) for one in entries[:most])
    more = f"<li>{len(entries) - most} more</li>" if len(entries) > most else ""
    full = "".join(_full(one) for one in marked.tight if one.day == day)
    return (
        f'<td class="{said}"><div class="day"><b><span class="weekday">{day:%a} </span>'
        f"{day.day}</b>{_volume(entries)}</div><ul>{shown}{more}{full}</ul></td>"
    )


def _volume(entries: Sequence[Entry]) -> str:
    known = [one.people for one in entries if one.people is not None]
    return f"<span>{number(sum(known))}</span>" if known else ""


def _entry(one: Entry, zone: ZoneInfo, marked: Marks) -> str:
    kinds = {"draft": one.is_draft, "twice": one.name in marked.twice}
    said = " ".join(name for name, is_so in kinds.items() if is_so)
    note = " · twice within a day" if one.name in marked.twice else ""
    return (
        f'<li class="{said}"><time>{one.at.astimezone(zone):%H:%M}</time>'
        f" {escape(one.campaign.title)}{escape(_detail(one))}{note}</li>"
    )


def _detail(one: Entry) -> str:
    told = [] if len(one.body.steps) == 1 else [one.step]
    told += [] if one.part is Part.ALL else [one.part]
    told += ["draft"] if one.is_draft else []
    return f" ({', '.join(told)})" if told else ""


def _full(one: Headroom) -> str:
    return f'<li class="full">{escape(tightness(one))}</li>'


def tightness(one: Headroom) -> str:
    """How many messages for an audience do not fit under a cap."""
    return f"{one.audience}: {one.planned} planned a person, cap {one.cap} allows {one.allowed}"


def table(entries: Sequence[Entry], marked: Marks) -> dict[str, list[object]]:
    """The same as columns."""
    return {
        "at": [one.at for one in entries],
        "title": [one.campaign.title for one in entries],
        "step": [one.step for one in entries],
        "part": [label(one.part) for one in entries],
        "people": [one.people for one in entries],
        "audience": [
            one.body.audience or f"{number(len(one.body.recipients))} listed" for one in entries
        ],
        "team": [one.campaign.team for one in entries],
        "state": [[label(one.campaign.state)] for one in entries],
        "note": [_note(one, marked) for one in entries],
    }


def _note(one: Entry, marked: Marks) -> str:
    told = ["Same people twice within a day"] if one.name in marked.twice else []
    told += ["By local time"] if one.local else []
    return ". ".join(told)


def warnings(clashes: Sequence[Clash], zone: ZoneInfo) -> list[str]:
    """Who gets what twice, each pair of campaigns once a day."""
    said: dict[tuple[frozenset[str], date], str] = {}
    for hit in clashes:
        one, other = hit.first, hit.second
        day = one.at.astimezone(zone).date()
        both = frozenset({one.campaign.key, other.campaign.key})
        said.setdefault((both, day), _clash(hit, zone))
    return list(said.values())


def _clash(hit: Clash, zone: ZoneInfo) -> str:
    people = "Some people" if hit.people is None else f"{number(hit.people)} people"
    one, other = (
        f"{entry.campaign.title} ({entry.at.astimezone(zone):%a %d %b, %H:%M})"
        for entry in (hit.first, hit.second)
    )
    return f"{people} get {one} and {other}."
