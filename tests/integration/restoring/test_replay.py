"""Rows that are replayed from a source that keeps what was planned."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.database import UnavailableError
from models.queries.planning import kept
from models.records import Class, Source
from scheduler.keeping import upkeep
from scheduler.planning import plan
from scheduler.restoring.replay import replay
from tests.integration.restoring.backups import KEEP, Backup, mails, marked, recipients
from tests.integration.test_sources import Producer, add
from tests.pipeline import Pipeline


async def keeping(pipeline: Pipeline, producer: Producer) -> Source:
    source = await add(pipeline, "shop", producer.url)
    await pipeline.runtime.database.run(kept.set_keep_for("shop", KEEP))
    pipeline.forget_catalog()
    await pipeline.runtime.shelf.refresh(pipeline.runtime.database)
    return replace(source, keep_for=KEEP)


async def test_planned_rows_are_kept_for_a_while(pipeline: Pipeline, keeper: Producer):
    await mails(pipeline)
    source = await keeping(pipeline, keeper)
    row = keeper.emit(topic="mail", data={"board": "R", "nested": [1, None]})
    await plan.drain(pipeline.runtime, source)
    assert keeper.waiting() == 0
    (found,) = keeper.connection.execute("SELECT id, data, done_at FROM outbox_done").fetchall()
    assert found[:2] == (row, {"board": "R", "nested": [1, None]})
    await upkeep.purge(pipeline.runtime)
    assert keeper.connection.execute("SELECT count(*) FROM outbox_done").fetchone() == (1,)
    pipeline.travel(days=7, seconds=10)
    await upkeep.purge(pipeline.runtime)
    assert keeper.connection.execute("SELECT count(*) FROM outbox_done").fetchone() == (0,)


async def test_a_row_that_a_standby_brings_back_is_kept_once(pipeline: Pipeline, keeper: Producer):
    await mails(pipeline)
    source = await keeping(pipeline, keeper)
    row = keeper.emit(topic="mail")
    await plan.drain(pipeline.runtime, source)
    keeper.emit(topic="mail", id=row)
    await plan.drain(pipeline.runtime, source)
    assert keeper.waiting() == 0
    assert keeper.connection.execute("SELECT count(*) FROM outbox_done").fetchone() == (1,)
    assert pipeline.value("SELECT count(*) FROM events") == 1


async def test_a_source_that_cannot_keep_loses_no_row(pipeline: Pipeline, keeper: Producer):
    await mails(pipeline)
    source = await keeping(pipeline, keeper)
    keeper.emit(topic="mail")
    keeper.connection.execute("ALTER TABLE outbox_done RENAME TO elsewhere")
    with pytest.raises(UnavailableError):
        await plan.drain(pipeline.runtime, source)
    keeper.connection.execute("ALTER TABLE elsewhere RENAME TO outbox_done")
    assert keeper.waiting() == 1
    await plan.drain(pipeline.runtime, source)
    assert pipeline.value("SELECT count(*) FROM events") == 1


async def test_a_replay_without_a_restore_changes_nothing(pipeline: Pipeline, keeper: Producer):
    await mails(pipeline)
    pipeline.people("anna")
    source = await keeping(pipeline, keeper)
    since = pipeline.clock.now()
    for _ in range(3):
        keeper.emit(topic="mail")
    await plan.drain(pipeline.runtime, source)
    await pipeline.send()
    await pipeline.send()
    before = pipeline.rows("SELECT * FROM v_deliveries ORDER BY 1")
    for _ in range(2):
        assert await replay(pipeline.runtime, source, since, pipeline.clock.now()) == 3
    assert pipeline.rows("SELECT * FROM v_deliveries ORDER BY 1") == before


async def forgotten(pipeline: Pipeline, keeper: Producer) -> tuple[Source, Backup]:
    """Anna's mail is remembered; Bo's, Cy's (sent) and Di's (for tomorrow) were planned since."""
    await mails(pipeline)
    lifetime = timedelta(days=3)
    await pipeline.topic(
        "critical", channels=("email",), words="x", klass=Class.CRITICAL, lifetime=lifetime
    )
    pipeline.people("anna", "bo", "cy", "di")
    source = await keeping(pipeline, keeper)
    keeper.emit(topic="mail", recipients=("anna",))
    await plan.drain(pipeline.runtime, source)
    await pipeline.send()
    backup = Backup.take(pipeline)
    pipeline.travel(seconds=1)
    keeper.emit(topic="mail", recipients=("bo",))
    keeper.emit(topic="critical", recipients=("cy",))
    future = pipeline.clock.now() + timedelta(days=1)
    keeper.emit(topic="mail", recipients=("di",), not_before=future)
    while await plan.drain(pipeline.runtime, source):
        await pipeline.send()
    return source, backup


async def test_a_replay_brings_back_what_the_restore_forgot(pipeline: Pipeline, keeper: Producer):
    source, backup = await forgotten(pipeline, keeper)
    assert recipients(pipeline) == ["anna", "bo", "cy"]
    ids = pipeline.rows("SELECT recipient_id, delivery_id FROM deliveries ORDER BY 1")
    pipeline.travel(hours=1)
    backup.restore(pipeline)
    await marked(pipeline, backup)
    for _ in range(2):  # also when it stops in between and is done again
        offered = await replay(pipeline.runtime, source, backup.at, pipeline.clock.now())
        assert offered == 4, "a minute more is offered, for clocks that differ"
    assert pipeline.rows("SELECT recipient_id, delivery_id FROM deliveries ORDER BY 1") == ids
    assert pipeline.deliveries() == {
        ("anna", "email"): ("sent", None),
        ("bo", "email"): ("in_doubt", "restored"),
        ("cy", "email"): ("scheduled", "doubt"),
        ("di", "email"): ("scheduled", "not_before"),
    }
    pipeline.travel(days=1, minutes=1)
    await pipeline.send()
    assert recipients(pipeline) == ["anna", "bo", "cy", "cy", "di"]


async def test_a_crowd_is_replayed_whole(pipeline: Pipeline, keeper: Producer):
    await mails(pipeline)
    source = await keeping(pipeline, keeper)
    since = pipeline.clock.now()
    backup = Backup.take(pipeline)
    keeper.emit(topic="mail", recipients=tuple(f"r{number}" for number in range(1500)))
    await plan.drain(pipeline.runtime, source)
    backup.restore(pipeline)
    assert await replay(pipeline.runtime, source, since, pipeline.clock.now()) == 1
    assert pipeline.rows("SELECT state, reason, count(*) FROM v_deliveries GROUP BY 1, 2") == [
        ("in_doubt", "restored", 1500)
    ]
    assert pipeline.column("SELECT state FROM events") == ["planned"]


async def test_what_was_not_due_when_the_history_ended_just_goes(
    pipeline: Pipeline, keeper: Producer
):
    await mails(pipeline)
    pipeline.people("anna")
    source = await keeping(pipeline, keeper)
    backup = Backup.take(pipeline)
    soon = pipeline.clock.now() + timedelta(minutes=10)
    keeper.emit(topic="mail", not_before=soon)
    await plan.drain(pipeline.runtime, source)
    crashed = pipeline.clock.now()
    pipeline.travel(hours=1)
    backup.restore(pipeline)
    await replay(pipeline.runtime, source, backup.at, crashed)
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}


async def test_a_replay_older_than_the_keys_is_refused(pipeline: Pipeline, keeper: Producer):
    source = await keeping(pipeline, keeper)
    old = pipeline.clock.now() - timedelta(days=36)
    with pytest.raises(ValueError, match="recognised for 35 days"):
        await replay(pipeline.runtime, source, old, pipeline.clock.now())


async def test_a_source_that_keeps_nothing_says_so(pipeline: Pipeline, keeper: Producer):
    source = await add(pipeline, "shop", keeper.url)
    with pytest.raises(ValueError, match="tidings sources keep"):
        await replay(pipeline.runtime, source, pipeline.clock.now(), pipeline.clock.now())
