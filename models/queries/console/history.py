"""Deliveries as people read them: lists with filters, and one delivery with all of its marks.

While a delivery has a queue row, that row is the truth about it: every statement here looks at
both. Lists go backwards through an index on time and stop at the limit, so a page costs the
same however long the history is; a filter that matches little reads on, within its period.
"""

from uuid import UUID

from models.ids import bucket_of, place_of
from models.queries.console.wanted import conditions, parameters, source
from models.queries.routing import EVERYWHERE, Slice, routed, slice_of
from models.query import Query, records
from models.readings.deliveries import Delivery, DeliveryLine, Reaction, Wanted
from models.readings.recipients import RecentRecipient
from models.reasons import Hold
from models.records import Tried
from models.states import QUEUED

# Both halves of the history: what is settled, and what the queue knows better. Each filters and
# stops by itself before the other is looked at, so a rare state costs no join of all rows.
_EVERYTHING = """
    SELECT d.delivery_id, d.created_at, d.topic, d.recipient_id, d.channel, d.step,
           coalesce(q.state, d.state), d.reason, q.held_for,
           nullif(coalesce(q.due_at, d.due_at), 'infinity'), coalesce(q.attempt, d.attempts),
           d.sent_at, d.settled_at, d.test
      FROM deliveries d
      LEFT JOIN queue q ON q.bucket = d.bucket AND q.delivery_id = d.delivery_id
     WHERE d.bucket = ANY(:slice) {conditions}
     ORDER BY d.created_at DESC, d.delivery_id DESC LIMIT :limit
"""
_SETTLED = """
    SELECT d.delivery_id, d.created_at, d.topic, d.recipient_id, d.channel, d.step, d.state,
           d.reason, CAST(NULL AS text), nullif(d.due_at, 'infinity'), d.attempts, d.sent_at,
           d.settled_at, d.test
      FROM {source}
     WHERE d.bucket = ANY(:slice) {conditions}
       AND NOT EXISTS (SELECT FROM queue q
                        WHERE q.bucket = ANY(:slice)
                          AND q.bucket = d.bucket AND q.delivery_id = d.delivery_id)
     ORDER BY d.created_at DESC, d.delivery_id DESC LIMIT :limit
"""
_QUEUED = """
    SELECT q.delivery_id, q.created_at, q.topic, q.recipient_id, q.channel, q.step, q.state,
           CAST(NULL AS text), q.held_for, nullif(q.due_at, 'infinity'), q.attempt,
           CAST(NULL AS timestamptz), CAST(NULL AS timestamptz), q.test
      FROM queue q
     WHERE q.bucket = ANY(:slice) {conditions}
     ORDER BY q.created_at DESC, q.delivery_id DESC LIMIT :limit
"""


def deliveries(wanted: Wanted) -> Query[list[DeliveryLine]]:
    """Deliveries, newest first."""
    parts = [f"({part})" for part in _parts(wanted)]
    return routed(
        f"""
        SELECT * FROM ({" UNION ALL ".join(parts)}) AS found
         ORDER BY created_at DESC, delivery_id DESC LIMIT :limit
        """,
        EVERYWHERE if wanted.recipient is None else slice_of([bucket_of(wanted.recipient)]),
        records(DeliveryLine),
        limit=wanted.limit,
        **parameters(wanted),
    )


def _parts(wanted: Wanted) -> list[str]:
    gone = wanted.provider or wanted.destination or wanted.kind
    if gone:
        told = conditions(wanted, "d", "reason")
        return [_SETTLED.format(source=source(wanted), conditions=told)]
    if not wanted.states and wanted.reason is None:
        return [_EVERYTHING.format(conditions=conditions(wanted, "d"))]
    held = wanted.reason in set(Hold)
    parts = []
    if not held and (not wanted.states or wanted.states - QUEUED):
        told = conditions(wanted, "d", "reason")
        parts.append(_SETTLED.format(source=source(wanted), conditions=told))
    if (held or wanted.reason is None) and (not wanted.states or wanted.states & QUEUED):
        parts.append(_QUEUED.format(conditions=conditions(wanted, "q", "held_for")))
    return parts or [_QUEUED.format(conditions="AND false")]


_WHOLE = """
    d.delivery_id, d.event_id, d.recipient_id, d.topic, d.class, d.channel, d.step,
    coalesce(q.state, d.state), d.reason, q.held_for, d.detail, coalesce(q.attempt, d.attempts),
    coalesce(q.tries, 0), d.account, d.provider, d.destination, d.address, d.message_id,
    d.template, d.template_version, d.context, d.content_hash, d.response, d.test, d.created_at,
    nullif(coalesce(q.due_at, d.due_at), 'infinity'), q.begun_at, d.sent_at, d.settled_at,
    coalesce(q.trace, d.trace)
"""


def deliveries_by_id(ids: list[UUID]) -> Query[list[Delivery]]:
    """Deliveries with everything kept about them; ids nothing is known of are left out."""
    places = [place_of(identifier) for identifier in ids]
    return routed(
        f"""
        SELECT {_WHOLE} FROM deliveries d
          LEFT JOIN queue q ON q.bucket = d.bucket AND q.delivery_id = d.delivery_id
         WHERE d.bucket = ANY(:slice) AND d.day = ANY(:days) AND d.delivery_id = ANY(:ids)
         ORDER BY d.recipient_id, d.created_at, d.delivery_id
        """,
        _slice(ids),
        records(Delivery),
        days=sorted({place.day for place in places}),
        ids=ids,
    )


def _slice(ids: list[UUID]) -> Slice:
    return slice_of(place_of(identifier).bucket for identifier in ids)


def attempts_of(delivery: UUID) -> Query[list[Tried]]:
    """Every try to hand a delivery over, the first one first."""
    return routed(
        """
        SELECT bucket, day, delivery_id, attempt, account, provider, outcome, reason, code,
               enhanced, response, begun_at, ended_at
          FROM attempts WHERE bucket = ANY(:slice) AND day = :day AND delivery_id = :id
         ORDER BY attempt
        """,
        _slice([delivery]),
        records(Tried),
        day=place_of(delivery).day,
        id=delivery,
    )


def reactions_to(delivery: UUID) -> Query[list[Reaction]]:
    """What came back about a delivery, in the order it happened."""
    return routed(
        """
        SELECT kind, vendor, occurred_at, detail FROM feedback
         WHERE bucket = ANY(:slice) AND day = :day AND delivery_id = :id
         ORDER BY occurred_at, vendor_event_id
        """,
        _slice([delivery]),
        records(Reaction),
        day=place_of(delivery).day,
        id=delivery,
    )


def recent_recipients(looked_at: int, limit: int) -> Query[list[RecentRecipient]]:
    """Whom the newest deliveries are for.

    Args:
        looked_at: How many deliveries are looked at.
        limit: At most so many recipients.
    """
    return routed(
        """
        SELECT n.recipient_id, r.name, n.last_at
          FROM (SELECT bucket, recipient_id, max(created_at) AS last_at
                  FROM (SELECT bucket, recipient_id, created_at FROM deliveries
                         WHERE bucket = ANY(:slice)
                         ORDER BY created_at DESC LIMIT :looked_at) newest
                 GROUP BY bucket, recipient_id) n
          LEFT JOIN recipients r ON r.bucket = n.bucket AND r.recipient_id = n.recipient_id
         ORDER BY n.last_at DESC LIMIT :limit
        """,
        EVERYWHERE,
        records(RecentRecipient),
        looked_at=looked_at,
        limit=limit,
    )
