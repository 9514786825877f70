"""How provider accounts may be used and how they fare."""

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json


class AccountLimit(Base):
    """The most that goes over an account to one group of destinations; `all`: in all."""

    __tablename__ = "account_limits"
    account: Mapped[str] = mapped_column(primary_key=True)
    destination: Mapped[str] = mapped_column(primary_key=True)
    per_minute: Mapped[int]


class Breaker(Base):
    """Whether an account works, as all workers see it. None: it always did."""

    __tablename__ = "breakers"
    account: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    failures: Mapped[int]
    """In a row."""
    openings: Mapped[int]
    """In a row: each makes the next pause longer."""
    changed_at: Mapped[datetime]
    retry_at: Mapped[datetime | None]
    """When a probe may be made, or made anew when nothing was heard of the last one."""
    last_error: Mapped[str | None]
    last_error_at: Mapped[datetime | None]


class Pace(Base):
    """The next free moment on an account's way to a group of destinations, and how fast it may be.

    Workers take moments in blocks, so that no limit is exceeded however many there are.
    """

    __tablename__ = "paces"
    account: Mapped[str] = mapped_column(primary_key=True)
    destination: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]
    per_minute: Mapped[int | None]
    """What the destination's own deferrals taught us; null: no such lesson."""
    slowed_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


class WarmUp(Base):
    """A sending domain that is new: how much it sends a day grows slowly."""

    __tablename__ = "warm_ups"
    domain: Mapped[str] = mapped_column(primary_key=True)
    first_day: Mapped[date]


class WarmUpDay(Base):
    """What a new sending domain has used of a day's ceiling."""

    __tablename__ = "warm_up_days"
    domain: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    used: Mapped[int]


class Reputation(Base):
    """How a sending domain, destination, topic, campaign or account fares with receivers.

    None for a scope of which nothing was sent for a week.
    """

    __tablename__ = "reputations"
    scope: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[str]
    """See `models.records.Trust`; what nobody knows stops promotional mail."""
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    """When a pause or a probation is over; null: not by itself."""
    trips: Mapped[int] = mapped_column(server_default=text("0"))
    """In a row: each makes the next pause longer."""
    forgiven_at: Mapped[datetime | None]
    """What was counted before it counts no more."""
    why: Mapped[str] = mapped_column(server_default=text("''"))
    set_by: Mapped[str] = mapped_column(server_default=text("''"))
    rates: Mapped[Json | None]
    judged_at: Mapped[datetime | None]
    told: Mapped[bool] = mapped_column(server_default=text("true"))
    """Operators were told of its last trip."""


class ReputationHour(Base):
    """What became of a scope's mail in an hour, by when it became known: sums of `rollups`."""

    __tablename__ = "reputation_hours"
    scope: Mapped[str] = mapped_column(primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    sent: Mapped[int]
    delivered: Mapped[int]
    dead: Mapped[int]
    unclear: Mapped[int]
    policy: Mapped[int]
    complained: Mapped[int]
    audience: Mapped[int]
    told: Mapped[int]
    __table_args__ = (Index("reputation_hours_hour", "hour"),)
