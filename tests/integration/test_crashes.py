"""A due row that nobody foresaw: put back, quarantined the third time, and the others go on."""

import structlog

from tests.pipeline import Pipeline

UNREADABLE = (
    """UPDATE addresses SET suppressed = '{"email/*": {"reason": "x", "until": "infinity"}}'"""
)
"""A moment that Python does not know."""


async def thrice(pipeline: Pipeline) -> list[str]:
    """Run until the culprit is in quarantine; what was logged with a traceback."""
    with structlog.testing.capture_logs() as told:
        for _ in range(3):
            await pipeline.run()
            pipeline.travel(seconds=10)
    return [line["event"] for line in told if line.get("exc_info")]


async def test_a_row_the_gate_cannot_read_stops_no_other_mail(pipeline: Pipeline):
    await pipeline.topic(channels=("email",), words="x")
    people = [f"r{number}" for number in range(9)]
    pipeline.people(*people, "anna")
    pipeline.run_sql(f"{UNREADABLE} WHERE recipient_id = 'anna'")
    pipeline.emit(recipients=(*people[:5], "anna", *people[5:]))
    await pipeline.run()
    expected = {(person, "email"): ("sent", None) for person in people}
    assert pipeline.deliveries() == {**expected, ("anna", "email"): ("scheduled", "backoff")}
    assert pipeline.value("SELECT crashes FROM queue") == 1
    pipeline.travel(seconds=10)
    assert await thrice(pipeline) == ["delivery.crashed"] * 2
    assert pipeline.deliveries()["anna", "email"] == ("failed", "quarantined")


async def test_a_profile_nobody_can_read_stops_no_other_feed(pipeline: Pipeline):
    await pipeline.topic(channels=("in_app",), words="x")
    pipeline.people("anna", "bo")
    pipeline.run_sql("UPDATE recipients SET attributes = '[1]' WHERE recipient_id = 'anna'")
    pipeline.emit(recipients=("anna", "bo"))
    assert await thrice(pipeline) == ["fill.crashed"] * 2
    assert pipeline.deliveries() == {
        ("anna", "in_app"): ("failed", "quarantined"),
        ("bo", "in_app"): ("sent", None),
    }


async def test_a_row_the_gate_stumbles_over_is_put_back_and_may_be_mended(pipeline: Pipeline):
    await pipeline.topic(channels=("in_app", "email"), words="x")
    pipeline.people("anna", "bo")
    pipeline.emit(recipients=("anna", "bo"))
    await pipeline.plan()
    pipeline.run_sql("UPDATE queue SET trace = '[1]' WHERE recipient_id = 'anna'")
    await pipeline.run()
    assert pipeline.deliveries() == {
        (who, channel): ended
        for who, ended in (("anna", ("scheduled", "backoff")), ("bo", ("sent", None)))
        for channel in ("in_app", "email")
    }
    pipeline.run_sql("UPDATE queue SET trace = '{}'")
    pipeline.travel(seconds=10)
    await pipeline.run()
    assert set(pipeline.deliveries().values()) == {("sent", None)}
