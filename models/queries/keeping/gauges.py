"""What waits in the outbox, for the machines that watch."""

from dataclasses import dataclass
from datetime import datetime

from models.queries.routing import EVERYWHERE, routed
from models.query import Query, records, sql


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows of our own outbox and when the oldest was written."""

    rows: int
    oldest: datetime | None


def waiting() -> Query[Waiting]:
    """How our own outbox stands."""
    return sql(
        "SELECT count(*), min(created_at) FROM outbox",
        lambda result: records(Waiting)(result)[0],
    )


def rejections(since: datetime) -> Query[dict[str, int]]:
    """Events that were rejected since a moment, by reason."""
    return routed(
        """
        SELECT reason, count(*) AS events FROM events
         WHERE bucket = ANY(:slice) AND state = 'rejected' AND planned_at >= :since
         GROUP BY reason
        """,
        EVERYWHERE,
        lambda result: {row.reason: row.events for row in result},
        since=since,
    )


def open_digests() -> Query[Waiting]:
    """Digests that collect, and since when the one that should have closed first waits for it."""
    return routed(
        "SELECT count(*), min(closes_at) FROM digests WHERE bucket = ANY(:slice)"
        " AND closed_at IS NULL",
        EVERYWHERE,
        lambda result: records(Waiting)(result)[0],
    )


def asks() -> Query[Waiting]:
    """What waits for approval, and since when the oldest."""
    return sql(
        "SELECT count(*), min(requested_at) FROM approvals WHERE state = 'waiting'",
        lambda result: records(Waiting)(result)[0],
    )
