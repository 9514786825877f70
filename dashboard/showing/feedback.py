"""The figures of the page Feedback, made of counts. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.reading.returns import Returned
from dashboard.showing.figures import quantile
from dashboard.showing.spans import bins
from dashboard.showing.words import label
from delivery.reputation.rates import LINES
from models.readings.returns import Course
from models.records import Change, Kind, Measure
from models.states import HANDED_OVER, DeliveryState as D

Rows = list[dict[str, object]]

COMPLAINTS = LINES[Measure.COMPLAINTS]
"""Rates that receivers want a sender to stay under and never to reach; ours is at half."""
RATED_OVER = timedelta(days=1)
"""A rate is of so much time before each moment: receivers judge by the day."""
PEOPLE = frozenset({"person", "proxy"})
"""Who opens and clicks as a person does; the others are machines."""
QUANTILES = {"p50": 0.5, "p90": 0.9}


def handed_over(one: Course) -> int:
    """What a count adds to what was handed over; what comes back later was handed over once."""
    return (one.entered - one.left) * (one.state in HANDED_OVER)


def came(*states: str) -> Callable[[Course], int]:
    """Counts what came into these states."""
    wanted = frozenset(states)
    return lambda one: one.entered * (one.state in wanted)


def total(counts: Iterable[Course], count: Callable[[Course], int]) -> int:
    """A count over a whole period."""
    return sum(count(one) for one in counts)


def share(part: int, whole: int) -> float:
    """A share of 0 to 1; 0 where there was nothing, and never more than all."""
    return min(part / whole, 1.0) if whole > 0 else 0.0


def by_bin(found: Returned, count: Callable[[Course], int]) -> list[int]:
    """A count for each bin of the period."""
    sums: Counter[datetime] = Counter()
    for one in found.courses:
        sums[one.at] += count(one)
    return [sums[at] for at in bins(found.period)]


def bounces(found: Returned) -> Rows:
    """What bounced in each bin, by reason; a row also where nothing did."""
    counts: Counter[tuple[datetime, str]] = Counter()
    for one in found.courses:
        if one.state == D.BOUNCED:
            counts[one.at, one.reason] += one.entered
    reasons = _commonest(found.courses)
    return [
        {"at": at, "reason": label(reason or "unknown"), "bounced": counts[at, reason]}
        for at in bins(found.period)
        for reason in reasons
    ]


def _commonest(counts: Iterable[Course]) -> list[str]:
    found: Counter[str] = Counter()
    for one in counts:
        if one.state == D.BOUNCED:
            found[one.reason] += one.entered
    return [reason for reason, count in found.most_common() if count]


def heat(found: Returned) -> Rows:
    """How much bounced at each destination for each reason, and its share of what went there."""
    sent: Counter[str] = Counter()
    bounced: Counter[tuple[str, str]] = Counter()
    for one in found.courses:
        sent[one.destination] += handed_over(one)
        if one.state == D.BOUNCED:
            bounced[one.destination, one.reason] += one.entered
    return [
        {
            "destination": destination or "unknown",
            "reason": label(reason or "unknown"),
            "bounced": count,
            "sent": sent[destination],
            "share": share(count, sent[destination]),
        }
        for (destination, reason), count in bounced.most_common()
        if count
    ]


def complaints(found: Returned) -> Rows:
    """The complaint rate at each moment, over the day before it as far as the period reaches.

    Half a day at least, in a longer period: one complaint would weigh too much.
    """
    said, sent = by_bin(found, came(Kind.COMPLAINED)), by_bin(found, handed_over)
    places = list(enumerate(bins(found.period)))
    width = max(RATED_OVER // found.period.step, 1)
    rows: Rows = []
    for place, at in places[width // 2 if width < len(places) else 0 :]:
        since = max(place + 1 - width, 0)
        whole = sum(sent[since : place + 1])
        if whole > 0:
            part = sum(said[since : place + 1])
            rows.append({"at": at, "rate": share(part, whole), "complaints": part, "sent": whole})
    return rows


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the funnel.

    Attributes:
        count: `None` where nobody tells.
        of: What it is a share of.
    """

    name: str
    count: int | None
    of: int


def telling(counts: Iterable[Course]) -> dict[str, bool]:
    """Of each provider that carried something: whether it tells what was delivered."""
    told: dict[str, bool] = {}
    for one in counts:
        if one.provider and one.state in HANDED_OVER:
            told[one.provider] = told.get(one.provider, False) or (
                one.state == D.DELIVERED and one.entered > 0
            )
    return told


def funnel(found: Returned) -> list[Step]:
    """Sent › delivered › opened › clicked; what nobody tells is no zero."""
    tells = telling(found.courses)
    sent = total(found.courses, handed_over)
    told = total((one for one in found.courses if tells.get(one.provider)), handed_over)
    delivered = total(found.courses, came(D.DELIVERED)) if any(tells.values()) else None
    steps = [Step("Sent", sent, sent), Step("Delivered", delivered, told)]
    for kind, verb in ((Kind.OPENED, "Opened"), (Kind.CLICKED, "Clicked")):
        by = Counter[bool]()
        for one in found.courses:
            if one.state == kind:
                by[one.reason in PEOPLE] += one.entered
        if by.total():
            steps += [
                Step(f"{verb}, people", by[True], sent),
                Step(f"{verb}, machines", by[False], sent),
            ]
    return steps


def delays(found: Returned) -> Rows:
    """The quantiles of hand-over → what came back, in seconds, for each bin and kind."""
    histograms: dict[tuple[datetime, str], Counter[int]] = {}
    for one in found.delays:
        histograms.setdefault((one.at, one.kind), Counter())[one.bin] += one.count
    return [
        {
            "at": at, "kind": label(kind), "quantile": name,
            "seconds": (quantile(histogram, part) or 1.0) / 1000,
        }
        for (at, kind), histogram in sorted(histograms.items())
        for name, part in QUANTILES.items()
    ]  # fmt: skip


LIFTED, ENDED = "Lifted", "Ended by itself"
_WORDS: Mapping[str, str] = {Change.LIFTED: LIFTED, "ended": ENDED}


def growth(found: Returned) -> Rows:
    """Suppressions that were added, by cause, above zero; that were lifted or ended, below."""
    counts: Counter[tuple[datetime, str, int]] = Counter()
    for one in found.changes:
        name = _WORDS.get(one.change) or label(one.reason)
        counts[one.at, name, 1 if one.change == Change.SUPPRESSED else -1] += one.count
    return [
        {"at": at, "what": name, "number": sign * count}
        for (at, name, sign), count in sorted(counts.items())
    ]


def silent(found: Returned) -> Sequence[str]:
    """The providers that tell nothing of what was delivered."""
    return sorted(name for name, tells in telling(found.courses).items() if not tells)
