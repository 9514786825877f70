"""Our side: rows through the real worker, every policy asked, every trace and count written."""

import time
from datetime import UTC, datetime, timedelta

import psycopg

from bench.cpu import peak_memory
from bench.ground import Ground
from bench.measure import Figures
from bench.population import emit
from bench.worker import Setting, Worker, meter, working

_LATER = timedelta(hours=1)
_SOON = timedelta(seconds=3)


def plan(ground: Ground, topic: str, rows: int) -> Figures:
    """Outbox row → event, delivery and queue row; nothing is due before it is over."""
    with ground.database() as url, working(ground, url, Setting()) as worker:
        return _plan(ground, url, worker, (topic, rows))


def _plan(ground: Ground, url: str, worker: Worker, emission: tuple[str, int]) -> Figures:
    topic, rows = emission
    with psycopg.connect(url) as producer:
        emit(producer, topic, rows, datetime.now(UTC) + _LATER)
        _settle_down(ground, producer)
        with meter(ground, worker) as measured:
            producer.commit()
            worker.await_empty("outbox")
    _expect(worker, "SELECT count(*) FROM queue", rows)
    return measured.figures(rows)


def outbox_to_end(ground: Ground, topic: str, rows: int, setting: Setting) -> Figures:
    """Outbox row → settled: in the feed, or accepted by the mail server and recorded."""
    with ground.database() as url, working(ground, url, setting) as worker:
        with psycopg.connect(url) as producer:
            emit(producer, topic, rows, None)
            _settle_down(ground, producer)
            with meter(ground, worker) as measured:
                producer.commit()
                worker.await_empty("outbox")
                worker.await_empty("queue")
        _expect(worker, "SELECT count(*) FROM deliveries WHERE state = 'sent'", rows)
        return measured.figures(rows)


def due_to_end(ground: Ground, topic: str, rows: int, setting: Setting) -> Figures:
    """Planned row that comes due → accepted by the mail server and recorded."""
    with ground.database() as url, working(ground, url, setting) as worker:
        _plan(ground, url, worker, (topic, rows))
        due = _make_due(url)
        ground.checkpoint()
        time.sleep(max((due - datetime.now(UTC)).total_seconds(), 0))
        with meter(ground, worker) as measured:
            worker.await_empty("queue")
        _expect(worker, "SELECT count(*) FROM deliveries WHERE state = 'sent'", rows)
        return {**measured.figures(rows), "MB": peak_memory(worker.process)}


def _make_due(url: str) -> datetime:
    with psycopg.connect(url, autocommit=True) as connection:
        due = datetime.now(UTC) + _SOON
        connection.execute("UPDATE queue SET due_at = %s", (due,))
        connection.execute("VACUUM ANALYZE queue")
    return due


def _settle_down(ground: Ground, producer: psycopg.Connection) -> None:
    """Let the rows that are about to be committed be known to the planner and on disk."""
    producer.execute("ANALYZE outbox")
    ground.checkpoint()


def _expect(worker: Worker, statement: str, rows: int) -> None:
    """A benchmark that lost something measures nothing."""
    found = worker.count(statement)
    if found != rows:
        raise SystemExit(f"bench: {found} instead of {rows} for {statement}")
