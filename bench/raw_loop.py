"""What planning costs where nothing is decided: claim outbox rows, copy, delete, again.

The bare minimum that has to happen in Postgres, with a bare driver: rows as large as ours into
the very tables, no keys taken, nothing checked, nothing counted. One connection, batches of 500.
"""

import os
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg

from bench.cpu import Meter
from bench.ground import Ground
from bench.measure import Figures
from bench.population import NOTE, emit
from models.ids import bucket_of
from models.queries.planning.sources import OWN_SOURCE

_BATCH = 500
_CLAIM = """
    SELECT id, topic, recipients[1], CAST(data AS text), created_at FROM outbox
     ORDER BY created_at LIMIT %s FOR UPDATE SKIP LOCKED
"""
_EVENT = """
    COPY events (bucket, day, event_id, source, outbox_id, topic, state, recipients,
                 recipient_count, data, priority, test, created_at, planned_at) FROM STDIN
"""
_DELIVERY = """
    COPY deliveries (bucket, day, delivery_id, event_id, recipient_id, topic, class, channel, step,
                     state, test, created_at, due_at, trace) FROM STDIN
"""
_QUEUE = """
    COPY queue (bucket, delivery_id, day, event_id, recipient_id, topic, class, channel, step,
                lane, held_for, due_at, expires_at, entered_at, data, test, created_at, trace)
    FROM STDIN
"""
_TRACE = '{"plan": [["actor", "keep", ""]]}'

_Row = tuple[UUID, str, str, str, datetime]


def run(ground: Ground, rows: int) -> Figures:
    """Plan so many rows the raw way."""
    with ground.database() as url, psycopg.connect(url) as connection:
        emit(connection, NOTE, rows, None)
        connection.execute("ANALYZE outbox")
        connection.commit()
        ground.checkpoint()
        with Meter(os.getpid(), ground.postmaster) as meter:
            while _batch(connection):
                pass
        return meter.figures(rows)


def _batch(connection: psycopg.Connection) -> int:
    with connection.transaction(), connection.cursor(binary=True) as cursor:
        rows: list[_Row] = cursor.execute(_CLAIM, (_BATCH,)).fetchall()
        if rows:
            _write(cursor, rows)
            cursor.execute("DELETE FROM outbox WHERE id = ANY(%s)", ([row[0] for row in rows],))
    return len(rows)


def _write(cursor: psycopg.Cursor[_Row], rows: list[_Row]) -> None:
    now = datetime.now(UTC)
    day, later = now.date(), now + timedelta(days=3)
    events, deliveries, queue = [], [], []
    for outbox, topic, who, data, created in rows:
        bucket, what = bucket_of(who), (outbox, who, topic, "transactional", "in_app", "a")
        events.append(
            (bucket, day, outbox, OWN_SOURCE, outbox, topic, "planned", [who], 1, data, 5, False,
             created, now)
        )  # fmt: skip
        deliveries.append((bucket, day, outbox, *what, "scheduled", False, created, later, _TRACE))
        queue.append(
            (bucket, outbox, day, *what, 87, "not_before", later, later, now, data, False,
             created, _TRACE)
        )  # fmt: skip
    for command, lines in ((_EVENT, events), (_DELIVERY, deliveries), (_QUEUE, queue)):
        with cursor.copy(command) as stream:
            for line in lines:
                stream.write_row(line)
