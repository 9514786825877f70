"""What the console says about campaigns, and offers to do with them. Pure."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from dashboard.showing.words import STATE_COLOURS, duration, label, moment, number
from delivery.campaigns.reporting import Progress
from models.records import Campaign, Run, RunState
from models.states import CampaignState as C

_BACK = {RunState.FREEZING, RunState.FROZEN}


class Order(StrEnum):
    """What one may do with a campaign."""

    START = "start"
    UNDO = "undo"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    CLONE = "clone"


def orders(campaign: Campaign, runs: Sequence[Run]) -> list[Order]:
    """What fits how it stands, in the order of the buttons."""
    found = [Order.START] if campaign.state is C.DRAFT else []
    if undoable(campaign, runs) or (campaign.state is C.SCHEDULED and not runs):
        found.append(Order.UNDO)
    if campaign.state in {C.SCHEDULED, C.RUNNING}:
        found.append(Order.PAUSE)
    if campaign.state is C.PAUSED:
        found.append(Order.RESUME)
    if campaign.state not in {C.FINISHED, C.CANCELLED}:
        found.append(Order.CANCEL)
    return [*found, Order.CLONE]


def undoable(campaign: Campaign, runs: Sequence[Run]) -> Run | None:
    """The run that can still be taken back: nothing of it has gone."""
    if campaign.state is C.CANCELLED:
        return None
    return next((run for run in reversed(runs) if run.state in _BACK), None)


def badge(state: C) -> str:
    """A state as a coloured chip."""
    return f":{STATE_COLOURS[state]}-badge[{label(state)}]"


def pace(progress: Progress, now: datetime) -> str:
    """How far it came, how fast it goes, and when it ends so."""
    told = [f"{number(progress.settled)} of {number(progress.expected)} messages done"]
    if progress.per_minute:
        told.append(f"{number(max(1, progress.per_minute))} a minute")
    if progress.ends_at is not None:
        told.append(f"ends in about {duration(progress.ends_at - now)}")
    return ", ".join(told)


def who(campaign: Campaign) -> str:
    """Whom its document names."""
    audience = campaign.document.get("audience")
    return str(audience or f"{number(len(campaign.document.get('recipients', ())))} listed")


def coming(campaign: Campaign, runs: Sequence[Run], now: datetime) -> datetime | None:
    """When something of it begins next; `None`: nothing is planned."""
    starts = [run.starts_at for run in runs if run.state in _BACK and run.starts_at > now]
    return min([*starts, *filter(None, [campaign.next_at])], default=None)


def occasion(campaign: Campaign, runs: Sequence[Run], now: datetime, zone: ZoneInfo) -> str:
    """The same in words; empty: nothing is planned."""
    at = coming(campaign, runs, now)
    return "" if at is None else f"Begins {moment(at, zone)}"
