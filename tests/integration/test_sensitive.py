"""A one-time password is where its recipient looks, and nowhere else."""

import json

from models.records import Class
from tests.pipeline import Pipeline

CODE = "739-251-846"
SCHEMA = {"type": "object", "properties": {"code": {"type": "string"}}, "required": ["code"]}
HISTORY = ("events", "event_duplicates", "event_keys", "deliveries", "attempts", "rollups")


def traces(pipeline: Pipeline, *tables: str) -> list[str]:
    """The tables in which the code can be read."""
    return [
        table
        for table in tables
        if pipeline.value(
            f"SELECT count(*) FROM {table} t WHERE CAST(t AS text) LIKE %s", f"%{CODE}%"
        )
    ]


async def test_a_code_is_kept_nowhere_once_it_is_sent(pipeline: Pipeline):
    await pipeline.topic(
        "code", klass=Class.CRITICAL, sensitive=True, channels=("email",), words="{{ data.code }}"
    )
    pipeline.people("anna")
    pipeline.emit("code", data={"code": CODE}, dedup_key="k")
    pipeline.emit("code", data={"code": CODE, "again": True}, dedup_key="k")
    await pipeline.plan()
    assert traces(pipeline, *HISTORY, "queue") == ["queue"]
    await pipeline.run()
    assert CODE.encode() in pipeline.mail.kept[0].content
    assert traces(pipeline, *HISTORY, "queue", "outbox") == []
    assert pipeline.value("SELECT context IS NULL FROM deliveries")


async def test_an_ordinary_message_keeps_what_it_was_made_of(pipeline: Pipeline):
    await pipeline.topic(channels=("email",))
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.run()
    assert pipeline.value("SELECT data ->> 'board' FROM events") == "Roadmap"
    assert pipeline.value("SELECT context IS NOT NULL FROM deliveries")


async def test_a_code_that_is_refused_is_told_nowhere(pipeline: Pipeline):
    await pipeline.topic(
        "code", sensitive=True, channels=("in_app",), schema=json.dumps(SCHEMA), words="x"
    )
    rows = [
        pipeline.emit("code", data={"nope": CODE}),
        pipeline.emit("code", data=json.dumps(CODE)),
        pipeline.emit("code", data={"code": CODE}, priority=99),
        pipeline.emit("code", data={"code": CODE}, recipients=None),
        pipeline.emit("code", data={"code": CODE, "more": "x" * 2**19}),
    ]
    await pipeline.plan()
    assert {pipeline.event(row)[0] for row in rows} == {"rejected"}
    assert traces(pipeline, *HISTORY) == []


async def test_a_template_that_fails_tells_no_value(pipeline: Pipeline):
    for number, words in enumerate(
        ("{{ data.code.nope }}", "{{ data.code + 1 }}", "{{ data.code | int(1) / 0 }}",
         "{{ data.code | nofilter }}", "{{ data[data.code] }}", "{{ data.code % 7 % 'x' }}")
    ):  # fmt: skip
        key = f"code{number}"
        await pipeline.topic(key, sensitive=True, channels=("in_app", "email"), words=words)
        pipeline.emit(key, data={"code": CODE})
    pipeline.people("anna")
    await pipeline.run()
    assert pipeline.value("SELECT count(*) FROM deliveries WHERE state = 'failed'") >= 10
    assert traces(pipeline, *HISTORY) == []


async def test_a_server_that_repeats_the_code_is_not_quoted(pipeline: Pipeline):
    async def repeat(*_: object) -> bytes:
        return b"554 5.7.1 refused: your code is " + CODE.encode()

    await pipeline.topic("code", sensitive=True, channels=("email",), words="{{ data.code }}")
    pipeline.people("anna")
    pipeline.mail.dot = repeat
    pipeline.emit("code", data={"code": CODE})
    await pipeline.run()
    assert pipeline.row("SELECT state, response FROM deliveries") == ("failed", "554 (not kept)")
    assert pipeline.row("SELECT code, enhanced FROM attempts") == (554, "5.7.1")
    assert traces(pipeline, *HISTORY) == []


async def test_secret_data_is_not_kept_beside_its_event_however_big(pipeline: Pipeline):
    await pipeline.topic("code", sensitive=True, channels=("email",), words="{{ data.code }}")
    pipeline.people("anna")
    pipeline.emit("code", data={"code": CODE, "more": "x" * 5000})
    await pipeline.run()
    assert CODE.encode() in pipeline.mail.kept[0].content
    assert traces(pipeline, *HISTORY) == []


async def test_secret_data_for_thousands_is_not_kept_beside_its_event_either(pipeline: Pipeline):
    await pipeline.topic("code", sensitive=True, channels=("in_app",), words="{{ data.code }}")
    pipeline.people("r7")
    row = pipeline.emit(
        "code", data={"code": CODE}, recipients=tuple(f"r{number}" for number in range(1500))
    )
    await pipeline.plan()
    assert "events" in traces(pipeline, *HISTORY), "until each delivery has its copy"
    await pipeline.expand()
    assert pipeline.event(row)[0] == "planned"
    assert traces(pipeline, *HISTORY, "queue") == ["queue"]
    while await pipeline.feed():
        continue
    assert pipeline.value("SELECT body FROM inbox") == CODE
    assert traces(pipeline, *HISTORY, "queue") == []


async def test_secret_data_too_big_to_be_copied_for_thousands_is_refused(pipeline: Pipeline):
    await pipeline.topic("code", sensitive=True)
    big = {"code": CODE, "more": "x" * 5000}
    row = pipeline.emit("code", data=big, recipients=tuple(f"r{n}" for n in range(1001)))
    await pipeline.plan()
    assert pipeline.event(row)[:2] == ("rejected", "data_too_large")
    assert traces(pipeline, *HISTORY) == []
