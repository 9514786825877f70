"""What the report of a campaign is made of: counts, members, conversions, links, forecast."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.data import DatabaseError, database
from dashboard.showing.spans import cut
from delivery.campaigns.document import stored
from delivery.campaigns.forecast import Compared, difference
from delivery.campaigns.judging import Count, Tally, tally
from delivery.campaigns.noise import ASKED, Noise, sample, week_after, weeks_around
from delivery.campaigns.reporting import Funnel, by_variant, eligible
from models.database import SyncTransaction
from models.queries.campaigns import campaigns, members, noise, report, runs
from models.queries.configuring import templates
from models.queries.folding import engagements
from models.queries.routing import Slice, slice_of
from models.readings.campaigns import Course, Group
from models.readings.engagement import LinkLine
from models.readings.figures import Period
from models.records import Campaign, Run, RunKind, RunState, TemplateVersion

_BY_CHANCE = frozenset({RunKind.LAUNCH, RunKind.OCCASION, RunKind.EXTEND})
"""Runs whose people are drawn into variants and holdouts."""
_GONE = frozenset(RunState) - {RunState.FREEZING, RunState.FROZEN, RunState.UNDONE}
_LAST = 12
"""Runs of a recurring campaign whose people are looked at, the last ones."""
_COUNTS_FOR = timedelta(days=30)
"""So long after a run began, what its people do counts for its goal."""
_HELD_AGAINST = 100_000
"""About so many people of a run are looked at for its goal; their intervals are narrow enough."""
_DRAWN = timedelta(days=30)
"""Of a longer campaign the last days are drawn."""


@dataclass(frozen=True, slots=True)
class Followed:
    """The links of a template version that a campaign led to, and its words."""

    version: TemplateVersion
    lines: tuple[LinkLine, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a campaign.

    Attributes:
        variants: Variant to what became of its messages; one without a name where there are none.
        left_out: Why how many of the audience get nothing.
        groups: Variants and holdouts, and how many of each did what it is for.
        goal: The conversion that it is for; `None`: it is for none.
        compared: What was foretold of a run against what came.
        period: What its course is drawn over.
    """

    campaign: Campaign
    funnel: Funnel
    variants: Mapping[str, Tally]
    left_out: Mapping[str, int]
    goal: str | None
    groups: tuple[Group, ...]
    links: tuple[Followed, ...]
    compared: tuple[Compared, ...]
    period: Period
    courses: tuple[Course, ...]


def told(key: str) -> Report | None:
    """What became of a campaign's messages, and of those who got none; `None`: there is none."""
    now = database().now()
    with database().begin() as tx:
        found = tx.run(campaigns.campaign(key))
        if found is None:
            return None
        known = tx.run(runs.of_campaign(key))
        counts = [Count(*row) for row in tx.run(report.counts(key))]
        over = _period(known, now)
        goal = stored(found.document).goal
        return Report(
            campaign=found,
            funnel=Funnel(key, eligible(known), tally(counts), tx.run(report.waiting(key))),
            variants=by_variant(counts),
            left_out=_left_out(tx, known),
            goal=goal.conversion if goal else None,
            groups=tuple(_groups(tx, known, goal.conversion, now)) if goal else (),
            links=tuple(_links(tx, key)),
            compared=tuple(_compared(tx, key, counts)),
            period=over,
            courses=tuple(tx.run(report.course(key, over))),
        )


def _period(known: Sequence[Run], now: datetime) -> Period:
    begun = min((run.starts_at for run in known), default=now)
    ended = [run.ended_at for run in known if run.ended_at is not None]
    until = max(ended) + timedelta(days=7) if len(ended) == len(known) and ended else now
    until = min(now, until)
    return cut(max(begun, until - _DRAWN), until)


def _left_out(tx: SyncTransaction, known: Sequence[Run]) -> dict[str, int]:
    out: dict[str, int] = {}
    for run in known:
        for why, number in tx.run(members.outcomes(run.run)).items():
            if why is not None:
                out[why] = out.get(why, 0) + number
    return out


def _drawn(known: Sequence[Run], now: datetime) -> list[Run]:
    """The last runs that began and whose people were drawn by chance."""
    begun = [
        run
        for run in known
        if run.kind in _BY_CHANCE and run.state in _GONE and run.starts_at <= now
    ]
    return begun[-_LAST:]


def _groups(tx: SyncTransaction, known: Sequence[Run], goal: str, now: datetime) -> list[Group]:
    return [
        group
        for run in _drawn(known, now)
        for group in tx.run(
            report.groups(run, _counted(run), goal, min(now, run.starts_at + _COUNTS_FOR))
        )
    ]


def _counted(run: Run) -> Slice:
    return slice_of(sample(eligible([run]), _HELD_AGAINST))


def _links(tx: SyncTransaction, key: str) -> list[Followed]:
    counted: dict[tuple[str, int], list[LinkLine]] = {}
    for template, line in tx.run(engagements.links_in(key)):
        counted.setdefault((template, line.version), []).append(line)
    return [
        Followed(version, tuple(lines))
        for (template, number), lines in counted.items()
        for version in tx.run(templates.texts(template, number))[:1]
    ]


def _compared(tx: SyncTransaction, key: str, counts: Sequence[Count]) -> list[Compared]:
    foretold = tx.run(campaigns.forecast(key))
    if foretold is None:
        return []
    happened = [one for one in counts if one.cohort.startswith(f"{foretold['run']}/")]
    return difference(foretold, tally(happened)) if happened else []


def noise_of(key: str) -> Noise | None:
    """What the people of its last run got besides; `None`: none began, or it takes too long."""
    now = database().now()
    try:
        with database().begin() as tx:
            begun = _drawn(tx.run(runs.of_campaign(key)), now)
            return _noise(tx, begun[-1]) if begun else None
    except DatabaseError:
        return None


def _noise(tx: SyncTransaction, run: Run) -> Noise:
    week, weeks = week_after(run.starts_at), weeks_around(run.starts_at)
    people = eligible([run])
    asked = slice_of(sample(people, ASKED))
    return Noise(
        run.number,
        people,
        run.starts_at,
        tx.run(noise.besides(run.run, run.campaign, asked, week)),
        tx.run(noise.opted_out(run.run, weeks)),
        tx.run(noise.complained(run.run, weeks)),
    )
