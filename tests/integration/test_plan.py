"""Outbox rows become events and deliveries; what cannot be understood is rejected, alone."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from models.records import Class
from scheduler.planning import plan
from tests.pipeline import Pipeline, Raw


async def test_makes_one_delivery_for_each_recipient_and_step(pipeline: Pipeline):
    await pipeline.topic(channels=("in_app", "email"))
    row = pipeline.emit(recipients=("anna", "bo", "anna"), thread="board:1", tags=("a", "b"))
    await pipeline.plan()
    assert pipeline.event(row) == ("planned", None, None)
    assert pipeline.deliveries() == dict.fromkeys(
        [(who, channel) for who in ("anna", "bo") for channel in ("in_app", "email")],
        ("scheduled", None),
    )
    assert pipeline.value("SELECT count(*) FROM outbox") == 0


async def test_skips_whoever_caused_the_event(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.emit(recipients=("anna", "bo"), actor="anna")
    await pipeline.plan()
    assert pipeline.deliveries()["anna", "in_app"] == ("skipped", "own_action")
    assert pipeline.column("SELECT recipient_id FROM queue") == ["bo"]


async def test_drains_our_own_outbox_after_migrating_alone(pipeline: Pipeline):
    row = pipeline.emit()
    await pipeline.plan()
    assert pipeline.event(row)[:2] == ("rejected", "unknown_topic")


async def test_knows_a_topic_made_a_moment_ago(pipeline: Pipeline):
    await pipeline.topic("a")
    pipeline.emit("a")
    await pipeline.plan()
    shelf = pipeline.runtime.shelf
    await pipeline.topic("b")
    pipeline.runtime.shelf = shelf  # it read the configuration before that
    row = pipeline.emit("b")
    await pipeline.plan()
    assert pipeline.event(row) == ("planned", None, None)


def nested(depth: int) -> Raw:
    return Raw("'" + '{"a":' * depth + "1" + "}" * depth + "'")


BAD = {
    "an unknown topic": ({"topic": "nope"}, "unknown_topic", "nope"),
    "an empty topic": ({"topic": ""}, "unknown_topic", "''"),
    "no target": ({"recipients": None}, "no_target", "recipient"),
    "no recipients": ({"recipients": Raw("'{}'")}, "no_target", "recipient"),
    "two targets": ({"audience": "all"}, "two_targets", "not both"),
    "an audience": ({"recipients": None, "audience": "all"}, "unknown_audience", "all"),
    "a recipient that is null": ({"recipients": ("anna", None)}, "bad_recipient", "Recipient 2"),
    "an empty recipient": ({"recipients": ("",)}, "bad_recipient", "Recipient 1"),
    "space around a recipient": ({"recipients": (" anna",)}, "bad_recipient", "' anna'"),
    "a wide space around a recipient": ({"recipients": ("anna\u3000",)}, "bad_recipient", "anna"),
    "201 bytes of recipient": ({"recipients": ("x" * 201,)}, "bad_recipient", "Recipient 1"),
    "201 bytes of emoji": ({"recipients": ("🙂" * 50 + "x",)}, "bad_recipient", "Recipient 1"),
    "recipients in two dimensions": (
        {"recipients": Raw("'{{anna,bo},{cy,di}}'")}, "bad_recipient", "not a text",
    ),
    "a number as data": ({"data": Raw("'7'")}, "bad_data", "object"),
    "a list as data": ({"data": Raw("'[]'")}, "bad_data", "object"),
    "a JSON null as data": ({"data": Raw("'null'")}, "bad_data", "object"),
    "1 MB of data": ({"data": {"x": "y" * 2**20}}, "data_too_large", "bytes"),
    "3,000 levels": ({"data": nested(3000)}, "bad_data", "levels"),
    "a fraction beyond a double": (
        {"data": Raw(f"""'{{"x": {"9" * 400}.5}}'""")}, "bad_data", "range",
    ),
    "a number of 5,000 digits": ({"data": Raw("""'{"x": 1e5000}'""")}, "bad_data", ""),
    "a priority of 99": ({"priority": 99}, "bad_field", "priority"),
    "a priority of -1": ({"priority": -1}, "bad_field", "priority"),
    "a tag that is null": ({"tags": ("a", None)}, "bad_field", "tags"),
    "tags in two dimensions": ({"tags": Raw("'{{a,b},{c,d}}'")}, "bad_field", "tags"),
    "an empty dedup key": ({"dedup_key": ""}, "bad_field", "dedup_key"),
    "401 characters of dedup key": ({"dedup_key": "x" * 401}, "bad_field", "dedup_key"),
    "401 characters of thread": ({"thread": "x" * 401}, "bad_field", "thread"),
    "401 characters of actor": ({"actor": "x" * 401}, "bad_field", "actor"),
    "401 characters of tenant": ({"tenant": "x" * 401}, "bad_field", "tenant"),
    "never, as the earliest moment": (
        {"not_before": Raw("'infinity'")}, "unstorable", "not_before",
    ),
    "a latest moment before Christ": (
        {"expires_at": Raw("'4713-01-01 BC'")}, "unstorable", "expires_at",
    ),
    "an infinite time of writing": (
        {"created_at": Raw("'-infinity'")}, "unstorable", "created_at",
    ),
}  # fmt: skip


async def test_rejects_bad_rows_with_a_reason_and_goes_on(pipeline: Pipeline):
    await pipeline.topic()
    good = [pipeline.emit()]
    bad = {}
    for name, (columns, _, _) in BAD.items():
        bad[name] = pipeline.emit(**columns)
        good.append(pipeline.emit())
    assert await pipeline.plan() == len(good) + len(bad)
    for name, (_, reason, word) in BAD.items():
        state, told, detail = pipeline.event(bad[name])
        assert (state, told) == ("rejected", reason), name
        assert word in (detail or ""), name
        assert len(detail or "") < 1000, name
    assert [pipeline.event(row)[0] for row in good] == ["planned"] * len(good)


GOOD = {
    "recipients counted from zero": {"recipients": Raw("'[0:1]={anna,bo}'")},
    "200 bytes of emoji": {"recipients": ("🙂" * 50,)},
    "an id of a thousand words": {"recipients": ('O\'Brien "the\\great" {a,b}',)},
    "no data": {"data": Raw("NULL")},
    "data left out": {"data": Raw("DEFAULT")},
    "empty texts": {"actor": "", "thread": "", "tenant": "", "locale": "", "traceparent": ""},
    "no tags": {"tags": Raw("'{}'")},
    "an empty tag": {"tags": ("",)},
    "the far future": {"not_before": datetime(8999, 1, 1, tzinfo=UTC)},
    "long ago": {"expires_at": datetime(1970, 1, 2, tzinfo=UTC)},
    "a fine number": {"data": Raw("""'{"x": 12345678901234567890.1234567890, "y": 1e-400}'""")},
    "a whole number beyond a double": {"data": Raw("""'{"x": 1e400}'""")},
    "400 characters of everything": dict.fromkeys(
        ("dedup_key", "actor", "thread", "tenant", "traceparent"), "é" * 400
    ),
}


async def test_plans_whatever_is_strange_but_allowed(pipeline: Pipeline):
    await pipeline.topic()
    made = {name: pipeline.emit(**columns) for name, columns in GOOD.items()}
    await pipeline.plan()
    for name, row in made.items():
        assert pipeline.event(row) == ("planned", None, None), name
    await pipeline.feed()


async def test_no_depth_of_data_stops_the_feed(pipeline: Pipeline):
    await pipeline.topic(channels=("in_app", "email"), words="hello")
    pipeline.people("anna")
    rows = {depth: pipeline.emit(data=nested(depth)) for depth in (99, 100, 101, *range(930, 999))}
    await pipeline.run()
    assert {depth for depth, row in rows.items() if pipeline.event(row)[0] == "planned"} == {
        99,
        100,
    }
    assert pipeline.value("SELECT count(*) FROM deliveries WHERE state = 'sent'") == 4


async def test_rejects_data_against_the_topics_schema(pipeline: Pipeline):
    schema = {
        "type": "object",
        "properties": {"board": {"type": "string"}, "code": {"type": "integer"}},
        "required": ["board"],
    }
    await pipeline.topic(schema=json.dumps(schema))
    good = pipeline.emit(data={"board": "Roadmap"})
    missing = pipeline.emit(data={"code": 1})
    wrong = pipeline.emit(data={"board": 7})
    empty = pipeline.emit(data=Raw("NULL"))
    await pipeline.plan()
    assert pipeline.event(good)[0] == "planned"
    assert pipeline.event(missing)[:2] == ("rejected", "bad_data")
    assert "board" in pipeline.event(missing)[2]
    assert "data.board" in pipeline.event(wrong)[2]
    assert pipeline.event(empty)[:2] == ("rejected", "bad_data")


BROKEN = [
    {"type": "no-such-type"},
    {"$ref": "#/nowhere"},
    {"$ref": "http://127.0.0.1:9/schema"},
    {"$ref": "file:///etc/hostname"},
    {"pattern": "("},
    {"properties": {"board": {"pattern": "("}}},
    {"properties": 5},
    {"required": 5},
    {"$schema": "nonsense"},
    {"definitions": {"a": {"$ref": "#/definitions/a"}}, "$ref": "#/definitions/a"},
    {"minimum": "x"},
    {"enum": 3},
    {"if": 5},
    {"$id": 5},
    {"allOf": [{"$ref": "#"}]},
    {"multipleOf": 0},
    5,
    [],
    None,
]


async def test_a_broken_schema_refuses_its_own_topics_rows_only(pipeline: Pipeline):
    broken = []
    for number, schema in enumerate(BROKEN):
        await pipeline.topic(f"t{number}", schema=json.dumps(schema))
        broken.append(pipeline.emit(f"t{number}"))
    await pipeline.topic()
    good = pipeline.emit()
    await pipeline.plan()
    assert pipeline.event(good)[0] == "planned"
    for row in broken:
        state, reason, _ = pipeline.event(row)
        assert (state, reason) in {("rejected", "bad_data"), ("planned", None)}


@pytest.mark.parametrize("name", ["lifetime", "dedup_window"])
async def test_a_topic_with_an_absurd_period_harms_only_itself(pipeline: Pipeline, name: str):
    await pipeline.topic("absurd", **{name: timedelta(days=3_000_000)})
    await pipeline.topic()
    pipeline.emit("absurd", dedup_key="k")
    good = pipeline.emit()
    await pipeline.plan()
    assert pipeline.event(good)[0] == "planned"


async def test_clamps_priority_to_the_topics_class(pipeline: Pipeline):
    wishes = (None, 0, 5, 9)
    for klass in Class:
        await pipeline.topic(klass, klass=klass)
        for wish in wishes:
            pipeline.emit(klass, priority=wish, thread=str(wish))
    await pipeline.plan()
    got = {
        klass: [
            pipeline.value("SELECT lane / 16 FROM queue WHERE topic = %s AND thread = %s", klass, t)
            for t in map(str, wishes)
        ]
        for klass in Class
    }
    assert got == {
        Class.CRITICAL: [8, 7, 7, 9],
        Class.TRANSACTIONAL: [5, 4, 5, 6],
        Class.PROMOTIONAL: [1, 0, 3, 3],
    }


async def test_plans_critical_rows_before_older_ones(
    setting: Callable[[str, str], None], workers: Callable[[], Awaitable[Pipeline]]
):
    setting("WORKER_PLAN_BATCH", "10")
    pipeline = await workers()
    await pipeline.topic("news", klass=Class.PROMOTIONAL)
    await pipeline.topic("code", klass=Class.CRITICAL)
    for _ in range(30):
        pipeline.emit("news")
    urgent = pipeline.emit("code")
    await plan.step(pipeline.runtime)
    assert pipeline.event(urgent)[0] == "planned"
    assert pipeline.value("SELECT count(*) FROM events") == 1


async def test_one_row_that_cannot_be_stored_does_not_take_three_hundred_along(pipeline: Pipeline):
    await pipeline.topic()
    # A guard that only the test knows of: whatever a database may refuse, it refuses here.
    pipeline.run_sql("ALTER TABLE events ADD CONSTRAINT poison CHECK (data ->> 'board' <> 'bad')")
    rows = [pipeline.emit(data={"board": "good"}) for _ in range(299)]
    rows.insert(137, pipeline.emit(data={"board": "bad"}))
    await pipeline.plan()
    states = [pipeline.event(row)[:2] for row in rows]
    assert states.pop(137) == ("rejected", "unstorable")
    assert set(states) == {("planned", None)}


async def test_a_database_that_refuses_to_work_rejects_nothing(pipeline: Pipeline):
    await pipeline.topic()
    rows = [pipeline.emit() for _ in range(5)]
    pipeline.run_sql("REVOKE ALL ON events FROM PUBLIC")
    pipeline.run_sql("ALTER TABLE events RENAME TO elsewhere")
    with pytest.raises(Exception, match="events"):
        await pipeline.plan()
    assert pipeline.value("SELECT count(*) FROM outbox") == 5
    pipeline.run_sql("ALTER TABLE elsewhere RENAME TO events")
    await pipeline.plan()
    assert {pipeline.event(row)[0] for row in rows} == {"planned"}


async def test_what_must_wait_is_held_until_it_may_go(pipeline: Pipeline):
    await pipeline.topic()
    pipeline.people("anna")
    pipeline.emit(not_before=pipeline.clock.now() + timedelta(hours=1))
    await pipeline.run()
    assert pipeline.deliveries() == {("anna", "in_app"): ("scheduled", "not_before")}
    pipeline.travel(minutes=61)
    await pipeline.feed()
    assert pipeline.deliveries() == {("anna", "in_app"): ("sent", None)}


async def test_what_comes_too_late_expires(pipeline: Pipeline):
    await pipeline.topic(channels=("in_app", "email"))
    pipeline.people("anna")
    pipeline.emit(expires_at=pipeline.clock.now() + timedelta(hours=1))
    await pipeline.plan()
    pipeline.travel(minutes=61)
    await pipeline.feed()
    await pipeline.send()
    assert set(pipeline.deliveries().values()) == {("expired", "expired")}


async def test_lives_no_longer_than_its_class_when_nobody_says(pipeline: Pipeline):
    await pipeline.topic("short", lifetime=timedelta(minutes=5))
    await pipeline.topic("news", klass=Class.PROMOTIONAL)
    await pipeline.topic("deal", klass=Class.TRANSACTIONAL)
    for topic in ("short", "news", "deal"):
        pipeline.emit(topic)
    await pipeline.plan()
    lives = dict(pipeline.rows("SELECT topic, expires_at - due_at FROM queue"))
    assert lives == {
        "short": timedelta(minutes=5), "news": timedelta(days=1), "deal": timedelta(days=3),
    }  # fmt: skip
