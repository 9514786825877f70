"""What many suppressions cost: the claim and the gate's look at addresses, and the list of them.

The gate reads only the copies on addresses, so a million suppressed strangers must not matter:
pages touched (EXPLAIN (ANALYZE, BUFFERS)) with none and with many. The list is timed.
"""

import time
from datetime import UTC, datetime, timedelta

import psycopg

from bench.ground import Ground
from bench.history import buffers
from bench.measure import Figures
from bench.population import ORDER, emit
from bench.worker import Setting, working
from models.database import SyncDatabase
from models.ids import BUCKETS
from models.queries.console.suppressed import SuppressionsWanted, suppressions
from models.queries.sending import dispatch, facts
from models.records import Cause
from scheduler.sending.lanes import Turns

_WAITING = 1000
_ASKED = 5
"""Times that the list is asked for; the median counts."""
_STRANGERS = """
    INSERT INTO suppressions (bucket, channel, address, category, reason, source, expires_at,
                              created_at)
    SELECT n %% {buckets}, 'email', 'stranger-' || n || '@example.org', '*',
           CASE WHEN n %% 1000 = 0 THEN 'complaint' ELSE 'address_refused' END,
           'bench, delivery ' || n, CASE WHEN n %% 5 = 0 THEN now() + n * interval '1 s' END,
           now() - n * interval '1 s'
      FROM generate_series(1, %(rows)s) n
"""


def run(ground: Ground, rows: int) -> Figures:
    """Buffers of the claim and of the gate's look at addresses; milliseconds of the list."""
    with ground.database() as url:
        with working(ground, url, Setting()) as worker, psycopg.connect(url) as producer:
            emit(producer, ORDER, _WAITING, datetime.now(UTC) + timedelta(seconds=20))
            producer.commit()
            worker.await_empty("outbox")
        with psycopg.connect(url, autocommit=True) as connection:
            strangers = _STRANGERS.format(buckets=BUCKETS).encode()
            connection.execute(strangers, {"rows": rows})
            connection.execute("VACUUM ANALYZE")
            later, turns = datetime.now(UTC) + timedelta(hours=1), Turns(300)
            claim = dispatch.claim_out(turns.ask(), turns.slice(), later)
            people = [f"user-{number}" for number in range(300)]
            found = {
                "claim": buffers(connection, claim),
                "addresses": buffers(connection, facts.addresses(people, ["email"])),
            }
        return {**found, **_listed(url)}


def _listed(url: str) -> Figures:
    database = SyncDatabase.connect(url, "tidings bench")
    now = database.now()
    asked = {
        "list ms": SuppressionsWanted(now),
        "list, rare reason ms": SuppressionsWanted(now, cause=Cause.COMPLAINT),
        "search ms": SuppressionsWanted(now, prefix="stranger-4711"),
    }
    found = {name: _median(database, wanted) for name, wanted in asked.items()}
    database.close()
    return found


def _median(database: SyncDatabase, wanted: SuppressionsWanted) -> float:
    took = []
    for _ in range(_ASKED):
        began = time.perf_counter()
        with database.begin() as tx:
            tx.run(suppressions(wanted))
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took)[_ASKED // 2]
