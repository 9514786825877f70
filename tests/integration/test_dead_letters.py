"""Dead letters: sent again by people, decided anew, never after an acceptance."""

import pytest

from delivery.again import FORGOTTEN, SECRET
from models.queries.repairing.interventions import ACCEPTED
from models.records import Class
from models.states import DEAD, Resolution
from tests.integration.test_doubt import doubtful
from tests.integration.test_kill_switches import switch
from tests.integration.test_orders import audit, only, order, refused
from tests.pipeline import Pipeline


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
