"""Counts of moves and times to hand-over, appended by whoever made them."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import log2
from uuid import UUID

from models.counts import FOLDED
from models.ids import BUCKETS
from models.queries.routing import Slice, home, routed
from models.query import Copy, Query, count
from models.records import Move

_BINS_PER_DOUBLING = 4
_ROLLUP = (
    "bucket", "batch", "minute", "topic", "channel", "provider", "destination", "class",
    "state", "reason", "account", "sender", "campaign", "cohort", "entered", '"left"',
)  # fmt: skip


def _minute(now: datetime) -> datetime:
    return now.replace(second=0, microsecond=0)


def _bucket(batch: UUID) -> int:
    return batch.int & (BUCKETS - 1)


def write_moves(entered: Counter[Move], left: Counter[Move], batch: UUID, now: datetime) -> Copy:
    """The moves of one transaction; `batch` is its token."""
    rows = [
        (
            _bucket(batch), batch, _minute(now), move.topic, move.channel, move.provider,
            move.destination, move.klass, move.state, move.reason, move.account, move.sender,
            move.campaign, move.cohort, entered[move], left[move],
        )
        for move in {*entered, *left}
    ]  # fmt: skip
    return Copy("rollups", _ROLLUP, rows)


def bin_of(milliseconds: float) -> int:
    """The histogram bin of a duration; see `models.counts.Latency`."""
    return int(log2(max(milliseconds, 1.0)) * _BINS_PER_DOUBLING)


def write_latencies(taken: Iterable[tuple[str, str, float]], batch: UUID, now: datetime) -> Copy:
    """Times from the producer's insert to the hand-over: (channel, class, milliseconds)."""
    bins = Counter((channel, klass, bin_of(ms)) for channel, klass, ms in taken)
    rows = [
        (_bucket(batch), batch, _minute(now), channel, klass, bin_, number)
        for (channel, klass, bin_), number in bins.items()
    ]
    columns = ["bucket", "batch", "minute", "channel", "class", "bin", "count"]
    return Copy("latencies", columns, rows)


_SLOT = timedelta(minutes=15)
_TIME = ("bucket", "batch", "slot", "channel", "provider", "destination", "kind", "bin", "count")


def write_reactions(
    taken: Iterable[tuple[str, str, str, str, float]], batch: UUID, now: datetime
) -> Copy:
    """Times from the hand-over to what came back: (channel, provider, destination, kind, ms)."""
    bins = Counter((*dimensions, bin_of(ms)) for *dimensions, ms in taken)
    slot = now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % _SLOT
    rows = [(_bucket(batch), batch, slot, *key, number) for key, number in bins.items()]
    return Copy("reaction_times", _TIME, rows)


_FOLDED_BY = (
    "bucket, minute, topic, channel, provider, destination, class, state, reason, account, sender,"
    " campaign, cohort"
)


def fold_moves(slice_: Slice, before: datetime) -> Query[int]:
    """Add up the counts of finished minutes: a row a minute and dimension, and a row an hour."""
    return routed(
        f"""
        WITH gone AS (
            DELETE FROM rollups
             WHERE bucket = ANY(:slice) AND minute < :before AND batch <> :folded
            RETURNING {_FOLDED_BY}, entered, "left"),
        hours AS (
            INSERT INTO rollup_hours AS h (bucket, hour, topic, channel, provider, destination,
                                           class, state, reason, entered, "left")
            SELECT CAST(:home AS smallint), date_trunc('hour', minute, 'UTC'), topic, channel,
                   provider, destination, class, state, reason, sum(entered), sum("left")
              FROM gone
             GROUP BY 2, topic, channel, provider, destination, class, state, reason
             ORDER BY 2, topic, channel, provider, destination, class, state, reason
            ON CONFLICT (bucket, hour, topic, channel, provider, destination, class, state, reason)
            DO UPDATE SET entered = h.entered + excluded.entered,
                          "left" = h."left" + excluded."left")
        INSERT INTO rollups AS r ({_FOLDED_BY}, batch, entered, "left")
        SELECT {_FOLDED_BY}, CAST(:folded AS uuid), sum(entered), sum("left")
          FROM gone GROUP BY {_FOLDED_BY}
        ON CONFLICT ({_FOLDED_BY}, batch)
        DO UPDATE SET entered = r.entered + excluded.entered, "left" = r."left" + excluded."left"
        """,
        slice_,
        count,
        before=before,
        folded=FOLDED,
        home=home(slice_),
    )


def fold_latencies(slice_: Slice, before: datetime) -> Query[int]:
    """The same for the histogram."""
    return routed(
        """
        WITH gone AS (
            DELETE FROM latencies
             WHERE bucket = ANY(:slice) AND minute < :before AND batch <> :folded
            RETURNING bucket, minute, channel, class, bin, count)
        INSERT INTO latencies AS l (bucket, batch, minute, channel, class, bin, count)
        SELECT bucket, CAST(:folded AS uuid), minute, channel, class, bin, sum(count)
          FROM gone GROUP BY bucket, minute, channel, class, bin
        ON CONFLICT (bucket, batch, minute, channel, class, bin)
        DO UPDATE SET count = l.count + excluded.count
        """,
        slice_,
        count,
        before=before,
        folded=FOLDED,
    )


def fold_reactions(slice_: Slice, before: datetime) -> Query[int]:
    """The same for the times of what came back; a quarter of an hour is one row a dimension."""
    return routed(
        """
        WITH gone AS (
            DELETE FROM reaction_times
             WHERE bucket = ANY(:slice) AND slot < :before AND batch <> :folded
            RETURNING slot, channel, provider, destination, kind, bin, count)
        INSERT INTO reaction_times AS t (bucket, batch, slot, channel, provider, destination,
                                         kind, bin, count)
        SELECT CAST(:home AS smallint), CAST(:folded AS uuid), slot, channel, provider,
               destination, kind, bin, sum(count)
          FROM gone GROUP BY slot, channel, provider, destination, kind, bin
         ORDER BY slot, channel, provider, destination, kind, bin
        ON CONFLICT (bucket, batch, slot, channel, provider, destination, kind, bin)
        DO UPDATE SET count = t.count + excluded.count
        """,
        slice_,
        count,
        before=before,
        folded=FOLDED,
        home=home(slice_),
    )
