"""How often mail to an address came back for now, within a while."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.ids import bucket_of
from models.queries.arrays import array
from models.queries.routing import Slice, routed, slice_of
from models.query import Query, count, sql


@dataclass(frozen=True, slots=True)
class Strike:
    """One delivery that came back for now."""

    channel: str
    address: str
    delivery_id: UUID


def remember(strikes: Sequence[Strike], now: datetime) -> Query[int]:
    """Count deliveries that came back for now, each once."""
    return sql(
        """
        INSERT INTO soft_bounces (bucket, channel, address, delivery_id, at)
        SELECT u.*, CAST(:now AS timestamptz)
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:channels AS text[]),
                      CAST(:addresses AS text[]), CAST(:ids AS uuid[])) u
        ON CONFLICT (bucket, channel, address, delivery_id) DO NOTHING
        """,
        count,
        now=now,
        buckets=array(bucket_of(one.address) for one in strikes),
        channels=array(one.channel for one in strikes),
        addresses=array(one.address for one in strikes),
        ids=array(one.delivery_id for one in strikes),
    )


def counted(strikes: Sequence[Strike], since: datetime) -> Query[dict[tuple[str, str], int]]:
    """How many deliveries to these (channel, address) came back since a moment."""
    return routed(
        """
        SELECT s.channel, s.address, count(*) AS bounces FROM soft_bounces s
         WHERE s.bucket = ANY(:slice) AND s.address = ANY(CAST(:addresses AS text[]))
           AND s.at > :since
         GROUP BY s.bucket, s.channel, s.address
        """,
        slice_of(bucket_of(one.address) for one in strikes),
        lambda result: {(row.channel, row.address): row.bounces for row in result},
        addresses=[one.address for one in strikes],
        since=since,
    )


def pardon(pairs: Sequence[tuple[str, str]]) -> Query[int]:
    """Forget what came back from addresses where mail arrived since: (channel, address)."""
    return routed(
        """
        DELETE FROM soft_bounces s
         USING unnest(CAST(:channels AS text[]), CAST(:addresses AS text[]),
                      CAST(:buckets AS smallint[])) u (channel, address, bucket)
         WHERE s.bucket = ANY(:slice) AND s.bucket = u.bucket AND s.channel = u.channel
           AND s.address = u.address
        """,
        slice_of(bucket_of(address) for _, address in pairs),
        count,
        channels=[channel for channel, _ in pairs],
        addresses=[address for _, address in pairs],
        buckets=[bucket_of(address) for _, address in pairs],
    )


def purge(slice_: Slice, before: datetime) -> Query[int]:
    """Forget what is older than the while."""
    return routed(
        "DELETE FROM soft_bounces WHERE bucket = ANY(:slice) AND at < :before",
        slice_,
        count,
        before=before,
    )
