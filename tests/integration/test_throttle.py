"""A topic's throttle from the row to the reason."""

from collections import Counter
from datetime import timedelta

import psycopg
import pytest

from models.records import Over, Throttle
from tests.pipeline import Pipeline

HOUR = timedelta(hours=1)


def states(pipeline: Pipeline) -> Counter[tuple[str, str | None]]:
    return Counter(pipeline.rows("SELECT state, coalesce(held_for, reason) FROM v_deliveries"))


async def test_of_each_board_two_an_hour_and_the_rest_is_skipped(pipeline: Pipeline):
    await pipeline.topic(throttle=Throttle(2, HOUR, "board"))
    pipeline.people("anna")
    for board in ("A", "B", "A", "A", "B"):
        await pipeline.run(pipeline.emit(data={"board": board}))
    assert states(pipeline) == {("sent", None): 4, ("skipped", "throttled"): 1}
    pipeline.travel(hours=1)
    await pipeline.run(pipeline.emit(data={"board": "A"}))
    assert states(pipeline)["sent", None] == 5


async def test_what_is_over_may_wait_for_its_turn(pipeline: Pipeline):
    await pipeline.topic(channels=("email",), throttle=Throttle(1, HOUR, over=Over.HOLD))
    pipeline.people("anna")
    await pipeline.run(pipeline.emit(), pipeline.emit())
    assert states(pipeline) == {("sent", None): 1, ("scheduled", "throttle"): 1}
    pipeline.travel(hours=1, seconds=1)
    await pipeline.send()
    assert len(pipeline.mail.kept) == 2


async def test_of_an_event_for_many_the_value_is_known_too(pipeline: Pipeline):
    await pipeline.topic(throttle=Throttle(1, HOUR, "board"))
    everybody = tuple(f"r{number}" for number in range(1100))
    pipeline.people(*everybody, address=False)
    for _ in range(2):
        await pipeline.run(pipeline.emit(recipients=everybody))
        while await pipeline.feed():
            pass
    assert states(pipeline) == {("sent", None): 1100, ("skipped", "throttled"): 1100}


@pytest.mark.parametrize(
    "throttle",
    ["[]", "{}", '{"limit": 0, "seconds": 60}', '{"limit": 1}', '{"limit": 1, "seconds": 0}',
     '{"limit": 1, "seconds": 60, "over": "burn"}', '{"limit": 1, "seconds": 60, "key": 7}'],
)  # fmt: skip
async def test_a_throttle_that_is_none_cannot_be_written(pipeline: Pipeline, throttle: str):
    await pipeline.topic()
    with pytest.raises(psycopg.errors.CheckViolation, match="throttle_has_limit_and_seconds"):
        pipeline.run_sql("UPDATE topics SET throttle = CAST(%s AS jsonb)", throttle)
