"""A campaign to everybody: launched → frozen → a delivery for each, beside one raw INSERT."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import LiteralString

import psycopg

from bench.cpu import Meter
from bench.ground import Ground
from bench.measure import Figures
from bench.population import NEWS
from bench.worker import Setting, Worker, meter, working
from delivery.campaigns.launching import Launch, prepare
from models.database import SyncDatabase, SyncTransaction
from models.ids import campaign_run_id
from models.queries.audiences import catalog as audiences
from models.queries.audiences.catalog import Saving
from models.queries.campaigns import campaigns, orders
from models.queries.campaigns.orders import By, Standing
from models.records import Run, RunKind

_KEY, _BY = "bench", "bench"
_EVERYBODY = {
    "key": _KEY, "title": "Everybody", "all": [{"about": "locale", "in": ["en"]}],
}  # fmt: skip
_LATER = timedelta(hours=13)
"""A local time so far away that nothing is sent, and near enough that the run begins at once."""
_GIVEN = {"run": campaign_run_id(_KEY, 1), "topic": NEWS, "campaign": _KEY}
_MEMBERS: LiteralString = """
    INSERT INTO campaign_members (bucket, run, recipient_id, stage, variant)
    SELECT bucket, %(run)s, recipient_id, 0, '' FROM recipients
"""
_ADDRESSES: LiteralString = """
    INSERT INTO campaign_addresses (bucket, run, address, recipient_id)
    SELECT bucket, %(run)s, sha256(convert_to(address, 'UTF8')), recipient_id FROM addresses
"""
_ROWS: LiteralString = """
    SELECT bucket, CURRENT_DATE AS day, md5(recipient_id)::uuid AS delivery_id,
           md5('event')::uuid AS event_id, recipient_id, %(topic)s AS topic,
           'promotional' AS class, 'email' AS channel, 'a' AS step, 'scheduled' AS state,
           false AS test, now() AS created_at, now() + interval '13 hours' AS due_at,
           '{"plan": [["actor"], ["erased"]]}'::jsonb AS trace, %(campaign)s AS campaign,
           '1/first/' AS cohort, 'order' AS template, 1 AS template_version
      FROM recipients
"""
_DELIVERIES: LiteralString = (
    "INSERT INTO deliveries (bucket, day, delivery_id, event_id, recipient_id, topic, class,"
    " channel, step, state, test, created_at, due_at, trace, campaign, cohort, template,"
    f" template_version) {_ROWS}"
)
_QUEUE: LiteralString = (
    "INSERT INTO queue (bucket, day, delivery_id, event_id, recipient_id, topic, class, channel,"
    " step, state, test, created_at, due_at, trace, campaign, cohort, template,"
    " template_version, lane, held_for, expires_at, entered_at)"
    f" SELECT r.*, 23, 'not_before', due_at, created_at FROM ({_ROWS}) r"
)


def run(ground: Ground, processes: int) -> Figures:
    """The real worker, but for the minute in which a launch can be taken back."""
    with ground.database() as url:
        _plant(url)
        with working(ground, url, Setting(processes=processes)) as worker:
            ground.checkpoint()
            with meter(ground, worker) as measured:
                called = _launch(url)
                frozen = _until(worker, "state <> 'freezing'")
                _until(worker, "state = 'going'")
                planned = _until(worker, "state = 'planned'")
            people = worker.count("SELECT count(*) FROM queue")
    if people != ground.recipients:
        raise SystemExit(f"bench: {people} instead of {ground.recipients} deliveries")
    return {
        **measured.figures(people), "per second": people / (frozen + planned),
        "launch ms": called * 1000, "frozen s": frozen, "planned s": planned,
    }  # fmt: skip


def raw(ground: Ground) -> Figures:
    """The same rows, made by Postgres alone."""
    with ground.database() as url, psycopg.connect(url) as connection:
        ground.checkpoint()
        with Meter(os.getpid(), ground.postmaster) as measured:
            for statement in (_MEMBERS, _ADDRESSES, _DELIVERIES, _QUEUE):
                connection.execute(statement, _GIVEN)
            connection.commit()
        return measured.figures(ground.recipients)


def _until(worker: Worker, how: LiteralString) -> float:
    """Seconds until the run has come so far."""
    began = time.perf_counter()
    worker.await_empty(f"(SELECT FROM campaign_runs WHERE NOT ({how})) open")
    return time.perf_counter() - began


@contextmanager
def _writing(url: str) -> Iterator[tuple[SyncTransaction, datetime]]:
    database = SyncDatabase.connect(url, "tidings bench")
    now = database.now()
    with database.begin() as tx:
        yield tx, now
    database.close()


def _plant(url: str) -> None:
    at = (datetime.now(UTC) + _LATER).replace(tzinfo=None, microsecond=0)
    document = {
        "key": _KEY, "title": "News", "topic": NEWS, "audience": _KEY,
        "steps": [{"key": "first"}], "schedule": {"local_at": at.isoformat()},
    }  # fmt: skip
    with _writing(url) as (tx, now):
        saving = Saving(_KEY, "Everybody", _EVERYBODY, None, "", _BY, now)
        tx.follow(audiences.save(saving, None))
        tx.run(campaigns.add(document, _BY, now))


def _launch(url: str) -> float:
    """Launch it as a person does; seconds until that returned."""
    with _writing(url) as (tx, now):

        def prepared(at: Standing) -> Run | datetime:
            wanted = Launch(RunKind.LAUNCH, _BY, now)
            return prepare(at.campaign.document, at.runs, at.known, wanted)

        began = time.perf_counter()
        tx.follow(orders.launch(_KEY, RunKind.LAUNCH, prepared, By(_BY, now)))
    return time.perf_counter() - began
