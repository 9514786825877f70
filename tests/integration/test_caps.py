"""Frequency caps from the row to the wire: who goes, who waits, and what gives a slot back."""

from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import psycopg
import pytest

from models.queries.configuring.catalog import topics as topics_of
from models.queries.sending import dispatch
from models.records import Class, read_digest
from scheduler.keeping import warming
from scheduler.sending import digests, rivals
from tests.caps import PROMO, cap
from tests.mail_servers import Client, Hangup
from tests.pipeline import Pipeline

HELD = ("scheduled", "frequency_cap")


async def topics(pipeline: Pipeline) -> None:
    """News that a cap limits, orders that it does not."""
    await pipeline.topic("news", channels=("email",), klass=Class.PROMOTIONAL)
    await pipeline.topic("order", channels=("email",), klass=Class.TRANSACTIONAL)
    pipeline.people("anna", "bo")


def states(pipeline: Pipeline, topic: str = "news") -> Counter[tuple[str, str | None]]:
    return Counter(
        pipeline.rows(
            "SELECT state, coalesce(held_for, reason) FROM v_deliveries WHERE topic = %s", topic
        )
    )


def slots(pipeline: Pipeline, recipient: str = "anna") -> int:
    """Slots that are taken in all counters."""
    stored = pipeline.value("SELECT slots FROM ledger WHERE recipient_id = %s", recipient)
    return sum(map(len, stored.values()))


def answer(said: bytes) -> Callable[..., Awaitable[bytes]]:
    async def answered(*_: object) -> bytes:
        return said

    return answered


async def test_over_the_cap_it_waits_until_the_slot_opens(pipeline: Pipeline):
    await topics(pipeline)
    await cap(pipeline, PROMO)
    await pipeline.run(pipeline.emit("news"), pipeline.emit("news"))
    assert states(pipeline) == {("sent", None): 1, HELD: 1}
    due = pipeline.value("SELECT due_at FROM queue")
    assert due - pipeline.clock.now() > timedelta(hours=23, minutes=59)
    trace = pipeline.value("SELECT trace -> 'gate' -> -1 FROM queue")
    assert trace[:2] == ["frequency_cap", "hold:frequency_cap"]
    assert trace[2].endswith(" promo@1 1/1")
    pipeline.travel(hours=23, minutes=59)
    await pipeline.send()
    assert len(pipeline.mail.kept) == 1


async def test_what_waits_goes_when_its_time_has_come(pipeline: Pipeline):
    await topics(pipeline)
    await cap(pipeline, {**PROMO, "within": "1 hour"})
    await pipeline.run(pipeline.emit("news"), pipeline.emit("news"), pipeline.emit("news"))
    for sent in (1, 2, 3):
        assert states(pipeline)["sent", None] == sent
        pipeline.travel(hours=1, seconds=1)
        await pipeline.send()
    assert slots(pipeline) == 1


async def test_what_would_wait_too_long_expires(pipeline: Pipeline):
    await topics(pipeline)
    await cap(pipeline, PROMO)
    soon = pipeline.clock.now() + timedelta(hours=1)
    await pipeline.run(pipeline.emit("news"))
    await pipeline.run(pipeline.emit("news", expires_at=soon))
    assert pipeline.value("SELECT due_at FROM queue") == soon
    pipeline.travel(hours=1)
    await pipeline.send()
    assert states(pipeline) == {("sent", None): 1, ("expired", "expired"): 1}


@pytest.mark.parametrize(("over", "reason"), [("skip", "over_cap"), ("downgrade", "downgraded")])
async def test_over_the_cap_it_may_also_end(pipeline: Pipeline, over: str, reason: str):
    await pipeline.topic("news", channels=("in_app", "email"), klass=Class.PROMOTIONAL)
    pipeline.people("anna")
    await cap(pipeline, {**PROMO, "over": over})
    await pipeline.run(pipeline.emit("news"), pipeline.emit("news"))
    assert states(pipeline) == {("sent", None): 3, ("skipped", reason): 1}
    assert pipeline.value("SELECT count(*) FROM inbox") == 2


async def test_a_digest_is_one_message(pipeline: Pipeline):
    rule = read_digest({"kind": "fixed", "steps": ["email"], "wait": "10m"})
    await pipeline.topic("news", channels=("email",), klass=Class.PROMOTIONAL, digest=rule)
    pipeline.people("anna")
    await cap(pipeline, PROMO)
    for _ in range(2):
        for _ in range(3):
            await pipeline.run(pipeline.emit("news"))
        assert slots(pipeline) == len(pipeline.mail.kept)
        pipeline.travel(minutes=11)
        await digests.close(pipeline.runtime)
        await pipeline.run()
    assert states(pipeline) == {("digested", None): 6, ("sent", None): 1, HELD: 1}


SIX = {"over": "digest", "digest": {"every": "day", "at": "18:00"}}
MANY = "{% for item in items %}{{ item.data.board }};{% endfor %}"


