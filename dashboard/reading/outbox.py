"""What came in: events, what was refused or said twice, and how the outboxes stand."""

from datetime import datetime
from uuid import UUID

from dashboard.data import database, read
from dashboard.reading.reports import EventReport, delivery_ids
from models.queries.configuring import catalog
from models.queries.console import history, incoming
from models.queries.console.incoming import EventsWanted
from models.queries.keeping import lag
from models.readings.events import Event, Repeat, SourceLine, SourceStanding, Waiting


def events(wanted: EventsWanted) -> list[Event]:
    """Events, newest first."""
    return read(incoming.events(wanted))


def rejected(since: datetime) -> list[Event]:
    """Events that could not be understood, newest first."""
    return read(incoming.rejected(since, limit=100))


def repeats(since: datetime) -> list[Repeat]:
    """Outbox rows that repeated a dedup key, newest first."""
    return read(incoming.repeats(since, limit=100))


def waiting() -> list[Waiting]:
    """What waits in our own outbox, by topic."""
    return read(incoming.waiting())


def sources() -> tuple[list[SourceLine], dict[UUID, SourceStanding]]:
    """All sources, ours first, and how those in databases of their own stood."""
    with database().begin() as tx:
        return tx.run(incoming.source_lines()), tx.run(lag.standings())


def event_report(identifier: UUID) -> EventReport | None:
    """One event with its deliveries and repeats; `None` when nothing is known of it.

    Raises:
        ValueError: It is not an id of ours.
    """
    with database().begin() as tx:
        found = tx.run(incoming.event_by_id(identifier))
        if not found:
            return None
        topic = tx.run(catalog.topics()).get(found[0].topic)
        ids = delivery_ids(found[0], topic)
        return EventReport(
            event=found[0],
            topic=topic,
            deliveries=tuple(tx.run(history.deliveries_by_id(ids))) if ids else (),
            repeats=tuple(tx.run(incoming.repeats_of(identifier))),
        )
