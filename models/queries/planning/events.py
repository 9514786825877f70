"""What planning writes and reads back: events, their deliveries, their queue, their chunks."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from models.ids import place_of
from models.queries.arrays import array
from models.queries.routing import Slice, routed, slice_of
from models.query import Answer, Copy, Query, count
from models.records import Chunk, NewDelivery, NewEvent, StoredEvent

_EVENT_COLUMNS = (
    "bucket", "day", "event_id", "source", "outbox_id", "topic", "state", "reason", "detail",
    "dedup_key", "recipients", "recipient_count", "audience", "data", "actor", "thread",
    "tenant", "tags", "locale", "priority", "not_before", "expires_at", "traceparent", "test",
    "created_at", "planned_at", "extras",
)  # fmt: skip


def _listed(values: Sequence[str | None] | None) -> str | None:
    return None if values is None else array(values)


def write_events(events: Sequence[NewEvent], now: datetime) -> Copy:
    """Events whose row key was just taken."""
    rows = [
        (
            e.bucket, e.day, e.event_id, e.source, e.row.id, e.row.topic, e.state, e.reason,
            e.detail, e.row.dedup_key, _listed(e.recipients), e.recipient_count, e.row.audience,
            e.row.data, e.row.actor, e.row.thread, e.row.tenant, _listed(e.row.tags),
            e.row.locale, e.priority, e.row.not_before, e.row.expires_at, e.row.traceparent,
            e.row.test, e.row.created_at, now, e.extras,
        )
        for e in events
    ]  # fmt: skip
    return Copy("events", _EVENT_COLUMNS, rows)


_DELIVERY_COLUMNS = (
    "bucket", "day", "delivery_id", "event_id", "recipient_id", "topic", "class", "channel",
    "step", "state", "reason", "test", "created_at", "due_at", "settled_at", "trace",
    "digest", "campaign", "cohort", "template", "template_version",
)  # fmt: skip
_QUEUE_COLUMNS = (
    "bucket", "delivery_id", "day", "event_id", "recipient_id", "topic", "class", "channel",
    "step", "lane", "held_for", "due_at", "expires_at", "entered_at", "data", "actor", "thread",
    "tags", "locale", "tenant", "test", "created_at", "trace", "follower", "content",
    "wanted_at", "digest", "throttled", "campaign", "cohort", "template", "template_version",
    "extras",
)  # fmt: skip


def write_deliveries(deliveries: Sequence[NewDelivery], now: datetime) -> Copy:
    """The history row of every delivery, decided for or against."""
    rows = [
        (
            d.bucket, d.day, d.delivery_id, d.event_id, d.recipient_id, d.topic, d.klass,
            d.channel, d.step, d.state, d.reason, d.test, d.created_at, d.due_at,
            None if d.reason is None else now, d.trace, d.digest, d.campaign, d.cohort,
            d.template, d.template_version,
        )
        for d in deliveries
    ]  # fmt: skip
    return Copy("deliveries", _DELIVERY_COLUMNS, rows)


def write_queue(deliveries: Sequence[NewDelivery], now: datetime) -> Copy:
    """The queue row of every delivery that is still to be done."""
    rows = [
        (
            d.bucket, d.delivery_id, d.day, d.event_id, d.recipient_id, d.topic, d.klass,
            d.channel, d.step, d.lane, d.held_for, d.due_at, d.expires_at, now, d.data,
            d.actor, d.thread, _listed(d.tags), d.locale, d.tenant, d.test, d.created_at,
            d.trace, d.follower, d.content, d.wanted_at, d.digest, d.throttled, d.campaign,
            d.cohort, d.template, d.template_version, d.extras,
        )
        for d in deliveries
        if d.reason is None
    ]  # fmt: skip
    return Copy("queue", _QUEUE_COLUMNS, rows)


def write_chunks(chunks: Sequence[Chunk], due_at: datetime) -> Copy:
    """The recipients of an expanding event."""
    rows = [(c.bucket, c.event_id, c.chunk, array(c.recipients), due_at) for c in chunks]
    columns = ["bucket", "event_id", "chunk", "recipients", "due_at"]
    return Copy("expansions", columns, rows)


def claim_chunks(limit: int, buckets: str) -> Query[list[Chunk]]:
    """Lock the oldest open chunks with recipients that nobody else has locked."""
    return _claim(buckets, "chunk >= 0", limit)


def claim_gathering(buckets: str) -> Query[list[Chunk]]:
    """Lock the oldest event whose audience is to be gathered and that nobody else has locked."""
    return _claim(buckets, "chunk < 0", 1)


def _claim(buckets: str, which: str, limit: int) -> Query[list[Chunk]]:
    return routed(
        f"""
        SELECT bucket, event_id, chunk, recipients FROM expansions
         WHERE bucket = ANY(:slice) AND done_at IS NULL AND {which}
         ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED
        """,
        buckets,
        lambda result: [Chunk(r.bucket, r.event_id, r.chunk, tuple(r.recipients)) for r in result],
        limit=limit,
    )


def finish_chunks(chunks: Sequence[Chunk], now: datetime) -> Query[int]:
    """Mark chunks done, in the transaction that wrote their deliveries."""
    return routed(
        """
        UPDATE expansions e SET done_at = :now
          FROM unnest(CAST(:buckets AS smallint[]), CAST(:ids AS uuid[]),
                      CAST(:chunks AS bigint[])) u (bucket, id, chunk)
         WHERE e.bucket = ANY(:slice)
           AND e.bucket = u.bucket AND e.event_id = u.id AND e.chunk = u.chunk
        """,
        slice_of(chunk.bucket for chunk in chunks),
        count,
        now=now,
        buckets=[chunk.bucket for chunk in chunks],
        ids=[chunk.event_id for chunk in chunks],
        chunks=[chunk.chunk for chunk in chunks],
    )


def _events(result: Answer) -> dict[UUID, StoredEvent]:
    return {
        row.event_id: StoredEvent(
            row.event_id, row.topic, row.data, row.actor, row.thread,
            None if row.tags is None else tuple(row.tags), row.locale, row.tenant,
            row.priority, row.not_before, row.expires_at, row.test, row.created_at, row.keyed,
            extras=row.extras,
        )
        for row in result
    }  # fmt: skip


def read_events(events: Iterable[UUID]) -> Query[dict[UUID, StoredEvent]]:
    """Events by their ids, which name bucket and day."""
    wanted = sorted(set(events))
    places = [place_of(event) for event in wanted]
    return routed(
        """
        SELECT event_id, topic, CAST(data AS text) AS data, actor, thread, tags, locale, tenant,
               priority, not_before, expires_at, test, created_at,
               dedup_key IS NOT NULL AS keyed, CAST(extras AS text) AS extras
          FROM events
         WHERE bucket = ANY(:slice) AND day = ANY(:days) AND event_id = ANY(:ids)
        """,
        slice_of(place.bucket for place in places),
        _events,
        days=sorted({place.day for place in places}),
        ids=wanted,
    )


def expanding(slice_: Slice, days: Collection[date]) -> Query[dict[UUID, int]]:
    """Events of these days that are being expanded, and how many recipients each has.

    Not those of an audience whose members are yet to be gathered.
    """
    return routed(
        """
        SELECT event_id, recipient_count FROM events
         WHERE bucket = ANY(:slice) AND day = ANY(:days) AND state = 'expanding'
           AND (audience IS NULL OR recipients IS NOT NULL)
        """,
        slice_,
        lambda result: {row.event_id: row.recipient_count for row in result},
        days=sorted(days),
    )


def expanded(slice_: Slice, events: Collection[UUID]) -> Query[dict[UUID, int]]:
    """How many recipients of these events have their deliveries."""
    return routed(
        """
        SELECT event_id, sum(cardinality(recipients)) AS recipients FROM expansions
         WHERE bucket = ANY(:slice) AND event_id = ANY(:ids) AND done_at IS NOT NULL
         GROUP BY event_id
        """,
        slice_,
        lambda result: {row.event_id: int(row.recipients) for row in result},
        ids=sorted(events),
    )


def finish_expanding(
    events: Collection[UUID], secret: Collection[str], now: datetime
) -> Query[int]:
    """Make events planned that were expanded.

    Those of secret topics lose their data: each of their deliveries has its own copy.
    """
    places = [place_of(event) for event in events]
    return routed(
        """
        UPDATE events e
           SET state = 'planned', planned_at = :now,
               data = CASE WHEN e.topic = ANY(:secret) THEN NULL ELSE e.data END
         WHERE e.bucket = ANY(:slice) AND e.day = ANY(:days) AND e.event_id = ANY(:ids)
           AND e.state = 'expanding'
        """,
        slice_of(place.bucket for place in places),
        count,
        days=sorted({place.day for place in places}),
        ids=sorted(events),
        secret=sorted(secret),
        now=now,
    )


def count_recipients(event: UUID, more: int) -> Query[int]:
    """Count more recipients of an event that is planned a part at a time, as campaigns are."""
    place = place_of(event)
    return routed(
        """
        UPDATE events SET recipient_count = recipient_count + :more
         WHERE bucket = ANY(:slice) AND day = :day AND event_id = :id
        """,
        slice_of([place.bucket]),
        count,
        more=more,
        day=place.day,
        id=event,
    )


def expanding_days(slice_: Slice) -> Query[set[date]]:
    """Days of events that are still being expanded."""
    return routed(
        "SELECT DISTINCT day FROM events WHERE bucket = ANY(:slice) AND state = 'expanding'",
        slice_,
        lambda result: set(result.scalars()),
    )
