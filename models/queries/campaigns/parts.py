"""The buckets of a run: which are still to be frozen, which of a stage still to be planned."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from models.ids import BUCKETS
from models.queries.arrays import array
from models.queries.routing import EVERYWHERE, Slice, routed, slice_of
from models.query import Query, count, records
from models.records import Part

FREEZING = "", 0
"""What stands for the step and stage of a part that is to be frozen."""
Place = tuple[UUID, str, int]
"""Run, step and stage."""


def add(of: Place, parts: Mapping[int, tuple[int, datetime]]) -> Query[int]:
    """Open parts: bucket to how many come before it, and when it opens. Those there stay."""
    run, step, stage = of
    buckets = sorted(parts)
    return routed(
        """
        INSERT INTO campaign_parts (bucket, run, step, stage, place, opens_at)
        SELECT u.bucket, CAST(:run AS uuid), CAST(:step AS text), CAST(:stage AS smallint),
               u.place, u.opens_at
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:places AS bigint[]),
                      CAST(:opens AS timestamptz[])) u (bucket, place, opens_at)
         WHERE u.bucket = ANY(:slice)
        ON CONFLICT (bucket, run, step, stage) DO NOTHING
        """,
        slice_of(buckets),
        count,
        run=run,
        step=step,
        stage=stage,
        buckets=buckets,
        places=[parts[bucket][0] for bucket in buckets],
        opens=array(parts[bucket][1] for bucket in buckets),
    )


def add_all(run: UUID, now: datetime) -> Query[int]:
    """Open every bucket of a run for freezing."""
    return add((run, *FREEZING), dict.fromkeys(range(BUCKETS), (0, now)))


def claim(of: Place, slice_: Slice, limit: int, now: datetime) -> Query[list[Part]]:
    """Lock parts that are open and not done, and that nobody else has locked."""
    run, step, stage = of
    return routed(
        """
        SELECT bucket, place FROM campaign_parts
         WHERE bucket = ANY(:slice) AND run = :run AND step = :step AND stage = :stage
           AND done_at IS NULL AND opens_at <= :now
         ORDER BY opens_at, bucket LIMIT :limit FOR UPDATE SKIP LOCKED
        """,
        slice_,
        records(Part),
        run=run,
        step=step,
        stage=stage,
        limit=limit,
        now=now,
    )


def finish(of: Place, parts: Sequence[Part], now: datetime) -> Query[int]:
    """Mark locked parts done, in the transaction that wrote what hangs on them."""
    run, step, stage = of
    buckets = [part.bucket for part in parts]
    return routed(
        """
        UPDATE campaign_parts SET done_at = :now
         WHERE bucket = ANY(:slice) AND run = :run AND step = :step AND stage = :stage
        """,
        slice_of(buckets),
        count,
        run=run,
        step=step,
        stage=stage,
        now=now,
    )


def close(run: UUID, now: datetime) -> Query[int]:
    """Mark all parts of a run done; waits for those that somebody works on."""
    return routed(
        """
        UPDATE campaign_parts SET done_at = :now
         WHERE bucket = ANY(:slice) AND run = :run AND done_at IS NULL
        """,
        EVERYWHERE,
        count,
        run=run,
        now=now,
    )


def left(of: Place) -> Query[int]:
    """How many parts are not done, also those that somebody works on or that open later."""
    run, step, stage = of
    return routed(
        """
        SELECT count(*) FROM campaign_parts
         WHERE bucket = ANY(:slice) AND run = :run AND step = :step AND stage = :stage
           AND done_at IS NULL
        """,
        EVERYWHERE,
        lambda result: int(result.scalar_one()),
        run=run,
        step=step,
        stage=stage,
    )


_OF_RUNS = ("campaign_members", "campaign_addresses", "campaign_parts")


def forget(run: UUID, slice_: Slice) -> list[Query[int]]:
    """Forget whom a run was for, in these buckets; what it sent stays as long as history does."""
    return [
        routed(
            f"DELETE FROM {table} WHERE bucket = ANY(:slice) AND run = :run",
            slice_,
            count,
            run=run,
        )
        for table in _OF_RUNS
    ]


def delay(run: UUID, by: object, now: datetime) -> Query[int]:
    """Let parts that had not opened yet open later."""
    return routed(
        """
        UPDATE campaign_parts SET opens_at = opens_at + CAST(:by AS interval)
         WHERE bucket = ANY(:slice) AND run = :run AND done_at IS NULL AND opens_at > :now
        """,
        EVERYWHERE,
        count,
        run=run,
        by=by,
        now=now,
    )
