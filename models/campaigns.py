"""Campaigns, their runs, whom they were frozen for, and how far each run has come."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Bucket, Json, Small


class Campaign(Base):
    """What goes to an audience, when, and where that stands."""

    __tablename__ = "campaigns"
    campaign: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    team: Mapped[str | None]
    topic: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'draft'"))
    document: Mapped[Json]
    revision: Mapped[int] = mapped_column(server_default=text("1"))
    """+1 at each change of the document: a save names the one it was made from."""
    next_at: Mapped[datetime | None]
    """When a recurring campaign runs next; null: it does not."""
    why: Mapped[str] = mapped_column(server_default=text("''"))
    """Why it is paused or was cancelled."""
    forecast: Mapped[Json | None]
    """What its last pre-flight foretold, and of which run."""
    launched_for: Mapped[int | None]
    """About how many belonged to its audience at its launch: so many were approved."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    updated_by: Mapped[str]


class CampaignPreflight(Base):
    """A pre-flight that somebody asked for, until it is over."""

    __tablename__ = "campaign_preflights"
    campaign: Mapped[str] = mapped_column(primary_key=True)
    revision: Mapped[int]
    """The one of the campaign that is looked at: of another one nothing is kept."""
    asked_at: Mapped[datetime]
    asked_by: Mapped[str]
    claim: Mapped[UUID | None]
    """The worker that makes it; null: none does."""
    leased_until: Mapped[datetime | None]
    """Until when that worker is believed to be there."""
    done: Mapped[int] = mapped_column(server_default=text("0"))
    """Per cent."""
    fault: Mapped[str] = mapped_column(server_default=text("''"))
    """Why there is none."""


class CampaignRun(Base):
    """One launch of a campaign, or what follows one: frozen, with the document as it was."""

    __tablename__ = "campaign_runs"
    run: Mapped[UUID] = mapped_column(primary_key=True)
    """Made of the campaign and the number."""
    campaign: Mapped[str]
    number: Mapped[int]
    kind: Mapped[str]
    """`launch`, `occasion`, `extend`, `retry`, `correction` or `resend`."""
    parent: Mapped[int | None]
    """The number of the run it follows."""
    state: Mapped[str] = mapped_column(server_default=text("'freezing'"))
    document: Mapped[Json]
    """The campaign's, as it was launched."""
    versions: Mapped[Json]
    """Template to the version that was live then."""
    audiences: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    """Audience to the version that was in force then: all of them are frozen in these."""
    launched_at: Mapped[datetime]
    launched_by: Mapped[str]
    starts_at: Mapped[datetime]
    """When its first messages may go: not before its launch can no longer be taken back."""
    shift: Mapped[timedelta] = mapped_column(server_default=text("'0'"))
    """How long it was paused so far: what is spread or throttled goes so much later."""
    occasion: Mapped[datetime | None]
    """The moment of its recurring schedule: of each there is one run."""
    winner: Mapped[str | None]
    """The variant that everybody gets who was not in its test."""
    eligible: Mapped[int | None]
    """How many get it; null while it is being frozen."""
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("campaign", "number", name="campaign_runs_campaign_number_key"),
        UniqueConstraint("campaign", "occasion", name="campaign_runs_campaign_occasion_key"),
        Index("campaign_runs_open", "campaign", postgresql_where=text("ended_at IS NULL")),
    )


class CampaignStage(Base):
    """A step of a run for a part of its people: the canary, the test of variants, the rest."""

    __tablename__ = "campaign_stages"
    run: Mapped[UUID] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    stage: Mapped[Small] = mapped_column(primary_key=True, autoincrement=False)
    opens_at: Mapped[datetime | None]
    """Null: when the stage before it was judged."""
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"))
    """`waiting`, `open` or `done`."""
    members: Mapped[int] = mapped_column(server_default=text("0"))
    """How many get it, known when it opens."""


class CampaignMember(Base):
    """That somebody was in a run's audience when it was frozen; one row each, never changed."""

    __tablename__ = "campaign_members"
    bucket: Mapped[Bucket]
    run: Mapped[UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[str] = mapped_column(primary_key=True)
    stage: Mapped[Small]
    variant: Mapped[str]
    """Empty: the one that wins."""
    excluded: Mapped[str | None]
    """Why they get nothing; null: they do."""


class CampaignAddress(Base):
    """Who of a campaign's people an address was given to: once to each. Bucket: of the address."""

    __tablename__ = "campaign_addresses"
    bucket: Mapped[Bucket]
    run: Mapped[UUID] = mapped_column(primary_key=True)
    address: Mapped[bytes] = mapped_column(primary_key=True)
    """SHA-256 of the normalised address."""
    recipient_id: Mapped[str]


class CampaignPart(Base):
    """A bucket's share of a run's freezing, or of one of its stages: what is not done is open.

    Whoever locks one writes what hangs on it and marks it done, in one transaction.
    """

    __tablename__ = "campaign_parts"
    bucket: Mapped[Bucket]
    run: Mapped[UUID] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    """Empty: it is to be frozen."""
    stage: Mapped[Small] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(server_default=text("0"))
    """How many of the stage come before it."""
    opens_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    __table_args__ = (
        Index("campaign_parts_open", "opens_at", postgresql_where=text("done_at IS NULL")),
    )
