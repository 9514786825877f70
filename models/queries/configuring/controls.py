"""Kill switches, and what they hold back: written by people, read by every worker."""

from datetime import datetime

from models.queries.routing import Slice, routed
from models.query import Query, count, records, sql
from models.records import Switch


def switches() -> Query[list[Switch]]:
    """The switches that are on, the newest first."""
    return sql(
        "SELECT switch, reason, set_by, set_at FROM switches ORDER BY set_at DESC, switch",
        records(Switch),
    )


def set_switch(switch: Switch) -> Query[int]:
    """Turn a switch on; one that is on already gets the new reason."""
    return sql(
        """
        INSERT INTO switches (switch, reason, set_by, set_at)
        VALUES (:name, :reason, :by, :at)
        ON CONFLICT (switch) DO UPDATE
           SET reason = excluded.reason, set_by = excluded.set_by, set_at = excluded.set_at
        """,
        count,
        name=switch.name,
        reason=switch.reason,
        by=switch.set_by,
        at=switch.set_at,
    )


def lift_switch(name: str) -> Query[int]:
    """Turn a switch off; 0 when it was not on."""
    return sql("DELETE FROM switches WHERE switch = :name", count, name=name)


def wake(reason: str, slice_: Slice, limit: int, now: datetime) -> Query[int]:
    """Let rows that are held for a reason be looked at now, the most important first."""
    return routed(
        """
        WITH held AS MATERIALIZED (
            SELECT bucket, delivery_id FROM queue
             WHERE bucket = ANY(:slice) AND held_for = :reason AND token IS NULL
               AND held_for IN ('kill_switch', 'breaker', 'account', 'quiet_hours',
                                'frequency_cap', 'reputation', 'paused')
             ORDER BY lane DESC LIMIT :limit FOR UPDATE SKIP LOCKED)
        UPDATE queue q SET due_at = :now, held_for = NULL FROM held h
         WHERE q.bucket = ANY(:slice) AND q.bucket = h.bucket AND q.delivery_id = h.delivery_id
        """,
        slice_,
        count,
        reason=reason,
        limit=limit,
        now=now,
    )
