"""In-app notifications: decided, numbered and settled in one transaction, exactly once."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

from psycopg.types.json import Jsonb

from models.queries.configuring import templates
from models.records import Class, NewVersion, Step, TemplateHead, TemplateVersion
from scheduler.sending import feed
from scheduler.sending.lanes import Turns
from tests.factories import suppressed
from tests.pipeline import Pipeline, exhausted

Workers = Callable[[], Awaitable[Pipeline]]


async def test_settles_a_recipients_items_in_order_with_seq_and_change(pipeline: Pipeline):
    await pipeline.topic(words="{{ data.n }}")
    pipeline.people("anna", "bo")
    for number in range(3):
        pipeline.emit(data={"n": number}, thread=f"t:{number}", actor="cy")
    pipeline.emit(recipients=("anna", "bo"), data={"n": 3})
    await pipeline.plan()
    await pipeline.feed()
    items = pipeline.rows(
        "SELECT recipient_id, seq, change, title, body, thread, actor FROM inbox ORDER BY 1, 2"
    )
    assert items == [
        *[("anna", n + 1, n + 1, f"Subject: {n}", f"{n}", f"t:{n}", "cy") for n in range(3)],
        ("anna", 4, 4, "Subject: 3", "3", None, None),
        ("bo", 1, 1, "Subject: 3", "3", None, None),
    ]
    assert pipeline.rows("SELECT seq, change FROM ledger ORDER BY recipient_id") == [(4, 4), (1, 1)]
    assert pipeline.value("SELECT count(*) FROM queue") == 0
    settled = pipeline.rows(
        "SELECT DISTINCT state, reason, attempts, template_version, sent_at = settled_at,"
        " length(content_hash) FROM deliveries"
    )
    assert settled == [("sent", None, 0, 1, True, 32)]


async def test_every_no_becomes_a_row_with_its_reason(pipeline: Pipeline):
    await pipeline.topic(channels=("in_app", "email"))
    await pipeline.topic("must", channels=("email",), mandatory=True, category="must")
    pipeline.people("anna", "bo", "cy")
    pipeline.people("homeless", address=False)
    with pipeline.make() as make:
        make.preference("anna", "news", allowed=False)
        make.preference("anna", "must", allowed=False)
        make.suppression("bo@example.com", "hard_bounce", "feedback")
    pipeline.run_sql(
        "UPDATE addresses SET suppressed = %s WHERE recipient_id = 'bo'",
        Jsonb(suppressed("hard_bounce")),
    )
    everybody = ("anna", "bo", "cy", "homeless", "nobody")
    pipeline.emit(recipients=everybody, actor="cy")
    pipeline.emit("must", recipients=("anna",))
    await pipeline.run()
    found = {
        (topic, who, channel): (state, reason)
        for topic, who, channel, state, reason in pipeline.rows(
            "SELECT topic, recipient_id, channel, state, reason FROM deliveries"
        )
    }
    board = "board.shared"
    assert found == {
        (board, "anna", "in_app"): ("sent", None),
        (board, "anna", "email"): ("skipped", "opted_out"),
        (board, "bo", "in_app"): ("sent", None),
        (board, "bo", "email"): ("skipped", "suppressed"),
        (board, "cy", "in_app"): ("skipped", "own_action"),
        (board, "cy", "email"): ("skipped", "own_action"),
        (board, "homeless", "in_app"): ("sent", None),
        (board, "homeless", "email"): ("skipped", "no_address"),
        (board, "nobody", "in_app"): ("skipped", "unknown_recipient"),
        (board, "nobody", "email"): ("skipped", "unknown_recipient"),
        ("must", "anna", "email"): ("sent", None),
    }
    checks = pipeline.value(
        "SELECT trace -> 'gate' FROM deliveries WHERE recipient_id = 'bo' AND channel = 'email'"
    )
    assert checks[-1] == ["address", "skip:suppressed", "hard_bounce"]


async def test_decides_when_due_not_when_planned(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.people("anna", "bo")
    pipeline.emit(recipients=("anna", "late"))
    await pipeline.plan()
    pipeline.people("late")
    with pipeline.make() as make:
        make.preference("anna", "news", allowed=False)
    pipeline.run_sql("UPDATE preferences SET channel = '*'")
    await pipeline.feed()
    assert pipeline.deliveries() == {
        ("anna", "in_app"): ("skipped", "opted_out"),
        ("late", "in_app"): ("sent", None),
    }


async def test_a_step_without_words_is_skipped(pipeline: Pipeline):
    await pipeline.topic(steps=(Step("in_app", "in_app", None),))
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.run()
    assert pipeline.deliveries() == {("anna", "in_app"): ("skipped", "no_template")}


async def test_a_template_that_fails_for_one_fails_that_one_with_line_and_variable(
    pipeline: Pipeline,
):
    words = "Hello\n{{ recipient.attributes.nickname }}"
    await pipeline.topic(words=words, channels=("in_app", "email"))
    pipeline.people("anna", "bo", "cy")
    pipeline.run_sql("""UPDATE recipients SET attributes = '{"nickname": "B"}'
                         WHERE recipient_id <> 'anna'""")
    pipeline.emit(recipients=("anna", "bo", "cy"))
    await pipeline.run()
    failed = pipeline.rows(
        "SELECT channel, reason, detail FROM deliveries WHERE state = 'failed' ORDER BY 1 DESC"
    )
    assert [(channel, reason) for channel, reason, _ in failed] == [
        ("in_app", "rendering"), ("email", "rendering"),
    ]  # fmt: skip
    for _, _, detail in failed:
        assert "line 2" in detail
        assert "recipient.attributes.nickname" in detail
    assert pipeline.value("SELECT count(*) FROM deliveries WHERE state = 'sent'") == 4
    assert pipeline.value("SELECT count(*) FROM attempts") == 2


async def test_no_value_of_a_template_stops_the_feed(pipeline: Pipeline):
    words = {
        "nul": '{{ "\\x00" }}',
        "surrogate": '{{ "\\ud800" }}',
        "endless": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "missing": "{{ data.nope }}",
        "broken": "{{ data.",
        "none": "{{ none }}",
    }
    for name, text in words.items():
        await pipeline.topic(name, words=text)
    await pipeline.topic()
    pipeline.people("anna")
    for name in words:
        pipeline.emit(name)
    pipeline.emit()
    await pipeline.plan()
    await pipeline.feed()
    found = dict(pipeline.rows("SELECT topic, state FROM deliveries"))
    assert found.pop("board.shared") == "sent"
    assert found.pop("none") == "sent"
    assert set(found.values()) == {"failed"}
    assert set(pipeline.column("SELECT reason FROM deliveries WHERE state = 'failed'")) == {
        "rendering"
    }


async def test_a_title_is_one_short_line(pipeline: Pipeline):
    await pipeline.topic(words="{{ data.t }}")
    pipeline.people("anna")
    pipeline.emit(data={"t": "long\n" * 100})
    await pipeline.run()
    (title,) = pipeline.column("SELECT title FROM inbox")
    assert len(title) <= 200
    assert "\n" not in title


async def test_a_broken_template_gathers_no_tracebacks(pipeline: Pipeline):
    await pipeline.topic(words="{{ data.")
    pipeline.people("anna")
    for _ in range(20):
        pipeline.emit()
    await pipeline.run()
    (kept,) = pipeline.runtime.shelf._prepared.values()
    assert isinstance(kept, Exception)
    depth, trace = 0, kept.__traceback__
    while trace:
        depth, trace = depth + 1, trace.tb_next
    assert depth < 20


async def test_one_recipients_thousand_rows_get_gapless_numbers(workers: Workers):
    one, two = await workers(), await workers()
    await one.topic(words="x")
    one.people("anna", *(f"p{number}" for number in range(20)))
    one.run_sql("""INSERT INTO outbox (topic, recipients)
                   SELECT 'board.shared', '{anna}' FROM generate_series(1, 1000)""")
    one.emit(recipients=tuple(f"p{number}" for number in range(20)))
    await one.plan()
    for worker in (one, two):
        await worker.runtime.shelf.refresh(worker.runtime.database)

    async def work(worker: Pipeline) -> int:
        done = 0
        while one.value("SELECT count(*) FROM queue"):
            done += await feed.step(worker.runtime, worker.feed_turns)
        return done

    shares = await asyncio.gather(work(one), work(two))
    assert sum(shares) >= 1020
    assert one.value("SELECT seq FROM ledger WHERE recipient_id = 'anna'") == 1000
    assert one.value("SELECT count(*) FROM inbox") == 1020


async def test_workers_that_decide_for_one_recipient_at_once_leave_no_gap(workers: Workers):
    """Each begins in another lane, so they meet at the recipient and not at the rows."""
    pair = [await workers(), await workers()]
    one = pair[0]
    keys = [f"t{number}" for number in range(40)]
    for key in keys:
        await one.topic(key, words="x")
    one.people("anna")
    for key in keys * 3:
        one.emit(key)
    await one.plan()
    turns = [Turns(4), Turns(4)]
    for _ in range(8):
        turns[1].ask()
    while one.value("SELECT count(*) FROM queue"):
        await asyncio.gather(
            *(feed.step(worker.runtime, turn) for worker, turn in zip(pair, turns, strict=True))
        )
    assert one.value("SELECT count(*) FROM deliveries WHERE state = 'sent'") == 120
    assert one.value("SELECT seq FROM ledger") == 120


async def test_two_workers_on_the_same_rows_settle_each_once(workers: Workers):
    one, two = await workers(), await workers()
    await one.topic(words="x")
    names = tuple(f"p{number}" for number in range(30))
    one.people(*names)
    for _ in range(10):
        one.emit(recipients=names)
    await one.plan()
    await asyncio.gather(
        *(exhausted(lambda w=w: feed.step(w.runtime, w.feed_turns)) for w in (one, two))
    )
    await one.feed()
    assert one.value("SELECT count(*) FROM inbox") == 300
    assert set(one.column("SELECT seq FROM ledger")) == {10}


async def test_a_recipient_somebody_else_decides_for_waits_for_the_next_round(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.people("anna", "bo")
    pipeline.run_sql("INSERT INTO ledger SELECT bucket, recipient_id FROM recipients")
    pipeline.emit(recipients=("anna", "bo"))
    await pipeline.plan()
    with pipeline.connection.transaction():
        pipeline.rows("SELECT 1 FROM ledger WHERE recipient_id = 'anna' FOR UPDATE")
        await feed.step(pipeline.runtime, pipeline.feed_turns)
        assert pipeline.column("SELECT recipient_id FROM queue") == ["anna"]
    await pipeline.feed()
    assert pipeline.value("SELECT count(*) FROM inbox") == 2


async def test_a_new_version_made_between_two_rounds_is_used(pipeline: Pipeline):
    await pipeline.topic(words="old")
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.run()
    await pipeline.template(TemplateVersion("board.shared-in-app", 2, "in_app", "T", "new"))
    pipeline.emit()
    await pipeline.run()
    assert pipeline.rows(
        "SELECT body, template_version FROM inbox JOIN deliveries USING (delivery_id) ORDER BY seq"
    ) == [("old", 1), ("new", 2)]


async def test_each_reads_it_in_the_nearest_language(pipeline: Pipeline):
    await pipeline.topic()
    english = TemplateVersion("board.shared-in-app", 2, "in_app", "T", "Hello", locale="en")
    head = TemplateHead("board.shared-in-app", "Shared", "in_app", locale="en")
    texts = (english, replace(english, source="Hallo", locale="de"))
    async with pipeline.runtime.database.begin() as tx:
        new = NewVersion(head, texts, "ada", pipeline.clock.now())
        await tx.follow(templates.publish_version(new))
        await tx.run(templates.set_live(head.template, 2, pipeline.clock.now()))
    pipeline.forget_catalog()
    pipeline.people("anna", "bo", "cy")
    with pipeline.connection.transaction():
        pipeline.connection.execute("UPDATE recipients SET locale = 'de-AT'")
        pipeline.connection.execute("UPDATE recipients SET locale = 'fr' WHERE recipient_id = 'cy'")
    pipeline.emit(recipients=("anna", "cy"))
    pipeline.emit(recipients=("bo",), locale="en-GB")
    await pipeline.run()
    assert pipeline.rows("SELECT recipient_id, body FROM inbox ORDER BY 1") == [
        ("anna", "Hallo"), ("bo", "Hello"), ("cy", "Hello"),
    ]  # fmt: skip


async def test_a_hundred_rows_of_others_do_not_hide_a_critical_one(pipeline: Pipeline):
    pipeline.feed_turns = Turns(10)
    await pipeline.topic("news", klass=Class.PROMOTIONAL, words="x")
    await pipeline.topic("code", klass=Class.CRITICAL, words="x")
    pipeline.people("anna", "bo")
    for _ in range(100):
        pipeline.emit("news")
    pipeline.emit("code", recipients=("bo",))
    await pipeline.plan()
    await feed.step(pipeline.runtime, pipeline.feed_turns)
    assert pipeline.value("SELECT state FROM deliveries WHERE topic = 'code'") == "sent"


async def test_what_is_held_for_long_is_not_lost(pipeline: Pipeline):
    await pipeline.topic(lifetime=timedelta(days=30))
    pipeline.people("anna")
    pipeline.emit(not_before=pipeline.clock.now() + timedelta(days=20))
    await pipeline.run()
    pipeline.travel(days=20, seconds=1)
    await pipeline.feed()
    assert pipeline.deliveries() == {("anna", "in_app"): ("sent", None)}


async def test_a_worker_that_has_not_heard_of_a_topic_asks_before_it_skips(workers: Workers):
    one, two = await workers(), await workers()
    await two.topic("other")
    await two.runtime.shelf.refresh(two.runtime.database)
    await one.topic()
    one.people("anna")
    one.emit()
    await one.plan()
    await two.feed()
    assert one.deliveries() == {("anna", "in_app"): ("sent", None)}
