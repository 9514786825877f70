"""What much history costs: pages touched by the statements that everybody waits for.

Time depends on the machine, buffers hardly do: EXPLAIN (ANALYZE, BUFFERS) of each statement, on an
empty history and on a large one that stays in place for the whole run.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from bench.ground import Ground
from bench.measure import Figures
from bench.population import NOTE, ORDER, emit
from bench.worker import Setting, working
from models.database import SyncDatabase
from models.driver import as_psycopg
from models.ids import BUCKETS, day_of
from models.queries.console import history
from models.queries.keeping import partitions
from models.queries.people import feed
from models.queries.sending import dispatch
from models.query import Query
from models.readings.deliveries import Wanted
from models.states import DeliveryState
from scheduler.sending.lanes import Turns

_DAYS = 10
_WAITING = 1000
_SOMEBODY = "user-7"
_PAST = """
    INSERT INTO deliveries (bucket, day, delivery_id, event_id, recipient_id, topic, class,
                            channel, step, state, attempts, test, created_at, due_at, settled_at,
                            trace)
    SELECT n %% {buckets}, %(day)s, md5(%(day)s || n::text)::uuid, md5(n::text)::uuid,
           'user-' || n %% %(people)s, '{topic}', 'transactional', 'email', 'a', 'sent', 1, false,
           %(day)s + make_interval(secs => n * 86400.0 / %(rows)s), %(day)s, %(day)s,
           '{{"plan": [["actor"]], "gate": [["expiry"], ["consent"]]}}'
      FROM generate_series(1, %(rows)s) n
"""
_INBOX = """
    INSERT INTO inbox (bucket, recipient_id, seq, change, delivery_id, topic, title, body,
                       created_at)
    SELECT r.bucket, r.recipient_id, n, n, md5(r.recipient_id || n)::uuid, '{topic}', 'Hello',
           'Said long ago', now()
      FROM recipients r, generate_series(1000001, 1000000 + %(each)s) n
"""


def run(ground: Ground, rows: int) -> Figures:
    """Buffers of each statement where so many deliveries lie in the past."""
    with ground.database() as url:
        with working(ground, url, Setting()) as worker, psycopg.connect(url) as producer:
            later = datetime.now(UTC) + timedelta(seconds=20)
            emit(producer, NOTE, _WAITING, later)
            emit(producer, ORDER, _WAITING, later)
            producer.commit()
            worker.await_empty("outbox")
        if rows:
            _fill(url, ground.recipients, rows)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")
            statements = zip(NAMES, _statements(connection), strict=True)
            return {name: buffers(connection, query) for name, query in statements}


def _fill(url: str, people: int, rows: int) -> None:
    """Lay a history of ten days, as retention would leave it."""
    database = SyncDatabase.connect(url, "tidings bench")
    today = day_of(database.now())
    with psycopg.connect(url, autocommit=True) as connection:
        for ago in range(1, _DAYS + 1):
            day = today - timedelta(days=ago)
            with database.begin() as tx:
                for table in partitions.HISTORY:
                    for statement in partitions.make_partition(table, day):
                        tx.run(statement)
            one_day = {"day": day, "people": people, "rows": rows // _DAYS}
            connection.execute(_PAST.format(buckets=BUCKETS, topic=ORDER).encode(), one_day)
        connection.execute(
            _INBOX.format(topic=NOTE).encode(), {"each": max(rows // people // 10, 20)}
        )
    database.close()


NAMES = ("claim", "peek", "feed page", "explain", "newest", "of a person", "failed today")
"""The statements, as `_statements` yields them."""


def _statements(connection: psycopg.Connection) -> Iterator[Query[Any]]:
    now, turns = datetime.now(UTC) + timedelta(hours=1), Turns(300)
    row = connection.execute("SELECT delivery_id FROM queue LIMIT 1").fetchone()
    assert row
    one: UUID = row[0]
    failed = frozenset({str(DeliveryState.FAILED)})
    yield dispatch.claim_out(turns.ask(), turns.slice(), now)
    yield dispatch.peek_feed(turns.ask(), turns.slice(), now)
    yield feed.page(_SOMEBODY, None, 20)
    yield history.deliveries_by_id([one])
    yield history.deliveries(Wanted())
    yield history.deliveries(Wanted(recipient=_SOMEBODY))
    today = now - timedelta(days=1)
    yield history.deliveries(Wanted(states=failed, since=today))


def buffers(connection: psycopg.Connection, query: Query[Any]) -> float:
    """Pages that a statement touches."""
    command = b"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + as_psycopg(query.statement)
    for _ in range(2):  # the first run may set hint bits
        row = connection.execute(command, query.parameters).fetchone()
    assert row
    plan: Mapping[str, float] = row[0][0]["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
