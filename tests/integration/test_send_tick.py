"""Claim, decide, begin, send, record: what a mail server and a database do to it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from psycopg.types.json import Jsonb

from delivery.ports import Rules
from models.records import Class
from scheduler.sending import send
from scheduler.sending.lanes import Turns
from tests.factories import suppressed
from tests.mail_servers import Client, Hangup, Kept, MailServer
from tests.pipeline import Pipeline

Workers = Callable[[], Awaitable[Pipeline]]
Setting = Callable[[str, str], None]


async def ready(pipeline: Pipeline, *recipients: str, **emitted: object) -> None:
    """A mail to each of these is due."""
    await pipeline.topic(channels=("email",), klass=emitted.pop("klass", Class.TRANSACTIONAL))
    pipeline.people(*recipients)
    pipeline.emit(recipients=recipients, **emitted)
    await pipeline.plan()


async def test_hands_a_mail_over_and_keeps_what_was_said(pipeline: Pipeline):
    await ready(pipeline, "anna")
    await pipeline.send()
    (mail,) = pipeline.mail.kept
    assert mail.recipient == "anna@example.com"
    assert b"Anna sees Roadmap" in mail.content
    kept = pipeline.row(
        "SELECT state, address, account, provider, destination, template, template_version,"
        " response, attempts, message_id, sent_at = settled_at FROM deliveries"
    )
    identifier = pipeline.value("SELECT delivery_id FROM deliveries")
    assert kept == (
        "sent", "anna@example.com", "mailbox", "smtp", "other", "board.shared-email", 1,
        "250 Ok: queued as 1", 1, f"{identifier}@example.com", True,
    )  # fmt: skip
    assert f"Message-ID: <{identifier}@example.com>".encode() in mail.content
    assert pipeline.row("SELECT attempt, outcome, code, enhanced FROM attempts") == (
        1, "sent", 250, "2.0.0",
    )  # fmt: skip
    assert pipeline.value("SELECT count(*) FROM latencies") == 1
    assert pipeline.runtime.on_wire == 0


async def test_an_address_is_chosen_when_due(pipeline: Pipeline):
    await ready(pipeline, "anna")
    with pipeline.make() as make:
        make.address("anna", "new@example.com")
    pipeline.run_sql(
        "UPDATE addresses SET suppressed = %s WHERE address = 'anna@example.com'",
        Jsonb(suppressed("hard_bounce", pipeline.clock.now() + timedelta(1))),
    )
    await pipeline.send()
    assert [mail.recipient for mail in pipeline.mail.kept] == ["new@example.com"]


ANSWERS = {
    b"550 5.1.1 nobody of that name": ("bounced", "address_refused"),
    b"554 5.7.1 looks like spam": ("failed", "policy_refused"),
    b"451 4.3.0 later": ("scheduled", "backoff"),
    b"452 4.2.2 mailbox full": ("scheduled", "backoff"),
}


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("verb", ["rcpt", "dot"])
async def test_a_refusal_means_what_it_says(pipeline: Pipeline, verb: str, answer: bytes):
    async def refuse(*_: object) -> bytes:
        return answer

    await ready(pipeline, "anna")
    setattr(pipeline.mail, verb, refuse)
    await pipeline.send()
    state, reason = pipeline.deliveries()["anna", "email"]
    expected = ANSWERS[answer]
    assert state == expected[0] or (verb, state) == ("dot", "failed")
    if state != "scheduled":
        return
    assert reason == expected[1]
    assert pipeline.row("SELECT tries, crashes, attempt, token FROM queue") == (1, 0, 1, None)
    del pipeline.mail.__dict__[verb]
    pipeline.travel(hours=1)
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}
    assert pipeline.rows("SELECT attempt, outcome FROM attempts ORDER BY 1") == [
        (1, "scheduled"), (2, "sent"),
    ]  # fmt: skip


async def test_a_server_that_is_away_is_tried_again_until_it_is_too_late(pipeline: Pipeline):
    async def refuse(*_: object) -> bytes:
        return b"451 4.3.0 later"

    await ready(pipeline, "anna", expires_at=pipeline.clock.now() + timedelta(hours=5))
    pipeline.mail.mail = refuse
    for tries in range(1, 12):
        await pipeline.send()
        if pipeline.deliveries()["anna", "email"][0] == "expired":
            break
        assert pipeline.value("SELECT tries FROM queue") == tries
        pipeline.travel(hours=1)
    assert pipeline.deliveries() == {("anna", "email"): ("expired", "expired")}
    assert pipeline.mail.kept == []


async def test_gives_up_after_the_last_try(pipeline: Pipeline):
    async def refuse(*_: object) -> bytes:
        return b"451 4.3.0 later"

    await ready(
        pipeline, "anna", klass=Class.PROMOTIONAL,
        expires_at=pipeline.clock.now() + timedelta(days=3),
    )  # fmt: skip
    pipeline.mail.mail = refuse
    for _ in range(6):
        await pipeline.send()
        pipeline.travel(hours=2)
    assert pipeline.deliveries() == {("anna", "email"): ("failed", "tries_exhausted")}
    assert pipeline.column("SELECT attempt FROM attempts ORDER BY 1") == [1, 2, 3, 4, 5, 6]


async def test_a_connection_lost_after_the_dot_is_in_doubt(pipeline: Pipeline):
    async def vanish(*_: object) -> bytes:
        raise Hangup

    await ready(pipeline, "anna")
    pipeline.mail.dot = vanish
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("in_doubt", "connection_lost")}
    assert pipeline.value("SELECT count(*) FROM queue") == 0
    assert pipeline.column("SELECT outcome FROM attempts") == ["in_doubt"]


async def test_a_server_that_lies_about_its_words_is_recorded_all_the_same(pipeline: Pipeline):
    answers = [
        b"250 2.0.0 caf\xe9",
        b"250 2.0.0 n\x00l",
        b"550 5.1.1 \xff\x00",
        b"250 " + b"x" * 900,
    ]

    async def answer(client: Client) -> bytes:
        return answers[int(client.recipient[1])]

    await ready(pipeline, *(f"r{number}" for number in range(len(answers))))
    pipeline.mail.dot = answer
    await pipeline.send()
    states = sorted(state for state, _ in pipeline.deliveries().values())
    assert states[-3:] == ["sent"] * 3
    assert pipeline.value("SELECT count(*) FROM attempts") == len(answers)
    assert pipeline.value("SELECT count(*) FROM queue") == 0


async def test_an_account_nobody_can_use_holds_and_is_no_try(pipeline: Pipeline):
    await ready(pipeline, "anna")
    pipeline.run_sql("""
        INSERT INTO provider_accounts (account, provider, channel, url, priority, weight, enabled,
                                       updated_at)
        VALUES ('main', 'nobody', 'email', 'nobody://', 0, 1, true, now())""")
    pipeline.runtime.rules = Rules()
    pipeline.forget_catalog()
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("scheduled", "account")}
    assert pipeline.row("SELECT tries, crashes FROM queue") == (0, 0)
    assert pipeline.runtime.on_wire == 0
    pipeline.run_sql("DELETE FROM provider_accounts")
    pipeline.forget_catalog()
    pipeline.travel(minutes=2)
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}


async def test_what_cannot_be_a_mail_fails_and_takes_nobody_along(pipeline: Pipeline):
    await ready(pipeline, "anna", "bo")
    pipeline.run_sql("UPDATE addresses SET address = E'no\\nmail' WHERE recipient_id = 'anna'")
    await pipeline.send()
    assert pipeline.deliveries() == {
        ("anna", "email"): ("failed", "composing"), ("bo", "email"): ("sent", None),
    }  # fmt: skip


async def test_a_row_that_crashes_while_it_is_filled_takes_nobody_along(pipeline: Pipeline):
    await ready(pipeline, "anna", "bo")
    deep = '{"a":' * 1200 + "1" + "}" * 1200
    pipeline.run_sql("UPDATE queue SET data = CAST(%s AS jsonb) WHERE recipient_id = 'anna'", deep)
    for crashes in (1, 2, 3):
        await pipeline.send()
        assert pipeline.deliveries()["bo", "email"] == ("sent", None)
        if crashes < 3:
            assert pipeline.row("SELECT crashes, tries FROM queue") == (crashes, 0)
        pipeline.travel(minutes=1)
    assert pipeline.deliveries()["anna", "email"] == ("failed", "quarantined")


async def test_a_database_that_is_away_at_begin_costs_nothing_but_time(
    setting: Setting, workers: Workers
):
    setting("WORKER_CONCURRENCY", "4")
    setting("WORKER_LEASE", "6.5")
    pipeline = await workers()
    await ready(pipeline, *(f"r{number}" for number in range(12)))
    pipeline.run_sql(f"ALTER DATABASE {pipeline.connection.info.dbname} SET lock_timeout = '100ms'")
    await pipeline.runtime.database.close()
    await send.step(pipeline.runtime, pipeline.send_turns)
    with pipeline.connection.transaction():
        pipeline.rows("SELECT 1 FROM queue FOR UPDATE")
        await asyncio.sleep(0.3)
        assert pipeline.mail.kept == []
    await pipeline.land()
    assert len(pipeline.mail.kept) == 12
    assert pipeline.runtime.on_wire == 0


async def test_no_more_is_on_the_wire_than_allowed(setting: Setting, workers: Workers):
    setting("WORKER_CONCURRENCY", "6")
    pipeline = await workers()
    most = 0

    async def count(client: Client) -> bytes:
        nonlocal most
        most = max(most, pipeline.runtime.on_wire)
        await asyncio.sleep(0.005)
        return await MailServer.dot(pipeline.mail, client)

    await ready(pipeline, *(f"r{number}" for number in range(40)))
    pipeline.mail.dot = count
    await pipeline.send()
    assert len(pipeline.mail.kept) == 40
    assert most <= 6


@pytest.mark.parametrize(("big", "small"), [("one", "two"), ("two", "one")])
async def test_a_topic_with_ten_thousand_rows_does_not_starve_one_with_ten(
    pipeline: Pipeline, big: str, small: str
):
    for key in (big, small):
        await pipeline.topic(key, channels=("email",))
    pipeline.run_sql(
        """INSERT INTO outbox (topic, recipients)
           SELECT %s, array_agg('nobody' || g) FROM generate_series(1, 10000) n, LATERAL
                  (SELECT n %% 10 AS event, n AS g) x GROUP BY event""",
        big,
    )
    pipeline.emit(small, recipients=tuple(f"b{number}" for number in range(10)))
    await pipeline.plan()
    assert pipeline.value("SELECT count(DISTINCT lane) FROM queue") == 2
    turns = Turns(300)
    decided = 0
    while pipeline.value("SELECT count(*) FROM queue WHERE topic = %s", small):
        decided += await send.step(pipeline.runtime, turns)
    assert decided <= 16 * 300, "the small topic waited for the whole of the big one"


async def test_the_most_important_go_first_whatever_their_lanes(pipeline: Pipeline):
    topics = {f"t{number}": number for number in range(40)}
    for key in topics:
        await pipeline.topic(key, channels=("email",))
    pipeline.people("anna")
    for key, number in topics.items():
        pipeline.emit(key, priority=4 + number % 3)
    await pipeline.plan()
    for _ in range(4):
        await send.step(pipeline.runtime, pipeline.send_turns)
        await pipeline.land()
    sent = dict(pipeline.rows("SELECT CAST(delivery_id AS text), topic FROM deliveries"))
    order = [4 + topics[sent[delivery_of(mail)]] % 3 for mail in pipeline.mail.kept]
    assert order == sorted(order, reverse=True)


def delivery_of(mail: Kept) -> str:
    return mail.content.partition(b"X-Tidings-Delivery: ")[2].partition(b"\r\n")[0].decode()


async def test_the_next_batch_is_claimed_while_one_is_on_the_wire(
    setting: Setting, workers: Workers
):
    setting("WORKER_SEND_BATCH", "5")
    pipeline = await workers()
    go_on = asyncio.Event()

    async def wait(client: Client) -> bytes:
        await go_on.wait()
        return await MailServer.dot(pipeline.mail, client)

    await ready(pipeline, *(f"r{number}" for number in range(30)))
    pipeline.mail.dot = wait
    turns = Turns(5)
    claimed = [await send.step(pipeline.runtime, turns) for _ in range(4)]
    assert claimed == [5, 5, 5, 0], "three batches ahead, no more"
    go_on.set()
    await pipeline.land()
    assert len(pipeline.mail.kept) == 15


async def test_a_worker_told_to_stop_gives_back_what_it_did_not_begin(
    setting: Setting, workers: Workers
):
    setting("WORKER_CONCURRENCY", "4")
    pipeline = await workers()
    await ready(pipeline, *(f"r{number}" for number in range(10)))
    await send.step(pipeline.runtime, pipeline.send_turns)
    pipeline.runtime.stopping.set()
    await pipeline.land()
    assert pipeline.mail.kept == []
    assert pipeline.rows("SELECT DISTINCT state, attempt, crashes, tries FROM queue") == [
        ("scheduled", 1, 0, 0)
    ]
    pipeline.runtime.stopping.clear()
    await pipeline.send()
    assert len(pipeline.mail.kept) == 10


async def test_two_workers_send_each_mail_once(workers: Workers):
    one, two = await workers(), await workers()
    names = tuple(f"r{number}" for number in range(60))
    await ready(one, *names)
    one.emit(recipients=names)
    await one.plan()
    for worker in (one, two):
        worker.send_turns = Turns(15)
    for _ in range(20):
        await asyncio.gather(one.send(), two.send())
    assert len(one.mail.kept) == 120
    assert one.value("SELECT count(*) FROM queue") == 0
    assert set(one.column("SELECT attempts FROM deliveries")) == {1}
