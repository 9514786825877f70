"""Rates against the lines of receivers.

A rate is compared by its Wilson bound, not as it is: of few mails it says little, and one of
three is no flood. E. B. Wilson, "Probable inference, the law of succession, and statistical
inference", JASA 22 (1927); one-sided, 99.5 %.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from delivery.reputation.counting import SILENT
from delivery.reputation.scopes import read_scope
from models.records import Counts, Level, Measure, Rate, Window

_Z = 2.576


@dataclass(frozen=True, slots=True)
class Line:
    """What is held against one measure; shares from 0 to 1.

    Attributes:
        receivers: Who draws it, and where they say so.
        review: They begin to look.
        act: They begin to refuse or to pause.
        watch: Ours: somebody should look.
        trip: Ours: promotional mail is paused.
        least: Of fewer mails nothing is concluded.
    """

    receivers: str
    review: float
    act: float
    watch: float
    trip: float
    least: int


LINES: Mapping[Measure, Line] = {
    # https://docs.aws.amazon.com/ses/latest/dg/reputationdashboardmessages.html
    Measure.BOUNCES: Line("Amazon SES", 0.05, 0.10, 0.025, 0.05, 100),
    # https://support.google.com/mail/answer/81126, https://senders.yahooinc.com/best-practices/
    # Amazon SES pauses at 0.5 % only.
    Measure.COMPLAINTS: Line("Gmail and Yahoo", 0.001, 0.003, 0.0005, 0.0015, 500),
    # Nobody publishes one: what is refused for our authentication will be refused until it is
    # mended, and each refusal counts against us.
    Measure.POLICY: Line("", 0.05, 0.10, 0.025, 0.05, 100),
}
"""Half of where receivers begin to look is worth a look; at half of where they act, we pause."""


Bound = tuple[float, float]
"""From where a measure is watched, and where it trips; per cent."""


def lines_of(bounds: Mapping[Measure, Bound]) -> Mapping[Measure, Line]:
    """The table above with other bounds of ours."""
    return {
        measure: replace(line, watch=bounds[measure][0] / 100, trip=bounds[measure][1] / 100)
        for measure, line in LINES.items()
    }


def floor(hits: int, of: int) -> float:
    """The share is at least this, as far as so many mails can tell: the Wilson lower bound."""
    if of <= 0:
        return 0.0
    share, square = min(hits / of, 1.0), _Z * _Z
    middle = share + square / (2 * of)
    spread = _Z * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    return max((middle - spread) / (1 + square / of), 0.0)


def rates(
    scope: str, counts: Mapping[Window, Counts], lines: Mapping[Measure, Line]
) -> tuple[Rate, ...]:
    """Every measure in every window; the ones that matter most first."""
    longest = sum(counts.values(), Counts())
    tells = {measure: _heard(measure, scope, longest) for measure in Measure}
    found = [
        replace(_rate(measure, window, each, lines[measure]), heard=tells[measure])
        for measure in Measure
        for window, each in counts.items()
    ]
    return tuple(sorted(found, key=badness, reverse=True))


def badness(rate: Rate) -> tuple[float, float]:
    """How near a rate is to its line; comparable between measures."""
    return rate.floor / rate.trip, rate.hits / rate.of / rate.trip if rate.of else 0.0


def _rate(measure: Measure, window: Window, counts: Counts, line: Line) -> Rate:
    hits = _hits(measure, counts)
    among = counts.audience if measure is Measure.COMPLAINTS else counts.sent
    # What comes back now may have been sent before the window.
    of = max(among, hits)
    least = floor(hits, of)
    return Rate(
        measure=measure,
        window=window,
        hits=hits,
        of=of,
        floor=least,
        watch=line.watch,
        trip=line.trip,
        level=_level(least, of, line),
    )


def _hits(measure: Measure, counts: Counts) -> int:
    match measure:
        case Measure.BOUNCES:
            return counts.dead + counts.unclear
        case Measure.COMPLAINTS:
            return counts.complained
        case Measure.POLICY:
            return counts.policy


def _level(least: float, of: int, line: Line) -> Level:
    if of < line.least:
        return Level.OK
    if least > line.trip:
        return Level.TRIPPED
    return Level.WATCH if least > line.watch else Level.OK


def _heard(measure: Measure, scope: str, counts: Counts) -> bool:
    """Whether anybody would tell us: a receiver that never does, or plain SMTP, does not."""
    if measure is Measure.COMPLAINTS and tells_of_none(scope):
        return counts.complained > 0
    return counts.told > 0


def tells_of_none(scope: str) -> bool:
    """Whether a scope's receiver tells nobody of single complaints."""
    try:
        return read_scope(scope).destination in SILENT
    except ValueError:
        return False


def level(found: tuple[Rate, ...]) -> Level:
    """What they mean together."""
    levels = {rate.level for rate in found}
    return next((one for one in (Level.TRIPPED, Level.WATCH) if one in levels), Level.OK)


def worst(found: tuple[Rate, ...]) -> Rate | None:
    """The one that weighs most; `None` where nothing was sent."""
    counted = [rate for rate in found if rate.of]
    order = list(Level)
    return max(counted, key=lambda rate: (order.index(rate.level), badness(rate)), default=None)
