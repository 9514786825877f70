"""The members of an audience as the recipients of an event."""

from datetime import datetime
from uuid import UUID

from models.ids import place_of
from models.queries.audiences.conditions import Where
from models.queries.routing import Slice, routed, slice_of
from models.query import Query, count
from models.reasons import Rejection


def addressed(event: UUID) -> Query[str | None]:
    """The audience that an expanding event is for; `None` when it is gone."""
    return routed(
        """
        SELECT audience FROM events
         WHERE bucket = ANY(:slice) AND day = :day AND event_id = :event AND state = 'expanding'
        """,
        slice_of([place_of(event).bucket]),
        lambda result: result.scalar_one_or_none(),
        day=place_of(event).day,
        event=event,
    )


def write_members(
    event: UUID, who: Where, slice_: Slice, due_at: datetime, most: int
) -> Query[int]:
    """Write the members of these buckets as chunks of an event, where it has none there yet.

    Of a bucket all or none are written: done again, it adds nobody, whoever belongs by then.

    Args:
        event: Which is being expanded.
        who: To whom it goes.
        slice_: Some buckets.
        due_at: When the chunks may be planned.
        most: Recipients of a chunk.

    Returns:
        How many chunks were written.
    """
    return routed(
        f"""
        INSERT INTO expansions (bucket, event_id, chunk, recipients, due_at)
        SELECT o.bucket, CAST(:event AS uuid), o.chunk,
               array_agg(o.recipient_id ORDER BY o.recipient_id), CAST(:due AS timestamptz)
          FROM (SELECT r.bucket, r.recipient_id,
                       (row_number() OVER (PARTITION BY r.bucket ORDER BY r.recipient_id) - 1)
                           / CAST(:most AS bigint) AS chunk
                  FROM recipients r
                 WHERE r.bucket = ANY(:slice) AND {who.text}
                   AND NOT EXISTS (
                       SELECT FROM expansions e
                        WHERE e.bucket = ANY(:slice) AND e.bucket = r.bucket
                          AND e.event_id = :event AND e.chunk >= 0)) o
         GROUP BY o.bucket, o.chunk
        """,
        slice_,
        count,
        event=event,
        due=due_at,
        most=most,
        **who.parameters,
    )


def written(event: UUID, slice_: Slice) -> Query[int]:
    """How many recipients of these buckets were written."""
    return routed(
        """
        SELECT coalesce(sum(cardinality(recipients)), 0) FROM expansions
         WHERE bucket = ANY(:slice) AND event_id = :event
        """,
        slice_,
        lambda result: int(result.scalar_one()),
        event=event,
    )


def note_gathered(event: UUID, recipients: int, detail: str) -> Query[int]:
    """Say of an event how many it is for: it ends when each of them has deliveries."""
    return routed(
        """
        UPDATE events SET recipients = '{}', recipient_count = :recipients, detail = :detail
         WHERE bucket = ANY(:slice) AND day = :day AND event_id = :event AND state = 'expanding'
        """,
        slice_of([place_of(event).bucket]),
        count,
        day=place_of(event).day,
        event=event,
        recipients=recipients,
        detail=detail,
    )


def reject(event: UUID, reason: Rejection, detail: str) -> Query[int]:
    """Reject an event whose audience cannot be gathered (any more)."""
    return routed(
        """
        UPDATE events SET state = 'rejected', reason = :reason, detail = :detail, recipients = '{}'
         WHERE bucket = ANY(:slice) AND day = :day AND event_id = :event AND state = 'expanding'
        """,
        slice_of([place_of(event).bucket]),
        count,
        day=place_of(event).day,
        event=event,
        reason=reason,
        detail=detail,
    )
