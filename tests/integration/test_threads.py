"""What was taken back is not sent, whichever of the two was planned first."""

from datetime import timedelta

import pytest

from models.records import read_digest
from scheduler.planning import threads
from scheduler.sending import digests
from scheduler.sending.feed import step as feed_step
from tests.pipeline import Pipeline, exhausted
from tests.shards import shard

SHARED, UNSHARED = "board.shared", "board.unshared"


@pytest.fixture
async def boards(pipeline: Pipeline) -> Pipeline:
    """A topic that another one takes back, and two people."""
    await pipeline.topic(SHARED, channels=("email",), words="{{ data.board }} {{ count }}")
    await pipeline.topic(UNSHARED, steps=(), cancels=(SHARED,))
    pipeline.people("anna", "bo")
    return pipeline


async def test_what_waits_is_cancelled_at_once(boards: Pipeline):
    later = boards.clock.now() + timedelta(hours=1)
    boards.emit(SHARED, recipients=("anna", "bo"), thread="b1", not_before=later)
    boards.emit(SHARED, thread="b2", not_before=later)
    await boards.plan()
    boards.emit(UNSHARED, recipients=("anna",), thread="b1")
    await boards.plan()
    assert await threads.take_back(boards.runtime) == 1
    assert await threads.take_back(boards.runtime) == 0
    assert sorted(boards.rows("SELECT recipient_id, state, reason FROM v_deliveries")) == [
        ("anna", "cancelled", "thread_cancelled"),
        ("anna", "scheduled", None),
        ("bo", "scheduled", None),
    ]


async def test_the_gate_asks_by_itself(boards: Pipeline):
    boards.emit(SHARED, thread="b1")
    boards.emit(UNSHARED, thread="b1")
    await boards.run()
    assert boards.deliveries()["anna", "email"] == ("cancelled", "thread_cancelled")
    assert boards.mail.kept == []


async def test_the_order_of_planning_does_not_matter(boards: Pipeline):
    shared_at = boards.clock.now() - timedelta(minutes=2)
    boards.emit(UNSHARED, thread="b1", created_at=shared_at + timedelta(minutes=1))
    await boards.plan()
    await threads.take_back(boards.runtime)
    boards.emit(SHARED, thread="b1", created_at=shared_at)
    await boards.run()
    assert boards.deliveries()["anna", "email"] == ("cancelled", "thread_cancelled")


async def test_what_happens_later_is_news_again(boards: Pipeline):
    boards.emit(UNSHARED, thread="b1", created_at=boards.clock.now() - timedelta(minutes=1))
    await boards.plan()
    boards.emit(SHARED, thread="b1")
    await boards.run()
    assert boards.deliveries()["anna", "email"] == ("sent", None)


async def test_an_older_word_does_not_take_back_the_newer_one(boards: Pipeline):
    now = boards.clock.now()
    for minutes in (1, 5):
        boards.emit(UNSHARED, thread="b1", created_at=now - timedelta(minutes=minutes))
        await boards.plan()
    boards.emit(SHARED, thread="b1", created_at=now - timedelta(minutes=3))
    await boards.run()
    assert boards.deliveries()["anna", "email"] == ("cancelled", "thread_cancelled")


async def test_what_was_sent_stays(boards: Pipeline):
    boards.emit(SHARED, thread="b1")
    await boards.run()
    boards.emit(UNSHARED, thread="b1")
    await boards.run()
    assert await threads.take_back(boards.runtime) == 0
    assert boards.deliveries()["anna", "email"] == ("sent", None)


async def test_without_a_thread_nothing_is_taken_back(boards: Pipeline):
    boards.emit(SHARED)
    boards.emit(UNSHARED)
    await boards.run()
    assert boards.deliveries()["anna", "email"] == ("sent", None)
    assert boards.value("SELECT count(*) FROM tombstones") == 0


async def test_what_is_collected_is_taken_out_and_the_rest_goes(boards: Pipeline):
    rule = read_digest({"kind": "fixed", "steps": ["email"], "wait": "1h"})
    await boards.topic(SHARED, channels=("email",), digest=rule)
    boards.emit(SHARED, thread="b1", data={"board": "one"})
    boards.emit(SHARED, thread="b2", data={"board": "two"})
    await boards.run()
    boards.emit(UNSHARED, thread="b1")
    await boards.plan()
    assert await threads.take_back(boards.runtime) == 1
    boards.travel(hours=1)
    await digests.close(boards.runtime)
    await boards.send()
    states = "SELECT state, count(*) FROM v_deliveries GROUP BY 1 ORDER BY 1"
    assert boards.rows(states) == [("cancelled", 1), ("digested", 1), ("sent", 1)]
    assert "Subject: Subject: two 1" in boards.mail.kept[0].content.decode()


async def test_a_digest_of_which_all_is_taken_back_sends_nothing(boards: Pipeline):
    rule = read_digest({"kind": "fixed", "steps": ["email"], "wait": "1h"})
    await boards.topic(SHARED, channels=("email",), digest=rule)
    boards.emit(SHARED, thread="b1")
    await boards.run()
    boards.emit(UNSHARED, thread="b1")
    await boards.plan()
    boards.travel(hours=1)
    assert await digests.close(boards.runtime) == 1  # it asks by itself, before the tick
    assert await threads.take_back(boards.runtime) == 0
    assert boards.deliveries() == {("anna", "email"): ("cancelled", "thread_cancelled")}
    assert boards.row("SELECT members, message_id FROM digests") == (0, None)


async def test_many_recipients_are_taken_back_by_their_chunks_on_many_shards(boards: Pipeline):
    many = tuple(f"r{number}" for number in range(1100))
    await boards.topic(SHARED, channels=("in_app",))
    boards.people(*many, address=False)
    later = boards.clock.now() + timedelta(hours=1)
    boards.emit(SHARED, recipients=many, thread="b1", not_before=later)
    boards.emit(UNSHARED, recipients=many, thread="b1")
    await boards.plan()
    await boards.expand()
    sharded = await shard(boards)
    assert await threads.take_back(boards.runtime) == len(many)
    assert sharded.astray == []
    await exhausted(lambda: feed_step(boards.runtime, boards.feed_turns))
    assert boards.column("SELECT DISTINCT state FROM v_deliveries") == ["cancelled"]