async def until_six(pipeline: Pipeline) -> None:
    """Let time pass until the digests are due, close them, and send what may go."""
    (due,) = pipeline.column("SELECT DISTINCT closes_at FROM digests")
    assert f"{due.astimezone(ZoneInfo('Europe/Berlin')):%H:%M}" == "18:00"  # theirs
    pipeline.travel(seconds=(due - pipeline.clock.now()).total_seconds() + 1)
    await digests.close(pipeline.runtime)
    await pipeline.run()


async def test_over_the_cap_it_may_go_together_with_others(pipeline: Pipeline):
    lifetime = timedelta(days=7)
    await pipeline.topic(
        "news", channels=("email",), klass=Class.PROMOTIONAL, words=MANY, lifetime=lifetime
    )
    pipeline.people("anna", "bo")
    await cap(pipeline, {**PROMO, **SIX})
    for board in "abcd":
        await pipeline.run(pipeline.emit("news", ("anna", "bo"), data={"board": board}))
    assert states(pipeline) == {("sent", None): 2, ("collected", None): 6}
    assert slots(pipeline) == 1
    check, verdict, note = pipeline.value(
        "SELECT trace -> 'gate' -> -1 FROM deliveries WHERE state = 'collected' LIMIT 1"
    )
    assert (check, verdict) == ("frequency_cap", "collect")
    assert note.endswith(" promo@1 1/1")
    pipeline.run_sql(
        "INSERT INTO preferences SELECT bucket, recipient_id, 'news', 'email', false, now(), 'x'"
        " FROM recipients WHERE recipient_id = 'bo'"
    )
    await until_six(pipeline)
    # The digest is over the cap itself: it waits, and is not collected again.
    gone = ("skipped", "opted_out")
    assert states(pipeline) == {("sent", None): 2, ("digested", None): 3, gone: 3, HELD: 1}
    opens = pipeline.value("SELECT due_at FROM queue")
    pipeline.travel(seconds=(opens - pipeline.clock.now()).total_seconds())
    await pipeline.run()
    assert states(pipeline) == {("sent", None): 3, ("digested", None): 3, gone: 3}
    assert b"b;c;d;" in pipeline.mail.kept[-1].content
    assert slots(pipeline) == 1


async def test_over_the_cap_what_tells_of_one_alone_waits(pipeline: Pipeline):
    await topics(pipeline)
    await cap(pipeline, {**PROMO, **SIX})
    await pipeline.run(pipeline.emit("news"), pipeline.emit("news"))
    assert states(pipeline) == {("sent", None): 1, HELD: 1}


TELL_MANY = (
    "{{ items[0].data.board }}", "{% for one in items %}x{% endfor %}",
    "{{ others | plural('board', 'boards') }}", "{%- if count > 1 %}x{% endif %}",
)  # fmt: skip
TELL_ONE = (
    "{{ data.items }} items", "{{ data.board }}: count items", "{{ data.recount }}",
    "{{ data.items() }}",
)  # fmt: skip


async def test_a_template_that_asks_for_all_news_tells_many(pipeline: Pipeline):
    for number, words in enumerate((*TELL_MANY, *TELL_ONE)):
        await pipeline.topic(f"t{number}", channels=("email",), words=words)
    known = await pipeline.runtime.database.run(topics_of())
    told = [known[f"t{number}"].steps[0].tells_many for number in range(8)]
    assert told == [True] * 4 + [False] * 4


async def test_each_recipient_has_slots_of_their_own(pipeline: Pipeline):
    await topics(pipeline)
    await cap(pipeline, PROMO)
    await pipeline.run(pipeline.emit("news", ("anna", "bo")), pipeline.emit("news", ("bo",)))
    assert states(pipeline) == {("sent", None): 2, HELD: 1}


async def test_what_is_exempt_counts_so_that_promotion_yields(pipeline: Pipeline):
    await topics(pipeline)
    await cap(pipeline, {"key": "mail", "channels": ["email"], "limit": 2, "within": "1 day"})
    for _ in range(3):
        await pipeline.run(pipeline.emit("order"))
    await pipeline.run(pipeline.emit("news"))
    assert (states(pipeline, "order"), states(pipeline)) == ({("sent", None): 3}, {HELD: 1})


async def test_among_what_is_due_the_most_important_goes(pipeline: Pipeline):
    await topics(pipeline)
    await cap(pipeline, {"key": "mail", "limit": 1, "within": "1 day"})
    pipeline.emit("news", priority=0)
    pipeline.emit("news", priority=3)
    await pipeline.plan()
    await pipeline.send()
    assert pipeline.rows("SELECT lane / 16 FROM queue") == [(0,)]


