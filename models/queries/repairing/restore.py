"""What a database that was restored to an earlier moment knows of what may have gone since."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from models.queries.planning.intake import outbox_rows, reading
from models.queries.routing import Slice, routed, slice_of
from models.queries.sending.dispatch import DUE, WIDTH, Lost, due_row
from models.queries.sending.leases import ROWS, row_parameters
from models.query import Answer, Query, count, sql
from models.records import DueRow, OutboxRow


def newest_sign() -> Query[datetime | None]:
    """When a worker was last seen at work in this database."""
    return sql("SELECT max(seen_at) FROM workers", lambda result: result.scalar_one())


def _lost(result: Answer) -> list[Lost]:
    return [Lost(due_row(row), row[WIDTH], row[WIDTH + 1]) for row in result]


def lock_unsure(
    slice_: Slice, restored_to: datetime, until: datetime, limit: int
) -> Query[list[Lost]]:
    """Lock queue rows as old as the restored moment that may have gone between it and `until`.

    What stays in the house may not: in-app items were restored with everything else.
    """
    return routed(
        f"""
        SELECT {DUE}, q.begun_at, q.token FROM queue q
         WHERE q.bucket = ANY(:slice) AND q.channel <> 'in_app'
           AND q.entered_at <= :restored_to AND (q.token IS NOT NULL OR q.due_at <= :until)
         ORDER BY q.bucket, q.delivery_id LIMIT :limit FOR UPDATE
        """,
        slice_,
        _lost,
        restored_to=restored_to,
        until=until,
        limit=limit,
    )


def lock_planned(ids: Sequence[UUID], buckets: Sequence[int], until: datetime) -> Query[list[Lost]]:
    """The same of rows that were planned just now, out of events planned before."""
    return routed(
        f"""
        SELECT {DUE}, q.begun_at, q.token FROM queue q
         WHERE q.bucket = ANY(:slice) AND q.delivery_id = ANY(:ids)
           AND q.channel <> 'in_app' AND q.token IS NULL AND q.due_at <= :until
         ORDER BY q.bucket, q.delivery_id FOR UPDATE
        """,
        slice_of(buckets),
        _lost,
        ids=list(ids),
        until=until,
    )


def count_attempt(rows: Sequence[DueRow], now: datetime) -> Query[int]:
    """Count the attempt that may have been made and was forgotten; its number is not used again."""
    return routed(
        f"""
        UPDATE queue q SET attempt = q.attempt + 1, entered_at = :now FROM {ROWS}) u (bucket, id)
         WHERE q.bucket = ANY(:slice) AND q.bucket = u.bucket AND q.delivery_id = u.id
        """,
        slice_of(row.bucket for row in rows),
        count,
        now=now,
        **row_parameters(rows),
    )


def read_waiting(restored_to: datetime, limit: int) -> Query[list[OutboxRow]]:
    """Lock rows of our own outbox as old as the restored moment: they were planned since."""
    return sql(
        f"""
        SELECT {reading(ours=True)}
          FROM outbox WHERE created_at <= :restored_to
         ORDER BY outbox.created_at LIMIT :limit FOR UPDATE
        """,
        outbox_rows,
        restored_to=restored_to,
        limit=limit,
    )
