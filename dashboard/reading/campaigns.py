"""What the console reads about campaigns: how each stands, and how far it came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.data import database
from delivery.campaigns.basis import Basis, stale
from delivery.campaigns.document import stored
from delivery.campaigns.launching import pinned
from delivery.campaigns.reporting import RATE_OVER, Progress, progress
from models.database import SyncTransaction
from models.queries.audiences import catalog as audiences
from models.queries.campaigns import campaigns, preflights, report, runs
from models.queries.campaigns.report import Pace
from models.queries.configuring import catalog, templates
from models.records import Campaign, PreflightAsked, Run, Topic
from models.states import CampaignState as C

UNDER_WAY = frozenset({C.SCHEDULED, C.RUNNING, C.PAUSED})
"""Something of it is to come, or waits."""


@dataclass(frozen=True, slots=True)
class Line:
    """A campaign as it stands in the list.

    Attributes:
        runs: Those of one that is under way; of others nobody asks.
        progress: How far it came; `None` where nothing of it is under way.
        at: When that was so.
    """

    campaign: Campaign
    runs: tuple[Run, ...]
    progress: Progress | None
    at: datetime


def lines() -> list[Line]:
    """All campaigns, those last changed first."""
    with database().begin() as tx:
        return _lines(tx, tx.run(campaigns.campaigns()), database().now())


def line(key: str) -> Line | None:
    """One campaign with all of its runs; `None`: there is none."""
    now = database().now()
    with database().begin() as tx:
        found = tx.run(campaigns.campaign(key))
        if found is None:
            return None
        known = tx.run(runs.of_campaign(key))
        return Line(found, tuple(known), _progress(tx, found, known, now), now)


@dataclass(frozen=True, slots=True)
class Parts:
    """What deliveries of a campaign may be told apart by, as it is written."""

    runs: list[str]
    steps: list[str]
    variants: list[str]


def keys() -> list[str]:
    """The keys of all campaigns."""
    with database().begin() as tx:
        return sorted(one.key for one in tx.run(campaigns.campaigns()))


def parts(key: str) -> Parts:
    """The runs of a campaign, and their steps and variants."""
    with database().begin() as tx:
        known = tx.run(runs.of_campaign(key))
    said = [stored(run.document) for run in known]
    return Parts(
        [str(run.number) for run in known],
        sorted({step.key for one in said for step in one.steps}),
        sorted({variant.key for one in said for variant in one.variants}),
    )


def _progress(
    tx: SyncTransaction, one: Campaign, known: Sequence[Run], now: datetime
) -> Progress | None:
    if one.state is C.DRAFT:
        return None
    paces = tx.run(report.paces([one.key], now - RATE_OVER))
    return _told(one, known, tx.run(catalog.topics()), paces, now)


def _lines(tx: SyncTransaction, found: list[Campaign], now: datetime) -> list[Line]:
    keys = [one.key for one in found if one.state in UNDER_WAY]
    if not keys:
        return [Line(one, (), None, now) for one in found]
    topics = tx.run(catalog.topics())
    paces = tx.run(report.paces(keys, now - RATE_OVER))
    known: dict[str, list[Run]] = {key: [] for key in keys}
    for run in tx.run(runs.of_campaigns(keys)):
        known[run.campaign].append(run)
    return [
        Line(one, tuple(known[one.key]), _told(one, known[one.key], topics, paces, now), now)
        if one.key in known
        else Line(one, (), None, now)
        for one in found
    ]


def _told(
    one: Campaign,
    known: Sequence[Run],
    topics: Mapping[str, Topic],
    paces: Mapping[str, Pace],
    now: datetime,
) -> Progress:
    topic, pace = topics.get(one.topic), paces.get(one.key, Pace())
    messages = len(topic.steps) if topic else 1
    return progress(known, messages, pace.settled, pace.lately, now)


@dataclass(frozen=True, slots=True)
class Foretold:
    """The pre-flights of a campaign.

    Attributes:
        last: The document of the last one; `None`: there was none.
        asked: The one that is under way or failed.
        stale: What changed since the last one was made.
    """

    last: Mapping[str, Any] | None
    asked: PreflightAsked | None
    stale: tuple[str, ...]


def foretold(one: Campaign) -> Foretold:
    """What was foretold of a campaign, whether that still holds, and what is being foretold."""
    with database().begin() as tx:
        last = tx.run(campaigns.forecast(one.key))
        asked = tx.run(preflights.asked(one.key))
        current = last is not None and (one.state is C.DRAFT or one.next_at is not None)
        changed = tuple(stale(last, _basis(tx, one))) if last and current else ()
    return Foretold(last, asked, changed)


def _basis(tx: SyncTransaction, one: Campaign) -> Basis:
    """What a pre-flight would be made of now; of what was launched nothing changes any more."""
    body = stored(one.document)
    saved = None if body.audience is None else tx.run(audiences.saved(body.audience))
    topic = tx.run(catalog.topics()).get(body.topic)
    said = {} if topic is None else pinned(body, topic, tx.run(templates.live()))
    return Basis(one.revision, saved and saved[0], said)


def waiting(key: str) -> int:
    """How many of its messages wait."""
    with database().begin() as tx:
        return sum(tx.run(report.waiting(key)).values())
