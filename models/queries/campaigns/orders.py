"""What people order about campaigns, each a story for the transaction that checked they may.

Each locks the campaign first: of two who order at once the second sees what the first one did, and
an order that is given twice is refused the second time, or changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.people import AuditEntry
from models.queries.campaigns import campaigns, naming, parts, runs
from models.queries.console import people
from models.query import Story
from models.records import Campaign, Run, RunKind, RunState
from models.records.campaigns import Known
from models.states import CampaignState


class NotNowError(ValueError):
    """The campaign does not stand as the order expects; the message says how, and what to do."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a launch looks at, read under the campaign's lock."""

    campaign: Campaign
    runs: Sequence[Run]
    known: Known


@dataclass(frozen=True, slots=True)
class By:
    """Who orders it, why, and when."""

    who: str
    now: datetime
    why: str = ""


Document = Mapping[str, Any]
Prepare = Callable[[Standing], Run | datetime]
"""Makes the run of a launch, or says when what recurs begins; raises ValueError where it cannot."""

_FIRST = frozenset({CampaignState.DRAFT})
_AFTER = frozenset({CampaignState.RUNNING, CampaignState.SCHEDULED, CampaignState.FINISHED})


def find(key: str) -> Story[Campaign]:
    """A campaign, locked.

    Raises:
        NotNowError: There is none.
    """
    found: Campaign | None = yield campaigns.lock_campaign(key)
    if found is None:
        raise NotNowError(f"there is no campaign {key}: see `tidings campaigns list`")
    return found


def standing(key: str, said: Document | None = None) -> Story[Standing]:
    """What a launch of a campaign looks at, which is locked.

    Args:
        key: The campaign's.
        said: What it is about to say instead.

    Raises:
        NotNowError: There is none.
    """
    campaign: Campaign = yield from find(key)
    before: list[Run] = yield runs.of_campaign(key)
    documents = (campaign.document, *(run.document for run in before), said or {})
    known: Known = yield from naming.known(*documents)
    return Standing(campaign, before, known)


def launch(
    key: str, kind: RunKind, prepare: Prepare, by: By, said: Document | None = None
) -> Story[Run | datetime]:
    """Launch a campaign that is a draft, or what follows one that was launched.

    It returns at once: workers freeze the audience, and nothing goes before the run starts.

    Raises:
        NotNowError: It was launched already, or is cancelled.
    """
    at: Standing = yield from standing(key, said)
    campaign = at.campaign
    _expect(campaign, _FIRST if kind is RunKind.LAUNCH else _AFTER, "launched")
    made = prepare(at)
    if isinstance(made, Run):
        yield from begin(made, by)
        told: dict[str, Any] = {"run": made.number}
    else:
        yield campaigns.set_next(key, made)
        yield campaigns.move(key, CampaignState.SCHEDULED, by.now, by.who)
        told = {"first": made.isoformat()}
    yield _entry("launched a campaign", campaign, by, kind=kind, **told)
    return made


def begin(run: Run, by: By) -> Story[None]:
    """Write a run down, and every bucket of it as still to be frozen."""
    yield runs.add(run)
    yield parts.add_all(run.run, by.now)
    yield campaigns.move(run.campaign, CampaignState.SCHEDULED, by.now, by.who)


def undo(key: str, by: By) -> Story[Run | None]:
    """Take the last launch back, while nothing of it has gone; `None` where it only recurs.

    Raises:
        NotNowError: It has begun.
    """
    campaign: Campaign = yield from find(key)
    known: list[Run] = yield runs.of_campaign(key)
    for run in reversed(known):
        locked: Run | None = None
        if run.state in {RunState.FREEZING, RunState.FROZEN}:
            locked = yield runs.await_lock(run.run)
        if locked is not None and locked.state in {RunState.FREEZING, RunState.FROZEN}:
            yield from _undone(campaign, known, locked, by)
            return locked
    if campaign.state is not CampaignState.SCHEDULED or known:
        raise NotNowError(f"{key} has begun: pause or cancel it")
    yield campaigns.move(key, CampaignState.DRAFT, by.now, by.who)
    yield campaigns.set_next(key, None)
    yield _entry("took a launch back", campaign, by)
    return None


def _undone(campaign: Campaign, known: Sequence[Run], run: Run, by: By) -> Story[None]:
    yield runs.end(run.run, RunState.UNDONE, by.now)
    yield parts.close(run.run, by.now)
    if campaign.state is CampaignState.SCHEDULED:
        went = any(one.state is not RunState.UNDONE for one in known if one.run != run.run)
        to = CampaignState.FINISHED if went else CampaignState.DRAFT
        yield campaigns.move(campaign.key, to, by.now, by.who)
        yield campaigns.set_next(campaign.key, None)
    yield _entry("took a launch back", campaign, by, run=run.number)


def pause(key: str, by: By) -> Story[None]:
    """Let nothing more of a campaign leave.

    Raises:
        NotNowError: It does not go.
    """
    campaign: Campaign = yield from find(key)
    _expect(campaign, {CampaignState.SCHEDULED, CampaignState.RUNNING}, "paused")
    yield campaigns.move(key, CampaignState.PAUSED, by.now, by.who, by.why)
    yield _entry("paused a campaign", campaign, by)


def resume(key: str, by: By) -> Story[None]:
    """Let it go on; what is spread or throttled goes later by as long as it was paused.

    Raises:
        NotNowError: It is not paused.
    """
    campaign: Campaign = yield from find(key)
    _expect(campaign, {CampaignState.PAUSED}, "resumed")
    rested = by.now - campaign.updated_at
    for run in (yield runs.of_campaign(key)):
        if run.ended_at is None and run.starts_at <= campaign.updated_at:
            yield runs.shift(run.run, rested)
            yield parts.delay(run.run, rested, campaign.updated_at)
    yield campaigns.move(key, CampaignState.RUNNING, by.now, by.who)
    yield _entry("resumed a campaign", campaign, by)


def cancel(key: str, by: By) -> Story[None]:
    """End a campaign for good: what waits is cancelled, what was sent stays sent.

    Raises:
        NotNowError: It is over.
    """
    campaign: Campaign = yield from find(key)
    states = {CampaignState(one) for one in CampaignState} - {
        CampaignState.FINISHED, CampaignState.CANCELLED,
    }  # fmt: skip
    _expect(campaign, states, "cancelled")
    for run in (yield runs.of_campaign(key)):
        if run.ended_at is None:
            yield runs.becomes(run.run, RunState.CANCELLING)
    yield campaigns.move(key, CampaignState.CANCELLED, by.now, by.who, by.why)
    yield campaigns.set_next(key, None)
    yield _entry("cancelled a campaign", campaign, by)


def _expect(campaign: Campaign, states: set[CampaignState] | frozenset[CampaignState],
            done: str) -> None:  # fmt: skip
    if campaign.state not in states:
        expected = " or ".join(sorted(states))
        raise NotNowError(
            f"{campaign.key} is {campaign.state}: only what is {expected} can be {done}"
        )


def _entry(did: str, campaign: Campaign, by: By, **detail: Any) -> Any:
    told = {**detail, "before": campaign.state} | ({"reason": by.why} if by.why else {})
    return people.write_audit(AuditEntry(by.now, by.who, did, campaign.key, told))
