"""What the console reads about the days of campaigns."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.data import database
from delivery.campaigns.calendar import Clash, Entry, Kept, clashes, entries
from delivery.campaigns.headroom import Headroom, tight
from delivery.rulebook import newest_sound
from models.database import SyncTransaction
from models.queries.audiences import catalog as audiences
from models.queries.campaigns import campaigns, runs
from models.queries.configuring import catalog, rulebooks
from models.records import Rulebook, Run
from models.states import CampaignState

_LOOKED_AT = 10
"""Rulebooks: of those that cannot be read an earlier one is in force."""


@dataclass(frozen=True, slots=True)
class Days:
    """What goes out in some days.

    Attributes:
        teams: All that have campaigns.
        tight: Where campaigns alone have more for an audience than a cap lets through.
    """

    entries: tuple[Entry, ...]
    clashes: tuple[Clash, ...]
    tight: tuple[Headroom, ...]
    teams: tuple[str, ...]


def days(since: datetime, until: datetime, zone: ZoneInfo, team: str | None) -> Days:
    """What goes out from one moment to another, of one team or of all.

    What hits the same people is told of that team's campaigns, also where the other is another's.
    """
    now = database().now()
    with database().begin() as tx:
        forecasts = tx.run(campaigns.forecasts())
        kept = _kept(tx, forecasts)
        topics = tx.run(catalog.topics())
        book = newest_sound(tx.run(rulebooks.newest(_LOOKED_AT)))[0] or Rulebook()
    every = entries(kept, since, until, now)
    hits = clashes(every, forecasts)
    return Days(
        tuple(one for one in every if _is_of(team, one)),
        tuple(one for one in hits if _is_of(team, one.first) or _is_of(team, one.second)),
        tuple(tight(every, topics, book.caps, zone, now)),
        tuple(sorted({one.campaign.team for one in kept if one.campaign.team})),
    )


def _is_of(team: str | None, entry: Entry) -> bool:
    return team is None or entry.campaign.team == team


def _kept(tx: SyncTransaction, forecasts: Mapping[str, Mapping[str, Any]]) -> list[Kept]:
    every = [
        one for one in tx.run(campaigns.campaigns()) if one.state is not CampaignState.CANCELLED
    ]
    known: dict[str, list[Run]] = {one.key: [] for one in every}
    for run in tx.run(runs.of_campaigns(known)):
        known[run.campaign].append(run)
    sizes = tx.run(audiences.sizes())
    return [
        Kept(
            one, tuple(known[one.key]),
            size.members if (size := sizes.get(str(one.document.get("audience")))) else None,
            forecasts.get(one.key),
        )
        for one in every
    ]  # fmt: skip
