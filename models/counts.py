"""Counts and histograms of what moved: what charts, reports and metrics read."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Bucket, Small

FOLDED = UUID(int=0)
"""The batch of counts that were added up."""


class Rollup(Base):
    """Counts of moves, appended by the transaction that made them and folded by upkeep.

    For each state the sum of `entered` less the sum of `left` is the number of rows in it.
    """

    __tablename__ = "rollups"
    bucket: Mapped[Bucket]
    batch: Mapped[UUID] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    destination: Mapped[str] = mapped_column(primary_key=True)
    klass: Mapped[str] = mapped_column("class", primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True, server_default=text("''"))
    sender: Mapped[str] = mapped_column(primary_key=True, server_default=text("''"))
    """The domain it was sent from."""
    campaign: Mapped[str] = mapped_column(primary_key=True, server_default=text("''"))
    cohort: Mapped[str] = mapped_column(primary_key=True, server_default=text("''"))
    entered: Mapped[int]
    left: Mapped[int]
    __table_args__ = (
        Index("rollups_minute", "minute"),
        Index("rollups_unfolded", "minute", postgresql_where=text(f"batch <> '{FOLDED}'")),
        Index("rollups_campaign", "campaign", postgresql_where=text("campaign <> ''")),
    )


class RollupHour(Base):
    """The same counts, added up by hour as they are folded: what long charts read.

    Bucket: one for each shard, so that an hour has one row a dimension, not one a batch.
    """

    __tablename__ = "rollup_hours"
    bucket: Mapped[Bucket]
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    topic: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    destination: Mapped[str] = mapped_column(primary_key=True)
    klass: Mapped[str] = mapped_column("class", primary_key=True)
    state: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(primary_key=True)
    entered: Mapped[int]
    left: Mapped[int]
    __table_args__ = (
        Index("rollup_hours_hour", "hour"),
        # A chart of its own, of few rows among many.
        Index(
            "rollup_hours_suppressions", "hour",
            postgresql_where=text("state IN ('suppressed', 'lifted')"),
        ),
    )  # fmt: skip


class Latency(Base):
    """A histogram of the time from the producer's commit to the hand-over."""

    __tablename__ = "latencies"
    bucket: Mapped[Bucket]
    batch: Mapped[UUID] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    klass: Mapped[str] = mapped_column("class", primary_key=True)
    bin: Mapped[Small] = mapped_column(primary_key=True, autoincrement=False)
    """Quarter powers of two of a millisecond: bin b holds 2^(b/4) to 2^((b+1)/4) ms."""
    count: Mapped[int]
    __table_args__ = (
        Index("latencies_minute", "minute"),
        Index("latencies_unfolded", "minute", postgresql_where=text(f"batch <> '{FOLDED}'")),
    )


class ReactionTime(Base):
    """A histogram of the time from the hand-over to what came back; bins as `Latency` has them."""

    __tablename__ = "reaction_times"
    bucket: Mapped[Bucket]
    batch: Mapped[UUID] = mapped_column(primary_key=True)
    slot: Mapped[datetime] = mapped_column(primary_key=True)
    """A quarter of an hour."""
    channel: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(primary_key=True)
    destination: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    bin: Mapped[Small] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
    __table_args__ = (
        Index("reaction_times_slot", "slot"),
        Index("reaction_times_unfolded", "slot", postgresql_where=text(f"batch <> '{FOLDED}'")),
    )
