"""Campaigns and their runs, as values."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.records.catalog import Topic
from models.records.controls import Switch
from models.records.templates import Live
from models.states import CampaignState


class RunKind(StrEnum):
    """What a run is for."""

    LAUNCH = "launch"
    """The campaign's audience gets it."""
    OCCASION = "occasion"
    """A moment of a recurring schedule has come."""
    EXTEND = "extend"
    """Who came into the audience since gets it too."""
    RETRY = "retry"
    """Whom it failed for gets it again."""
    CORRECTION = "correction"
    """Who got it gets a correction."""
    RESEND = "resend"
    """Who got it and did not open it gets it again."""


class RunState(StrEnum):
    """How far a run has come."""

    FREEZING = "freezing"
    """Its audience is being written down."""
    FROZEN = "frozen"
    """It is known who gets it; its moment has not come."""
    GOING = "going"
    """It goes out, stage by stage."""
    PLANNED = "planned"
    """Everybody has their deliveries; some of them wait still."""
    DONE = "done"
    """Nothing of it waits any more."""
    CANCELLING = "cancelling"
    """What waits is being cancelled."""
    CANCELLED = "cancelled"
    """Nothing more of it goes out."""
    UNDONE = "undone"
    """Its launch was taken back in time: nobody got anything."""


@dataclass(frozen=True, slots=True)
class PreflightAsked:
    """A pre-flight that somebody asked for.

    Attributes:
        revision: The one of the campaign that is looked at.
        done: How much of it is done, in per cent.
        fault: Why there is none; empty while nothing was in the way.
    """

    campaign: str
    revision: int
    asked_at: datetime
    asked_by: str
    done: int
    fault: str


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign as it stands.

    Attributes:
        revision: +1 at each change of the document.
        next_at: When it runs next, where it recurs.
        why: Why it is paused or was cancelled.
        launched_for: About how many belonged to its audience at its launch.
    """

    key: str
    title: str
    team: str | None
    topic: str
    state: CampaignState
    document: Mapping[str, Any]
    revision: int
    next_at: datetime | None
    why: str
    updated_at: datetime
    updated_by: str
    launched_for: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a campaign may name.

    Attributes:
        live: Template to the version that is live.
        channels: Template to the channel it is written for.
        audiences: Audience to the version that is in force.
        files: Those that mails may carry, by key.
    """

    topics: Mapping[str, Topic]
    live: Mapping[str, Live]
    channels: Mapping[str, str]
    audiences: Mapping[str, int] = field(default_factory=dict)
    files: Collection[str] = ()

    def published(self, channel: str) -> list[str]:
        """The templates that can go out over a channel: written for it, and live."""
        return sorted(
            key for key, fits in self.channels.items() if fits == channel and key in self.live
        )


@dataclass(frozen=True, slots=True)
class Around:
    """What there is around a campaign that is about to be launched.

    Attributes:
        switches: Kill switches that are on.
        forecast: The document of its last pre-flight; `None`: there was none.
        version: The one of its audience that is in force; `None`: it lists its people.
        members: About how many belong to that now.
    """

    switches: Sequence[Switch]
    forecast: Mapping[str, Any] | None
    version: int | None = None
    members: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One launch of a campaign, or what follows one.

    Attributes:
        parent: The number of the run it follows.
        document: The campaign's, as it was launched.
        versions: Template to the version that was live then.
        starts_at: When its first messages may go.
        shift: How long it was paused so far.
        winner: The variant that everybody gets who was not in its test.
        eligible: How many get it; `None` while it is being frozen.
        audiences: Audience to the version that was in force at its launch.
    """

    run: UUID
    campaign: str
    number: int
    kind: RunKind
    parent: int | None
    state: RunState
    document: Mapping[str, Any]
    versions: Mapping[str, int]
    launched_at: datetime
    launched_by: str
    starts_at: datetime
    shift: timedelta = timedelta()
    occasion: datetime | None = None
    winner: str | None = None
    eligible: int | None = None
    ended_at: datetime | None = None
    audiences: Mapping[str, int] = field(default_factory=dict)


class StageState(StrEnum):
    """How far a stage has come."""

    WAITING = "waiting"
    """Its moment has not come, or the stage before it is not judged."""
    OPEN = "open"
    """Its deliveries are being written, bucket by bucket."""
    DONE = "done"
    """All of them are."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a run for a part of its people.

    Attributes:
        stage: 0 the canary, 1 the test of variants, 2 the rest.
        opens_at: `None`: when the stage before it was judged.
        members: How many get it, known when it opens.
    """

    run: UUID
    step: str
    stage: int
    opens_at: datetime | None
    state: StageState
    members: int = 0


@dataclass(frozen=True, slots=True)
class CampaignMember:
    """Somebody in a run's frozen audience.

    Attributes:
        variant: Empty: the one that wins.
        excluded: Why they get nothing.
    """

    recipient_id: str
    stage: int
    variant: str
    excluded: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A bucket's share of a stage.

    Attributes:
        place: How many of the stage come before it.
    """

    bucket: int
    place: int
