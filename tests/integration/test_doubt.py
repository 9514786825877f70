"""Messages nobody knows the end of: kept, sent again by rule, and settled by late answers."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from psycopg.types.json import Jsonb

from delivery.retries import Outcome
from models.reasons import Failure, Hold
from models.records import Class
from models.states import DeliveryState
from scheduler.sending import send
from scheduler.sending.late import fold
from scheduler.sending.recording import answers
from tests.edge import edge_on
from tests.factories import suppressed
from tests.integration.test_leases import claimed
from tests.integration.test_recording import attempts, everything
from tests.mail_sender import eventually
from tests.mail_servers import Client, Hangup
from tests.pipeline import Pipeline
from tests.values import NOW

Workers = Callable[[], Awaitable[Pipeline]]


async def hang_up(_: Client) -> bytes:
    raise Hangup


async def doubtful(pipeline: Pipeline, **topic: object) -> None:
    """A mail to Anna whose final dot gets no answer."""
    await pipeline.topic(channels=("email",), words="x", **topic)
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.plan()
    pipeline.mail.dot = hang_up
    await pipeline.send()
    del pipeline.mail.__dict__["dot"]


def counted(pipeline: Pipeline, state: str) -> tuple[int, int]:
    """How many deliveries came into a state, and how many left it."""
    found: tuple[int, int] = pipeline.row(
        """SELECT CAST(coalesce(sum(entered), 0) AS int), CAST(coalesce(sum("left"), 0) AS int)
             FROM rollups WHERE state = %s""",
        state,
    )
    return found


async def test_under_hold_it_stays_in_doubt(pipeline: Pipeline):
    await doubtful(pipeline)
    pipeline.travel(hours=1)
    assert await pipeline.send() == 0
    assert pipeline.deliveries() == {("anna", "email"): ("in_doubt", "connection_lost")}
    assert counted(pipeline, "in_doubt") == (1, 0)


@pytest.mark.parametrize("topic", [{"klass": Class.CRITICAL}, {"on_doubt": "resend"}])
async def test_under_resend_it_goes_again_with_the_same_message_id(
    pipeline: Pipeline, topic: dict[str, object]
):
    await doubtful(pipeline, **topic)
    assert pipeline.deliveries() == {("anna", "email"): ("scheduled", "doubt")}
    assert pipeline.row("SELECT attempt, tries, doubts FROM queue") == (1, 1, 1)
    assert counted(pipeline, "in_doubt") == (1, 1), "it is counted though it goes again at once"
    pipeline.travel(seconds=14)
    assert await pipeline.send() == 0, "a late answer would come first"
    pipeline.travel(seconds=17)
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}
    assert pipeline.rows("SELECT attempt, outcome, reason FROM attempts ORDER BY 1") == [
        (1, "in_doubt", "connection_lost"), (2, "sent", None),
    ]  # fmt: skip
    sent = pipeline.value("SELECT message_id FROM deliveries")
    assert f"Message-ID: <{sent}>".encode() in pipeline.mail.kept[0].content


async def test_the_resend_carries_the_message_id_of_the_first_try(pipeline: Pipeline):
    first: list[bytes] = []

    async def take_silently(client: Client) -> bytes:
        first.append(client.content)
        raise Hangup

    await pipeline.topic(channels=("email",), words="x", on_doubt="resend")
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.plan()
    pipeline.mail.dot = take_silently
    await pipeline.send()
    del pipeline.mail.__dict__["dot"]
    pipeline.travel(seconds=31)
    await pipeline.send()
    ids = [
        [line for line in content.splitlines() if line.startswith(b"Message-ID:")]
        for content in (*first, pipeline.mail.kept[0].content)
    ]
    assert len(ids[0]) == 1
    assert ids[0] == ids[1]


async def test_a_secret_survives_until_its_resend(pipeline: Pipeline):
    await pipeline.topic(
        channels=("email",), words="{{ data.code }}", klass=Class.CRITICAL, sensitive=True
    )
    pipeline.people("anna")
    pipeline.emit(data={"code": "493817"})
    await pipeline.plan()
    pipeline.mail.dot = hang_up
    await pipeline.send()
    del pipeline.mail.__dict__["dot"]
    pipeline.travel(seconds=31)
    await pipeline.send()
    assert b"493817" in pipeline.mail.kept[0].content


async def test_what_the_gate_turns_away_after_a_doubt_is_not_called_skipped(pipeline: Pipeline):
    await doubtful(pipeline, on_doubt="resend")
    pipeline.run_sql("UPDATE addresses SET suppressed = %s", Jsonb(suppressed("manual")))
    pipeline.travel(seconds=31)
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("in_doubt", "not_resent")}
    assert "suppressed" in pipeline.value("SELECT detail FROM deliveries")


async def test_what_expires_after_a_doubt_is_not_called_expired(pipeline: Pipeline):
    await doubtful(pipeline, on_doubt="resend")
    pipeline.travel(days=4)
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("in_doubt", "not_resent")}


async def test_a_lost_worker_leaves_its_row_to_the_rule(pipeline: Pipeline):
    await claimed(pipeline, "anna")
    await pipeline.topic(channels=("email",), words="x", on_doubt="resend")
    pipeline.run_sql("UPDATE queue SET begun_at = entered_at")
    pipeline.travel(seconds=61)
    await pipeline.release()
    assert pipeline.deliveries() == {("anna", "email"): ("scheduled", "doubt")}
    assert pipeline.row("SELECT tries, crashes, doubts FROM queue") == (1, 1, 1)
    assert pipeline.row("SELECT outcome, reason FROM attempts") == ("in_doubt", "worker_lost")
    pipeline.travel(seconds=31)
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}


async def test_a_provider_that_breaks_in_our_own_code_is_in_doubt(pipeline: Pipeline):
    class Broken:
        carries = frozenset({"email"})

        async def send(self, *_: object) -> object:
            raise KeyError("a bug")

        async def close(self) -> None: ...

    pipeline.runtime.providers = {"smtp": Broken()}
    await pipeline.topic(channels=("email",), words="x")
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.plan()
    await pipeline.send()
    assert pipeline.deliveries() == {("anna", "email"): ("in_doubt", "crashed")}


async def test_what_is_in_doubt_is_a_metric(pipeline: Pipeline):
    await doubtful(pipeline)
    async with edge_on(pipeline.url) as edge:
        told = (await edge.http.get("/metrics")).text
    assert "\ntidings_in_doubt_deliveries 1.0\n" in told


# Late answers: the lease is over, the conversation is not.


async def overtaken(one: Pipeline, two: Pipeline, answer: bytes, **topic: object) -> asyncio.Event:
    """Worker one awaits the answer to a dot; two has declared its row lost. Set: it answers."""
    go_on = asyncio.Event()

    async def wait(_: Client) -> bytes:
        await go_on.wait()
        return answer

    await one.topic(channels=("email",), words="x", **topic)
    one.people("anna")
    one.emit()
    await one.plan()
    one.mail.dot = wait
    await send.step(one.runtime, one.send_turns)
    await eventually(lambda: one.mail.dots == 1)
    two.travel(seconds=61)
    await two.release()
    del one.mail.__dict__["dot"]
    return go_on


YES, NOT_NOW, NEVER, NOBODY = (
    b"250 2.0.0 taken", b"451 4.3.0 not now", b"554 5.7.1 spam", b"550 5.1.1 nobody",
)  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        (YES, ("sent", None)),
        (NOT_NOW, ("scheduled", "backoff")),
        (NEVER, ("failed", "policy_refused")),
        (NOBODY, ("bounced", "address_refused")),
    ],
)
async def test_a_late_answer_settles_what_was_held_in_doubt(
    workers: Workers, answer: bytes, end: tuple[str, str | None]
):
    one, two = await workers(), await workers()
    go_on = await overtaken(one, two, answer)
    assert one.deliveries() == {("anna", "email"): ("in_doubt", "worker_lost")}
    go_on.set()
    await one.land()
    assert one.deliveries() == {("anna", "email"): end}
    assert counted(one, "in_doubt") == (1, 1)
    assert one.value("SELECT count(*) FROM attempts") == 1


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        (YES, ("sent", None)),
        (NOT_NOW, ("scheduled", "doubt")),
        (NEVER, ("failed", "policy_refused")),
        (NOBODY, ("bounced", "address_refused")),
    ],
)
async def test_a_late_answer_settles_what_waits_for_its_resend(
    workers: Workers, answer: bytes, end: tuple[str, str | None]
):
    one, two = await workers(), await workers()
    go_on = await overtaken(one, two, answer, on_doubt="resend")
    assert one.deliveries() == {("anna", "email"): ("scheduled", "doubt")}
    go_on.set()
    await one.land()
    assert one.deliveries() == {("anna", "email"): end}
    left = [0] if end[0] == "scheduled" else []
    assert one.column("SELECT doubts FROM queue") == left
    two.travel(seconds=31)
    await two.send()
    assert len(one.mail.kept) == (1 if end[0] != "failed" and end[0] != "bounced" else 0)


async def test_an_acceptance_ends_a_delivery_that_is_being_sent_again(workers: Workers):
    one, two = await workers(), await workers()
    go_on = await overtaken(one, two, YES, on_doubt="resend")
    two.travel(seconds=31)
    two.runtime.on_wire += 1000  # two has claimed it, and may not begin yet
    await send.step(two.runtime, two.send_turns)
    assert one.deliveries() == {("anna", "email"): ("sending", None)}
    go_on.set()
    await one.land()
    assert one.deliveries() == {("anna", "email"): ("sent", None)}
    two.runtime.leave(1000)
    await two.land()
    assert one.mail.dots == 1, "two found no row to begin"


async def test_what_was_settled_meanwhile_stays_and_the_answer_is_kept(workers: Workers):
    one, two = await workers(), await workers()
    go_on = await overtaken(one, two, NEVER, on_doubt="resend")
    two.travel(seconds=31)
    await two.send()
    assert one.deliveries() == {("anna", "email"): ("sent", None)}
    go_on.set()
    await one.land()
    assert one.deliveries() == {("anna", "email"): ("sent", None)}
    assert one.rows("SELECT attempt, outcome FROM attempts ORDER BY 1") == [
        (1, "failed"), (2, "sent"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "answer",
    [
        Outcome(DeliveryState.SENT),
        Outcome(DeliveryState.FAILED, Failure.CONTENT_REFUSED, "spam"),
        Outcome(DeliveryState.SCHEDULED, Hold.BACKOFF, "later", NOW, tries=1),
    ],
)
@pytest.mark.parametrize("on_doubt", ["hold", "resend"])
async def test_a_late_answer_that_comes_twice_counts_once(
    pipeline: Pipeline, answer: Outcome, on_doubt: str
):
    await claimed(pipeline, "anna", "bo")
    await pipeline.topic(channels=("email",), words="x", on_doubt=on_doubt)
    await pipeline.runtime.shelf.reread(pipeline.runtime.database)
    pipeline.run_sql("UPDATE queue SET begun_at = entered_at")
    _, results = await attempts(pipeline, answer)
    pipeline.travel(seconds=61)
    await pipeline.release()
    now = pipeline.clock.now()
    for _ in range(2):
        once = everything(pipeline)
        async with pipeline.runtime.database.begin() as tx:
            await fold(tx, answers(results), now)
    assert everything(pipeline) == once
    assert pipeline.rows("SELECT DISTINCT attempt, outcome FROM attempts") == [(1, answer.state)]


async def test_a_no_to_one_attempt_does_not_settle_the_doubt_of_another(pipeline: Pipeline):
    await claimed(pipeline, "anna")
    pipeline.run_sql("UPDATE queue SET attempt = 2")
    _, results = await attempts(
        pipeline, Outcome(DeliveryState.FAILED, Failure.CONTENT_REFUSED, "spam")
    )
    pipeline.run_sql("UPDATE queue SET begun_at = entered_at")
    pipeline.run_sql(
        """INSERT INTO attempts (bucket, day, delivery_id, attempt, outcome, ended_at)
           SELECT bucket, day, delivery_id, 1, 'in_doubt', entered_at FROM queue"""
    )
    pipeline.travel(seconds=61)
    await pipeline.release()
    async with pipeline.runtime.database.begin() as tx:
        await fold(tx, answers(results), pipeline.clock.now())
    assert pipeline.deliveries() == {("anna", "email"): ("in_doubt", "worker_lost")}
