"""New caps learn what was sent before they were published: how far that is, and what there was."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from models.queries.arrays import array
from models.queries.routing import Slice, routed
from models.query import Answer, Query, count, records, sql
from models.records import Class


@dataclass(frozen=True, slots=True)
class Warming:
    """A counter that is being filled from history, bucket after bucket.

    Attributes:
        since: Nothing older matters to it.
        begins_at: From then on every worker counts what it sends.
        next_bucket: The first bucket that is still to be read.
        found: Slots found so far.
    """

    counter: str
    since: datetime
    begins_at: datetime
    next_bucket: int = 0
    found: int = 0


_COLUMNS = "counter, since, begins_at, next_bucket, found"


def warm() -> Query[frozenset[str]]:
    """Counters that know what was sent before their rule."""
    return sql(
        "SELECT counter FROM warmings WHERE done_at IS NOT NULL",
        lambda result: frozenset(result.scalars()),
    )


def begin(warmings: Sequence[Warming]) -> Query[int]:
    """Have counters filled, unless they are, or somebody is about it."""
    return sql(
        """
        INSERT INTO warmings (counter, since, begins_at)
        SELECT * FROM unnest(CAST(:counters AS text[]), CAST(:since AS timestamptz[]),
                             CAST(:begins AS timestamptz[]))
        ON CONFLICT (counter) DO NOTHING
        """,
        count,
        counters=array(one.counter for one in warmings),
        since=array(one.since for one in warmings),
        begins=array(one.begins_at for one in warmings),
    )


def claim(counters: Collection[str], now: datetime) -> Query[list[Warming]]:
    """Lock one of these counters that is to be filled now and that nobody else fills."""
    return sql(
        f"""
        SELECT {_COLUMNS} FROM warmings
         WHERE counter = ANY(CAST(:counters AS text[])) AND done_at IS NULL AND begins_at <= :now
         ORDER BY counter LIMIT 1 FOR UPDATE SKIP LOCKED
        """,
        records(Warming),
        counters=array(sorted(counters)),
        now=now,
    )


def advance(warming: Warming, done_at: datetime | None) -> Query[int]:
    """Keep how far a locked one is."""
    return sql(
        """
        UPDATE warmings SET next_bucket = :next, found = :found, done_at = :done_at
         WHERE counter = :counter
        """,
        count,
        counter=warming.counter,
        next=warming.next_bucket,
        found=warming.found,
        done_at=done_at,
    )


def forget(counters: Collection[str]) -> Query[int]:
    """Forget all but these counters: what their rules count is not kept up while there are none."""
    return sql(
        "DELETE FROM warmings WHERE counter <> ALL(CAST(:counters AS text[]))",
        count,
        counters=array(sorted(counters)),
    )


def unfinished() -> Query[list[Warming]]:
    """Counters that are still being filled."""
    return sql(
        f"SELECT {_COLUMNS} FROM warmings WHERE done_at IS NULL ORDER BY counter",
        records(Warming),
    )


@dataclass(frozen=True, slots=True)
class Went:
    """A delivery that went, or is about to: as much as a cap may ask about it."""

    bucket: int
    delivery_id: UUID
    event_id: UUID
    recipient_id: str
    topic: str
    klass: Class
    channel: str
    campaign: str | None
    org: str | None
    at: datetime


_WENT = """
    SELECT d.bucket, d.delivery_id, d.event_id, d.recipient_id, d.topic, d.class, d.channel,
           d.campaign, r.org, {at} AS at
      FROM {table} d LEFT JOIN recipients r ON r.bucket = d.bucket
                                           AND r.recipient_id = d.recipient_id
                                           AND r.bucket = ANY(:slice)
     WHERE d.bucket = ANY(:slice) AND NOT d.test AND {where}
"""
_HISTORY = _WENT.format(
    table="deliveries",
    at="coalesce(d.sent_at, d.settled_at)",
    where="d.day >= :day AND d.state IN ('sent', 'delivered', 'bounced', 'in_doubt')"
    " AND coalesce(d.sent_at, d.settled_at) > :since",
)
_ON_ITS_WAY = _WENT.format(
    table="queue", at="d.entered_at", where="(d.state = 'sending' OR d.doubts > 0)"
)


def went(slice_: Slice, since: datetime, day: date) -> Query[list[Went]]:
    """What went to recipients since then, or is on its way; of events since `day`."""
    return routed(f"{_HISTORY} UNION ALL {_ON_ITS_WAY}", slice_, _went, since=since, day=day)


def _went(result: Answer) -> list[Went]:
    columns = [[*row[:5], Class(row[5]), *row[6:]] for row in result]
    return [Went(*values) for values in columns]
