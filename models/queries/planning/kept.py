"""Rows a producer keeps for a while after they were planned, in `outbox_done` beside its outbox.

They are what is left of an event when our database loses it: `tidings replay` reads them again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.outbox import OURS_ONLY, Outbox
from models.queries.arrays import array
from models.queries.planning.intake import outbox_rows, reading
from models.query import Query, count, sql
from models.records import OutboxRow

_COLUMNS = ", ".join(c.name for c in Outbox.__table__.columns if c.name not in OURS_ONLY)


def keep(ids: Sequence[UUID], done_at: datetime) -> Query[int]:
    """Move rows whose events are committed; one that is kept already is only removed."""
    return sql(
        f"""
        WITH gone AS (DELETE FROM outbox WHERE id = ANY(:ids) RETURNING {_COLUMNS})
        INSERT INTO outbox_done ({_COLUMNS}, done_at)
        SELECT {_COLUMNS}, CAST(:done_at AS timestamptz) FROM gone
        ON CONFLICT (id) DO NOTHING
        """,
        count,
        ids=array(ids),
        done_at=done_at,
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept row and when it was planned."""

    row: OutboxRow
    done_at: datetime


def read_kept(since: datetime, after: Kept | None, limit: int) -> Query[list[Kept]]:
    """Rows planned since a moment, the oldest first; `after` is the last one of the page before."""
    beyond = "AND (done_at, id) > (:after_at, :after_id)" if after else ""
    place = {"after_at": after.done_at, "after_id": after.row.id} if after else {}
    return sql(
        f"""
        SELECT {reading(ours=False)}, done_at
          FROM outbox_done WHERE done_at >= :since {beyond}
         ORDER BY done_at, id LIMIT :limit
        """,
        lambda result: [
            Kept(row, line.done_at) for row, line in zip(outbox_rows(result), result, strict=True)
        ],
        since=since,
        limit=limit,
        **place,
    )


def purge_kept(before: datetime, limit: int) -> Query[int]:
    """Delete rows that were kept long enough."""
    return sql(
        """
        DELETE FROM outbox_done WHERE id IN (
            SELECT id FROM outbox_done WHERE done_at < :before ORDER BY done_at LIMIT :limit)
        """,
        count,
        before=before,
        limit=limit,
    )


def may_keep() -> Query[bool]:
    """Whether we may move rows there and read them again; fails where there is no such table."""
    return sql(
        """
        SELECT bool_and(has_table_privilege('outbox_done', needed))
          FROM unnest('{SELECT,INSERT,DELETE}'::text[]) needed
        """,
        lambda result: bool(result.scalar_one()),
    )


def set_keep_for(name: str, keep_for: timedelta | None) -> Query[int]:
    """Say how long a source's rows are kept; `None`: they are deleted at once."""
    return sql(
        "UPDATE sources SET keep_for = :keep_for WHERE name = :name",
        count,
        name=name,
        keep_for=keep_for,
    )