async def test_a_claim_calls_the_more_important_that_it_did_not_get(pipeline: Pipeline):
    await topics(pipeline)
    await cap(pipeline, {"key": "mail", "limit": 1, "within": "1 day"})
    pipeline.emit("news", priority=0)
    pipeline.emit("news", priority=2)
    pipeline.emit("news", ("bo",))
    await pipeline.plan()
    runtime, now = pipeline.runtime, pipeline.clock.now()
    await runtime.shelf.reread(runtime.database)
    async with runtime.database.begin() as tx:
        due = await tx.run(dispatch.due_of(["anna"], now))
        called, others = await rivals.call(tx, runtime, due[1:], now)
    assert [row.lane // 16 for row in called] == [0, 2]
    assert others == []


async def test_who_is_less_important_waits_for_a_rival_that_somebody_else_holds(
    pipeline: Pipeline, database_url: str
):
    await topics(pipeline)
    await cap(pipeline, {"key": "mail", "limit": 1, "within": "1 day"})
    pipeline.emit("news", priority=0)
    pipeline.emit("order")
    await pipeline.plan()
    with psycopg.connect(database_url) as other:
        other.execute("SELECT 1 FROM queue WHERE topic = 'order' FOR UPDATE")
        await pipeline.send()
        assert states(pipeline) == {HELD: 1}
    pipeline.travel(seconds=2)
    await pipeline.send()
    assert (states(pipeline, "order"), states(pipeline)) == ({("sent", None): 1}, {HELD: 1})


async def test_nobody_is_decided_for_twice_at_once(pipeline: Pipeline, database_url: str):
    await topics(pipeline)
    await cap(pipeline, PROMO)
    await pipeline.run(pipeline.emit("order"))
    pipeline.emit("news")
    await pipeline.plan()
    with psycopg.connect(database_url) as other:
        other.execute("SELECT 1 FROM ledger WHERE recipient_id = 'anna' FOR UPDATE")
        await pipeline.send()
        assert len(pipeline.mail.kept) == 1
    await pipeline.send()
    assert len(pipeline.mail.kept) == 2


async def test_what_fails_gives_its_slot_back(pipeline: Pipeline):
    await topics(pipeline)
    await cap(pipeline, PROMO)
    pipeline.mail.dot = answer(b"554 5.6.0 no")  # type: ignore[method-assign]
    await pipeline.run(pipeline.emit("news"))
    assert (states(pipeline), slots(pipeline)) == ({("failed", "content_refused"): 1}, 0)
    del pipeline.mail.dot
    await pipeline.run(pipeline.emit("news"))
    assert len(pipeline.mail.kept) == 1


async def test_what_waits_for_its_next_try_gives_it_back_and_asks_again(pipeline: Pipeline):
    await topics(pipeline)
    await cap(pipeline, PROMO)
    pipeline.mail.dot = answer(b"451 4.3.0 later")  # type: ignore[method-assign]
    await pipeline.run(pipeline.emit("news"))
    assert (states(pipeline), slots(pipeline)) == ({("scheduled", "backoff"): 1}, 0)
    del pipeline.mail.dot
    await pipeline.run(pipeline.emit("news"))
    pipeline.travel(minutes=5)
    await pipeline.send()
    assert states(pipeline) == {("sent", None): 1, HELD: 1}


async def test_what_is_in_doubt_keeps_its_slot(pipeline: Pipeline):
    await topics(pipeline)
    await cap(pipeline, PROMO)

    async def hang_up(_: Client) -> bytes:
        raise Hangup

    pipeline.mail.dot = hang_up  # type: ignore[method-assign]
    await pipeline.run(pipeline.emit("news"))
    assert (states(pipeline), slots(pipeline)) == ({("in_doubt", "connection_lost"): 1}, 1)
    del pipeline.mail.dot
    await pipeline.run(pipeline.emit("news"))
    assert states(pipeline)[HELD] == 1


async def test_a_worker_that_is_lost_before_sending_gives_it_back(pipeline: Pipeline):
    await topics(pipeline)
    await cap(pipeline, PROMO)
    await pipeline.run(pipeline.emit("news"))
    pipeline.run_sql(
        "UPDATE ledger SET slots = jsonb_set(slots, ARRAY(SELECT jsonb_object_keys(slots)), '[]')"
    )
    pipeline.emit("news")
    await pipeline.plan()
    pipeline.runtime.spawn = lambda work: work.close()  # type: ignore[method-assign,assignment]
    await pipeline.send()
    assert slots(pipeline) == 1
    pipeline.travel(seconds=61)
    await pipeline.release()
    assert slots(pipeline) == 0


async def test_tests_neither_count_nor_wait(pipeline: Pipeline):
    await topics(pipeline)
    await cap(pipeline, PROMO)
    await pipeline.run(pipeline.emit("news", test=True), pipeline.emit("news", test=True))
    assert slots(pipeline) == 0
    assert states(pipeline)[HELD] == 0


async def test_without_caps_nothing_is_asked(pipeline: Pipeline):
    await topics(pipeline)
    await pipeline.run(pipeline.emit("news"))
    assert await warming.warm(pipeline.runtime) == 0
    assert pipeline.value("SELECT count(*) FROM warmings") == 0
    assert slots(pipeline) == 0
