"""What came in, as people read it: events, repeats, sources, and what waits in our outbox."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.ids import day_of, place_of
from models.queries.console.wanted import SLACK
from models.queries.routing import EVERYWHERE, routed, slice_of
from models.query import Query, records, sql
from models.readings.deliveries import Position
from models.readings.events import Event, Repeat, SourceLine, Waiting

_EVENT = """
    e.event_id, coalesce(s.name, CAST(e.source AS text)), e.outbox_id, e.topic, e.state, e.reason,
    e.detail, e.dedup_key, e.duplicates, e.recipients, e.recipient_count, e.data, e.actor,
    e.thread, e.tenant, e.tags, e.priority, e.not_before, e.expires_at, e.test, e.created_at,
    e.planned_at
"""


@dataclass(frozen=True, slots=True)
class EventsWanted:
    """Which events are asked for; `None` does not matter."""

    state: str | None = None
    topic: str | None = None
    since: datetime | None = None
    before: Position | None = None
    limit: int = 50


def events(wanted: EventsWanted) -> Query[list[Event]]:
    """Events, newest first."""
    conditions, parameters = _conditions(wanted)
    return routed(
        f"""
        SELECT {_EVENT} FROM events e LEFT JOIN sources s ON s.source = e.source
         WHERE e.bucket = ANY(:slice) {"".join(f" AND {each}" for each in conditions)}
         ORDER BY e.created_at DESC, e.event_id DESC LIMIT :limit
        """,
        EVERYWHERE,
        records(Event),
        limit=wanted.limit,
        **parameters,
    )


def _conditions(wanted: EventsWanted) -> tuple[list[str], dict[str, Any]]:
    asked: dict[str, tuple[str, Any]] = {
        "state": ("e.state = :state", wanted.state),
        "topic": ("e.topic = :topic", wanted.topic),
        "since": ("e.created_at >= :since", wanted.since),
        "first_day": ("e.day >= :first_day", wanted.since and day_of(wanted.since - SLACK)),
    }
    kept = {name: pair for name, pair in asked.items() if pair[1]}
    conditions = [condition for condition, _ in kept.values()]
    parameters = {name: value for name, (_, value) in kept.items()}
    if wanted.before is not None:
        conditions.append("(e.created_at, e.event_id) < (:before_at, :before_id)")
        parameters |= {"before_at": wanted.before.at, "before_id": wanted.before.id}
    return conditions, parameters


def event_by_id(event: UUID) -> Query[list[Event]]:
    """One event, or nothing."""
    place = place_of(event)
    return routed(
        f"""
        SELECT {_EVENT} FROM events e LEFT JOIN sources s ON s.source = e.source
         WHERE e.bucket = ANY(:slice) AND e.day = :day AND e.event_id = :id
        """,
        slice_of([place.bucket]),
        records(Event),
        day=place.day,
        id=event,
    )


def rejected(since: datetime, limit: int) -> Query[list[Event]]:
    """Events that could not be understood, newest first."""
    return routed(
        f"""
        SELECT {_EVENT} FROM events e LEFT JOIN sources s ON s.source = e.source
         WHERE e.bucket = ANY(:slice) AND e.state = 'rejected' AND e.planned_at >= :since
         ORDER BY e.planned_at DESC LIMIT :limit
        """,
        EVERYWHERE,
        records(Event),
        since=since,
        limit=limit,
    )


def repeats(since: datetime, limit: int) -> Query[list[Repeat]]:
    """Outbox rows that repeated a dedup key, newest first."""
    return routed(
        """
        SELECT outbox_id, event_id, dedup_key, differs, data, created_at, seen_at
          FROM event_duplicates WHERE bucket = ANY(:slice) AND seen_at >= :since
         ORDER BY seen_at DESC LIMIT :limit
        """,
        EVERYWHERE,
        records(Repeat),
        since=since,
        limit=limit,
    )


def repeats_of(event: UUID) -> Query[list[Repeat]]:
    """Outbox rows that repeated the dedup key of one event, newest first."""
    return routed(
        """
        SELECT outbox_id, event_id, dedup_key, differs, data, created_at, seen_at
          FROM event_duplicates WHERE bucket = ANY(:slice) AND event_id = :event
         ORDER BY seen_at DESC LIMIT 20
        """,
        slice_of([place_of(event).bucket]),
        records(Repeat),
        event=event,
    )


def waiting() -> Query[list[Waiting]]:
    """What waits in our own outbox, by topic, the longest wait first."""
    return sql(
        "SELECT topic, count(*), min(created_at) FROM outbox GROUP BY topic ORDER BY 3",
        records(Waiting),
    )


def source_lines() -> Query[list[SourceLine]]:
    """All sources, ours first."""
    return sql(
        """
        SELECT source, name, url IS NULL, enabled FROM sources
         ORDER BY url IS NULL DESC, name
        """,
        records(SourceLine),
    )


def last_data(topic: str, looked_at: int) -> Query[list[Any]]:
    """The data of a topic's newest event, when one is among the newest events of all."""
    return routed(
        """
        SELECT data FROM (SELECT topic, data, state, created_at FROM events
                           WHERE bucket = ANY(:slice)
                           ORDER BY created_at DESC LIMIT :looked_at) newest
         WHERE topic = :topic AND state <> 'rejected' ORDER BY created_at DESC LIMIT 1
        """,
        EVERYWHERE,
        lambda result: list(result.scalars()),
        topic=topic,
        looked_at=looked_at,
    )
