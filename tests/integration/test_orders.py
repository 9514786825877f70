"""What people order about doubt and dead letters: done once, audited, by whoever is first."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest

from delivery.again import FORGOTTEN, SECRET, by_person
from models.database import SyncDatabase
from models.driver import as_psycopg
from models.queries import catalog, history, selection
from models.queries.history import Wanted
from models.queries.interventions import ACCEPTED, Intervention
from models.queries.orders import Order, carry_out, next_batch, told
from models.queries.selection import Selection
from models.records import Class
from models.states import DEAD, DeliveryState as D, Resolution
from tests.integration.test_doubt import counted, doubtful
from tests.integration.test_kill_switches import switch
from tests.mail_servers import Client
from tests.pipeline import Pipeline

Workers = Callable[[], Awaitable[Pipeline]]
IN_DOUBT = frozenset({D.IN_DOUBT})


def order(
    pipeline: Pipeline, ids: Sequence[UUID], resolution: Resolution, states: frozenset[D] = IN_DOUBT
) -> Intervention:
    """Carry an order out in one transaction, as console and command line do."""
    database = SyncDatabase.connect(pipeline.url, "tests", 1)
    try:
        now = pipeline.clock.now()
        with database.begin() as tx:
            compose = by_person(tx.run(catalog.topics()), now)
            return tx.follow(carry_out(ids, Order(resolution, states, "ada@x", compose, now)))
    finally:
        database.close()


def only(pipeline: Pipeline) -> UUID:
    found: UUID = pipeline.value("SELECT delivery_id FROM deliveries")
    return found


def audit(pipeline: Pipeline) -> list[tuple[object, ...]]:
    return pipeline.rows("SELECT actor, action, subject FROM audit ORDER BY at")


@pytest.mark.parametrize(
    ("resolution", "end", "did"),
    [
        (Resolution.SENT, ("sent", None), "said it was sent"),
        (Resolution.AGAIN, ("scheduled", None), "sent again"),
        (Resolution.CANCEL, ("cancelled", None), "cancelled"),
    ],
)
async def test_a_persons_word_resolves_doubt_once(
    pipeline: Pipeline, resolution: Resolution, end: tuple[str, None], did: str
):
    await doubtful(pipeline)
    delivery = only(pipeline)
    first = order(pipeline, [delivery], resolution)
    second = order(pipeline, [delivery], resolution)
    assert (first.done, second.done) == ({delivery}, frozenset())
    assert pipeline.deliveries() == {("anna", "email"): end}
    assert counted(pipeline, "in_doubt") == (1, 1)
    assert audit(pipeline) == [("ada@x", did, str(delivery))]


async def test_what_is_said_to_be_sent_was_sent_when_doubt_began(pipeline: Pipeline):
    await doubtful(pipeline)
    began = pipeline.value("SELECT settled_at FROM deliveries")
    pipeline.travel(hours=1)
    order(pipeline, [only(pipeline)], Resolution.SENT)
    assert pipeline.value("SELECT sent_at FROM deliveries") == began


async def test_what_is_sent_again_counts_on_and_gets_a_fresh_life(pipeline: Pipeline):
    await doubtful(pipeline)
    message_id = pipeline.value("SELECT message_id FROM deliveries")
    pipeline.travel(days=5)  # long after it was useful
    order(pipeline, [only(pipeline)], Resolution.AGAIN)
    assert pipeline.row("SELECT attempt, tries, crashes, doubts FROM queue") == (1, 0, 0, 1)
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}
    assert pipeline.rows("SELECT attempt, outcome FROM attempts ORDER BY 1") == [
        (1, "in_doubt"), (2, "sent"),
    ]  # fmt: skip
    assert pipeline.value("SELECT message_id FROM deliveries") == message_id


@pytest.mark.parametrize(
    ("resolution", "end"), [(Resolution.SENT, "sent"), (Resolution.CANCEL, "cancelled")]
)
async def test_a_persons_word_stops_what_would_go_again(
    pipeline: Pipeline, resolution: Resolution, end: str
):
    await doubtful(pipeline, on_doubt="resend")
    delivery = only(pipeline)
    assert pipeline.deliveries() == {("anna", "email"): ("scheduled", "doubt")}
    first = order(pipeline, [delivery], resolution)
    second = order(pipeline, [delivery], resolution)
    assert (first.done, second.done) == ({delivery}, frozenset())
    assert pipeline.row("SELECT state, attempts FROM deliveries") == (end, 1)
    pipeline.travel(hours=1)
    assert await pipeline.send() == 0
    assert pipeline.column("SELECT detail FROM audit") == [{"were": {"scheduled: doubt": 1}}]


async def test_what_only_waits_is_not_settled_by_a_word(pipeline: Pipeline):
    await pipeline.topic(channels=("email",), words="x")
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.plan()
    assert order(pipeline, [only(pipeline)], Resolution.SENT).done == frozenset()
    assert pipeline.deliveries() == {("anna", "email"): ("scheduled", None)}


async def test_of_two_people_at_once_one_is_first(pipeline: Pipeline):
    await doubtful(pipeline)
    delivery = only(pipeline)
    said = (Resolution.SENT, Resolution.AGAIN, Resolution.CANCEL) * 3
    came = await asyncio.gather(
        *(asyncio.to_thread(order, pipeline, [delivery], resolution) for resolution in said)
    )
    done = [resolution for resolution, one in zip(said, came, strict=True) if one.done]
    # Before what goes again has gone, another person may still say what became of it.
    ends = [each for each in done if each is not Resolution.AGAIN]
    words = {Resolution.SENT: "sent", Resolution.CANCEL: "cancelled"}
    state = words[ends[0]] if ends else "scheduled"
    assert pipeline.deliveries() == {("anna", "email"): (state, None)}
    assert (len(ends) <= 1, done.count(Resolution.AGAIN) <= 1) == (True, True)
    assert len(audit(pipeline)) == len(done)
    assert counted(pipeline, "in_doubt") == (1, 1)


async def test_an_order_that_stops_before_its_end_changed_nothing(pipeline: Pipeline):
    await doubtful(pipeline)
    before = pipeline.deliveries()
    database = SyncDatabase.connect(pipeline.url, "tests", 1)
    now = pipeline.clock.now()
    given = Order(Resolution.AGAIN, IN_DOUBT, "ada@x", by_person({}, now), now)

    def die() -> None:
        with database.begin() as tx:
            assert tx.follow(carry_out([only(pipeline)], given)).done
            raise RuntimeError("the process dies before the commit")

    with pytest.raises(RuntimeError):
        die()
    database.close()
    assert pipeline.deliveries() == before
    assert audit(pipeline) == []


async def test_what_a_person_sends_again_may_still_have_arrived(pipeline: Pipeline):
    await doubtful(pipeline)
    order(pipeline, [only(pipeline)], Resolution.AGAIN)
    await refused(pipeline)
    assert pipeline.deliveries() == {("anna", "email"): ("in_doubt", "not_resent")}


# Dead letters


async def refuse(_: Client) -> bytes:
    return b"554 5.7.1 spam"


async def refused(pipeline: Pipeline) -> None:
    """Send what is due to a server that refuses it."""
    pipeline.mail.dot = refuse
    await pipeline.send()
    del pipeline.mail.__dict__["dot"]


async def dead(pipeline: Pipeline, *recipients: str, **topic: object) -> None:
    """Mails that failed for good."""
    await pipeline.topic(channels=("email",), words="{{ data.board }}", **topic)
    pipeline.people(*recipients)
    pipeline.emit(recipients=recipients)
    await pipeline.plan()
    await refused(pipeline)


async def test_a_dead_letter_is_sent_again_with_a_new_attempt(pipeline: Pipeline):
    await dead(pipeline, "anna")
    order(pipeline, [only(pipeline)], Resolution.AGAIN, DEAD)
    trace = pipeline.value("SELECT trace FROM queue")
    assert trace["again"] == [["person", "again", ""]]
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}
    assert pipeline.rows("SELECT attempt, outcome FROM attempts ORDER BY 1") == [
        (1, "failed"), (2, "sent"),
    ]  # fmt: skip


async def test_a_campaigns_dead_letter_is_still_the_campaigns(pipeline: Pipeline):
    await dead(pipeline, "anna")
    pipeline.run_sql("UPDATE deliveries SET campaign = 'spring'")
    order(pipeline, [only(pipeline)], Resolution.AGAIN, DEAD)
    await switch(pipeline, "campaign:spring")
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("scheduled", "kill_switch")}


async def test_a_skipped_one_is_decided_anew(pipeline: Pipeline):
    await pipeline.topic(channels=("email", "in_app"), words="x")
    pipeline.emit()
    await pipeline.run()
    assert {state for state, _ in pipeline.deliveries().values()} == {"skipped"}
    pipeline.people("anna")
    ids = pipeline.column("SELECT delivery_id FROM deliveries")
    order(pipeline, ids, Resolution.AGAIN, DEAD)
    await pipeline.feed()
    await pipeline.send()
    assert {state for state, _ in pipeline.deliveries().values()} == {"sent"}


async def test_an_expired_one_may_still_be_wanted(pipeline: Pipeline):
    await pipeline.topic(channels=("email",), words="x")
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.plan()
    pipeline.travel(days=4)
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("expired", "expired")}
    order(pipeline, [only(pipeline)], Resolution.AGAIN, DEAD)
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}


@pytest.mark.parametrize("state", ["sent", "delivered", "bounced", "in_doubt", "scheduled"])
async def test_only_what_was_given_up_is_sent_again(pipeline: Pipeline, state: str):
    await dead(pipeline, "anna")
    delivery = only(pipeline)
    pipeline.run_sql("UPDATE deliveries SET state = %s", state)
    assert order(pipeline, [delivery], Resolution.AGAIN, DEAD).done == frozenset()
    pipeline.run_sql("UPDATE deliveries SET state = 'failed'")
    assert audit(pipeline) == []


async def test_what_was_accepted_once_is_never_sent_again(pipeline: Pipeline):
    await doubtful(pipeline)
    delivery = only(pipeline)
    order(pipeline, [delivery], Resolution.CANCEL)
    pipeline.run_sql("UPDATE attempts SET outcome = 'sent'")  # as a late answer leaves it
    came = order(pipeline, [delivery], Resolution.AGAIN, DEAD)
    assert came.refused == {delivery: ACCEPTED}


async def test_what_a_sensitive_topic_said_is_not_sent_empty(pipeline: Pipeline):
    await dead(pipeline, "anna", sensitive=True, klass=Class.CRITICAL)
    delivery = only(pipeline)
    assert order(pipeline, [delivery], Resolution.AGAIN, DEAD).refused == {delivery: SECRET}


async def test_without_its_event_nothing_can_be_said_again(pipeline: Pipeline):
    await dead(pipeline, "anna")
    delivery = only(pipeline)
    pipeline.run_sql("DELETE FROM events")
    assert order(pipeline, [delivery], Resolution.AGAIN, DEAD).refused == {delivery: FORGOTTEN}
    pipeline.run_sql("DELETE FROM event_keys")


# By filter


def carry_out_all(pipeline: Pipeline, selected: Selection, stop_after: int = 100) -> int:
    """Batches of an order by filter; how many deliveries were changed."""
    database = SyncDatabase.connect(pipeline.url, "tests", 1)
    done, after, batches = 0, None, 0
    try:
        while batches < stop_after:
            now = pipeline.clock.now()
            with database.begin() as tx:
                given = Order(
                    Resolution.AGAIN, DEAD, "ada@x", by_person(tx.run(catalog.topics()), now), now,
                    told(selected),
                )  # fmt: skip
                batch = tx.follow(next_batch(selected, after, given))
            if batch.last is None:
                break
            after, done, batches = batch.last, done + len(batch.came.done), batches + 1
    finally:
        database.close()
    return done


def failed(pipeline: Pipeline, **wanted: object) -> Selection:
    states = frozenset({D.FAILED.value})
    return Selection(Wanted(states=states, **wanted), pipeline.clock.now())


async def test_an_order_by_filter_means_what_matched_when_it_was_asked(pipeline: Pipeline):
    await dead(pipeline, *(f"r{number}" for number in range(7)))
    selected = failed(pipeline, topic="board.shared", reason="content_refused")
    pipeline.people("late")
    await dead_later(pipeline)
    assert carry_out_all(pipeline, selected) == 7
    assert pipeline.deliveries()["late", "email"][0] == "failed"
    assert carry_out_all(pipeline, selected) == 0, "the same click twice"


async def dead_later(pipeline: Pipeline) -> None:
    pipeline.emit(recipients=("late",))
    await pipeline.plan()
    await refused(pipeline)


async def test_what_dies_anew_is_not_sent_a_third_time_by_the_same_order(pipeline: Pipeline):
    await dead(pipeline, "anna")
    selected = failed(pipeline)
    assert carry_out_all(pipeline, selected) == 1
    await refused(pipeline)
    assert pipeline.deliveries() == {("anna", "email"): ("failed", "content_refused")}
    assert carry_out_all(pipeline, selected) == 0
    assert carry_out_all(pipeline, failed(pipeline)) == 1


async def test_an_order_that_stops_between_two_batches_is_finished_by_the_next(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("models.queries.orders.AT_ONCE", 3)
    await dead(pipeline, *(f"r{number}" for number in range(8)))
    selected = failed(pipeline)
    assert carry_out_all(pipeline, selected, stop_after=1) == 3
    assert carry_out_all(pipeline, selected) == 5
    assert [subject for _, _, subject in audit(pipeline)] == [
        "3 deliveries", "3 deliveries", "2 deliveries",
    ]  # fmt: skip
    kept = pipeline.column("SELECT detail FROM audit")[0]
    assert kept["were"] == {"failed: content_refused": 3}
    assert kept["filter"]["states"] == ["failed"]


async def test_two_orders_by_filter_at_once_change_each_delivery_once(pipeline: Pipeline):
    everybody = [f"r{number}" for number in range(40)]
    await dead(pipeline, *everybody)
    selected = failed(pipeline)
    done = await asyncio.gather(
        *(asyncio.to_thread(carry_out_all, pipeline, selected) for _ in range(3))
    )
    assert sum(done) == 40
    await pipeline.send()
    assert sorted(mail.recipient for mail in pipeline.mail.kept) == sorted(
        f"{who}@example.com" for who in everybody
    )


async def test_what_is_refused_does_not_stop_the_rest(pipeline: Pipeline):
    await dead(pipeline, "anna", "bo")
    pipeline.run_sql("UPDATE attempts SET outcome = 'sent' WHERE bucket = (SELECT bucket FROM"
                     " deliveries WHERE recipient_id = 'anna')")  # fmt: skip
    assert carry_out_all(pipeline, failed(pipeline)) == 1
    assert pipeline.deliveries()["bo", "email"][0] == "scheduled"


async def test_doubt_is_counted_and_listed_by_its_attempts(pipeline: Pipeline):
    await doubtful(pipeline)
    await dead_later_after_doubt(pipeline)
    now = pipeline.clock.now()
    wanted = Wanted(states=frozenset({D.IN_DOUBT.value}))
    async with pipeline.runtime.database.begin() as tx:
        number = await tx.run(selection.count_selected(Selection(wanted, now)))
        other = await tx.run(
            selection.count_selected(Selection(replace(wanted, reason="no_answer"), now))
        )
    assert (number, other) == (1, 0)


async def dead_later_after_doubt(pipeline: Pipeline) -> None:
    pipeline.people("bo")
    pipeline.emit(recipients=("bo",))
    await pipeline.plan()
    await pipeline.send()


async def test_history_costs_the_list_of_doubt_nothing(pipeline: Pipeline):
    await doubtful(pipeline)
    wanted = Wanted(states=frozenset({D.IN_DOUBT.value}))
    asked = (
        history.deliveries(wanted),
        selection.count_selected(Selection(wanted, pipeline.clock.now())),
    )
    with psycopg.connect(pipeline.url) as connection:
        connection.execute(
            """INSERT INTO deliveries (bucket, day, delivery_id, event_id, recipient_id, topic,
                      class, channel, step, state, test, created_at, settled_at, sent_at, trace)
               SELECT d.bucket, d.day, gen_random_uuid(), d.event_id, 'x', 'old', d.class, 'email',
                      'email', 'sent', true, d.created_at - n * interval '1 s', d.settled_at,
                      d.settled_at, '{}' FROM deliveries d, generate_series(1, 20000) n"""
        )
        connection.execute("ANALYZE deliveries")
        for query in asked:
            read = buffers(connection, query.statement, query.parameters)
            assert read < 60
        connection.rollback()


def buffers(connection: Any, statement: str, parameters: Mapping[str, object]) -> int:
    explained = b"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + as_psycopg(statement)
    plan = connection.execute(explained, parameters).fetchone()[0][0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
