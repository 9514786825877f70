"""How provider accounts may be used and how they fare."""

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


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
