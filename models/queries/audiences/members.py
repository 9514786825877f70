"""Who belongs to an audience: counted, looked at, listed, bucket by bucket."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from models.ids import BUCKETS
from models.queries.audiences.conditions import Where
from models.queries.routing import Slice, routed, slice_of
from models.query import Query, Story, count, records, sql

AT_ONCE = 128
"""Buckets of one statement: so many people that Postgres can hash what it looks up."""
SAMPLED = 16
"""Buckets that an estimate counts: people are spread over all of them evenly, by a hash."""
FEW = 20_000
"""Up to so many people an estimate is not good enough, and counting is as fast."""
_PATIENCE = timedelta(seconds=30)
_ROOM = "64MB"


@dataclass(frozen=True, slots=True)
class Member:
    """A recipient who belongs."""

    bucket: int
    recipient_id: str


def roomy() -> Query[int]:
    """Room to hash, for the statements of this transaction."""
    return sql(
        "SELECT set_config('work_mem', :room, true), set_config('jit', 'off', true)",
        count,
        room=_ROOM,
    )


def bounded() -> Query[int]:
    """An end in time for each statement of this transaction: somebody sits there and waits."""
    milliseconds = f"{_PATIENCE / timedelta(milliseconds=1):.0f}"
    return sql("SELECT set_config('statement_timeout', :ms, true)", count, ms=milliseconds)


def parts() -> Iterator[Slice]:
    """All buckets, as many at a time as one statement looks at."""
    for first in range(0, BUCKETS, AT_ONCE):
        yield slice_of(range(first, min(first + AT_ONCE, BUCKETS)))


SAMPLE: Slice = slice_of(range(0, BUCKETS, BUCKETS // SAMPLED))
"""The buckets of an estimate."""


def number(who: Where, slice_: Slice) -> Query[int]:
    """How many of these buckets belong."""
    return routed(
        f"""
        SELECT count(*) FROM recipients r WHERE r.bucket = ANY(:slice) AND {who.text}
        """,
        slice_,
        lambda result: int(result.scalar_one()),
        **who.parameters,
    )


def estimated(who: Where) -> Query[int]:
    """About how many belong, by those of a part of the buckets."""
    counted = number(who, SAMPLE)
    return Query(
        counted.statement,
        lambda result: counted.shape(result) * (BUCKETS // SAMPLED),
        counted.parameters,
    )


def size(who: Where) -> Story[tuple[int, bool]]:
    """How many belong, and whether they were counted: where they are many, it is an estimate."""
    about: int = yield estimated(who)
    if about >= FEW:
        return about, False
    found = 0
    for part in parts():
        found += yield number(who, part)
    return found, True


def members(who: Where, slice_: Slice, after: Member | None, limit: int) -> Query[list[Member]]:
    """Members of these buckets in the order of their keys, from behind one on."""
    bucket, recipient = (-1, "") if after is None else (after.bucket, after.recipient_id)
    return routed(
        f"""
        SELECT r.bucket, r.recipient_id FROM recipients r
         WHERE r.bucket = ANY(:slice) AND (r.bucket, r.recipient_id) > (:bucket, :recipient)
           AND {who.text}
         ORDER BY r.bucket, r.recipient_id LIMIT :limit
        """,
        slice_,
        records(Member),
        bucket=bucket,
        recipient=recipient,
        limit=limit,
        **who.parameters,
    )
