"""One event to very many: outbox row → a delivery for each recipient, beside one raw INSERT."""

import os
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import psycopg

from bench.cpu import Meter
from bench.ground import Ground
from bench.measure import Figures
from bench.population import NOTE, PAYLOAD
from bench.worker import Setting, meter, working

_EMIT = """
    INSERT INTO outbox (topic, recipients, data, not_before)
    SELECT %s, array_agg('somebody-' || n), %s::jsonb, %s FROM generate_series(1, %s) n
"""
_ROWS: LiteralString = """
    SELECT n & 1023 AS bucket, CURRENT_DATE AS day, md5(n::text)::uuid AS delivery_id,
           md5('event')::uuid AS event_id, 'somebody-' || n AS recipient_id, %(topic)s AS topic,
           'transactional' AS class, 'in_app' AS channel, 'a' AS step, 'scheduled' AS state,
           false AS test, now() AS created_at, %(due)s::timestamptz AS due_at,
           '{"plan": [["actor"]]}'::jsonb AS trace
      FROM generate_series(1, %(rows)s) n
"""
_DELIVERIES: LiteralString = (
    "INSERT INTO deliveries (bucket, day, delivery_id, event_id, recipient_id, topic, class,"
    f" channel, step, state, test, created_at, due_at, trace) {_ROWS}"
)
_QUEUE: LiteralString = (
    "INSERT INTO queue (bucket, day, delivery_id, event_id, recipient_id, topic, class, channel,"
    " step, state, test, created_at, due_at, trace, lane, held_for, expires_at, entered_at)"
    f" SELECT r.*, 87, 'not_before', due_at, created_at FROM ({_ROWS}) r"
)


def run(ground: Ground, rows: int) -> Figures:
    """The real worker, from the commit of the row to the last delivery."""
    later = datetime.now(UTC) + timedelta(hours=1)
    with ground.database() as url, working(ground, url, Setting()) as worker:
        with psycopg.connect(url) as producer:
            producer.execute(_EMIT, (NOTE, PAYLOAD, later, rows))
            ground.checkpoint()
            with meter(ground, worker) as measured:
                producer.commit()
                worker.await_empty("outbox")
                worker.await_empty("(SELECT FROM expansions WHERE done_at IS NULL) open")
        found = worker.count("SELECT count(*) FROM queue")
        if found != rows:
            raise SystemExit(f"bench: {found} instead of {rows} deliveries")
        return measured.figures(rows)


def raw(ground: Ground, rows: int) -> Figures:
    """The same rows, made by Postgres alone."""
    given = {"topic": NOTE, "due": datetime.now(UTC) + timedelta(hours=1), "rows": rows}
    with ground.database() as url, psycopg.connect(url) as connection:
        ground.checkpoint()
        with Meter(os.getpid(), ground.postmaster) as measured:
            connection.execute(_DELIVERIES, given)
            connection.execute(_QUEUE, given)
            connection.commit()
        return measured.figures(rows)
