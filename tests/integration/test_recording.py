"""State, attempt and counts move together, once, and only for whoever holds the lease."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from delivery.gate import Decision
from delivery.messages import Content
from delivery.retries import Outcome
from delivery.verdicts import Keep
from models.queries.routing import EVERYWHERE
from models.queries.sending import dispatch
from models.reasons import Failure, Hold
from models.records import Account, Facts
from models.states import DeliveryState
from scheduler.sending.filling import Filled
from scheduler.sending.recording import Attempted, Sent, record
from tests.integration.test_leases import claimed
from tests.pipeline import Pipeline
from tests.values import make_draft


async def attempts(pipeline: Pipeline, outcome: Outcome) -> tuple[UUID, list[Attempted]]:
    """What came of each leased row, and the token they are leased under."""
    later = pipeline.clock.now() + timedelta(days=1)
    async with pipeline.runtime.database.begin() as tx:
        lost = await tx.run(dispatch.lock_lost(100, EVERYWHERE, later))
    now = pipeline.clock.now()
    topic = pipeline.runtime.shelf.catalog.topics["board.shared"]
    account = Account("main", "smtp", "email", "smtp://x")
    filled = Filled(Content("s", "t"), "board.shared-email", 1, {})
    sent = Sent(filled, "anna@gmail.com", "id@x", account, now)
    made = []
    for one in lost:
        row = replace(one.row, attempt=one.row.attempt - 1)  # as it was before it was leased
        decision = Decision(
            row, topic, topic.steps[0], Facts(None), Keep(), "anna@gmail.com", "{}", make_draft()
        )
        made.append(Attempted(decision, outcome, now, sent))
    return lost[0].token, made


async def write(pipeline: Pipeline, token: UUID, results: list[Attempted]) -> None:
    async with pipeline.runtime.database.begin() as tx:
        await record(tx, token, results)


def everything(pipeline: Pipeline) -> list[list[tuple[object, ...]]]:
    tables = ("queue", "deliveries", "attempts", "rollups", "latencies")
    return [pipeline.rows(f"SELECT CAST(t AS text) FROM {table} t ORDER BY 1") for table in tables]


async def test_recording_twice_changes_nothing(pipeline: Pipeline):
    await claimed(pipeline, "anna", "bo")
    token, results = await attempts(pipeline, Outcome(DeliveryState.SENT))
    await write(pipeline, token, results)
    assert pipeline.rows("SELECT DISTINCT state, attempts, destination FROM deliveries") == [
        ("sent", 1, "google")
    ]
    once = everything(pipeline)
    await write(pipeline, token, results)
    assert everything(pipeline) == once


async def test_putting_back_twice_changes_nothing(pipeline: Pipeline):
    await claimed(pipeline, "anna", "bo")
    later = pipeline.clock.now() + timedelta(minutes=5)
    again = Outcome(DeliveryState.SCHEDULED, Hold.BACKOFF, "later", later, tries=1)
    token, results = await attempts(pipeline, again)
    await write(pipeline, token, results)
    assert pipeline.rows("SELECT DISTINCT held_for, due_at, tries, token FROM queue") == [
        ("backoff", later, 1, None)
    ]
    once = everything(pipeline)
    await write(pipeline, token, results)
    assert everything(pipeline) == once


async def test_recording_after_the_lease_was_lost_changes_nothing(pipeline: Pipeline):
    await claimed(pipeline, "anna", "bo")
    token, results = await attempts(pipeline, Outcome(DeliveryState.SENT))
    pipeline.travel(seconds=61)
    await pipeline.release()
    lost = everything(pipeline)
    await write(pipeline, token, results)
    assert everything(pipeline) == lost


async def test_one_batch_may_end_in_every_way_at_once(pipeline: Pipeline):
    ends = [
        Outcome(DeliveryState.SENT),
        Outcome(DeliveryState.BOUNCED, Failure.ADDRESS_REFUSED, "no such user"),
        Outcome(DeliveryState.FAILED, Failure.CONTENT_REFUSED, "spam"),
        Outcome(DeliveryState.IN_DOUBT, Failure.NO_ANSWER, "silence"),
        Outcome(DeliveryState.EXPIRED, Failure.EXPIRED),
        Outcome(DeliveryState.SCHEDULED, Hold.BACKOFF, "later", pipeline.clock.now(), tries=1),
    ]
    await claimed(pipeline, *(f"r{number}" for number in range(len(ends))))
    token, results = await attempts(pipeline, ends[0])
    mixed = [replace(one, outcome=end) for one, end in zip(results, ends, strict=True)]
    await write(pipeline, token, mixed)
    assert sorted(pipeline.deliveries().values(), key=str) == sorted(
        [
            ("sent", None), ("bounced", "address_refused"), ("failed", "content_refused"),
            ("in_doubt", "no_answer"), ("expired", "expired"), ("scheduled", "backoff"),
        ], key=str,
    )  # fmt: skip
    assert pipeline.value("SELECT count(*) FROM attempts") == len(ends)


async def test_a_row_taken_from_the_middle_of_a_batch_is_left_alone(pipeline: Pipeline):
    await claimed(pipeline, "anna", "bo", "cy")
    token, results = await attempts(pipeline, Outcome(DeliveryState.SENT))
    pipeline.run_sql("UPDATE queue SET token = gen_random_uuid() WHERE recipient_id = 'bo'")
    await write(pipeline, token, results)
    states = {who: state for (who, _), (state, _) in pipeline.deliveries().items()}
    assert states == {"anna": "sent", "bo": "sending", "cy": "sent"}
    assert pipeline.value("SELECT count(*) FROM attempts") == 2
