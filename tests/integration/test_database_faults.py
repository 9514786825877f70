"""A database that goes away, refuses or loses answers: workers wait, log once, lose nothing."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from models.database import UnavailableError
from scheduler import timetable
from tests.mail_sender import eventually
from tests.pipeline import Pipeline
from tests.postgres_judges import Cut, Judge, Moment, Refuse, Seen, Striker, Verdict, refuse
from tests.postgres_proxy import Proxy

Workers = Callable[..., Awaitable[Pipeline]]


async def work_off(pipeline: Pipeline) -> None:
    """What the ticks of a worker do, until the queue is empty; leases end meanwhile."""
    for _ in range(20):
        try:
            await pipeline.run()
        except UnavailableError:
            continue
        if not pipeline.rows("SELECT FROM outbox UNION ALL SELECT FROM queue"):
            return
        pipeline.travel(seconds=61)
        try:
            await pipeline.release()
        except UnavailableError:
            continue
        pipeline.travel(seconds=5)
    raise AssertionError("it never ends")


@pytest.mark.parametrize(
    ("moment", "verdict"),
    [
        (Moment.ASKED, Refuse("53100")),
        (Moment.ASKED, Cut()),
        (Moment.ANSWERED, Cut()),
    ],
    ids=["disk full", "lost before", "answer lost"],
)
async def test_a_fault_at_any_statement_loses_and_doubles_nothing(
    workers: Workers, proxy: Proxy, moment: Moment, verdict: Verdict
):
    pipeline = await workers(proxy.url)
    await pipeline.topic(channels=("email", "in_app"), words="x")
    pipeline.people("anna")
    striker, rounds = Striker(moment, verdict), 0
    proxy.judge = striker.judge
    while not (striker.ready and rounds):
        striker.ready = True
        pipeline.emit()
        await work_off(pipeline)
        rounds += 1
        assert len(pipeline.mail.kept) == rounds
    assert rounds > 25
    assert pipeline.rows("SELECT channel, state, count(*) FROM deliveries GROUP BY 1, 2") == [
        ("email", "sent", rounds),
        ("in_app", "sent", rounds),
    ]


async def working(pipeline: Pipeline) -> timetable.Timetable:
    table = timetable.build(pipeline.runtime)
    table.start()
    return table


async def stopped(pipeline: Pipeline, table: timetable.Timetable) -> None:
    pipeline.runtime.stop()
    await table.stop()
    await pipeline.land()
    table.shutdown()


def everything(_: Seen) -> bool:
    return True


@pytest.mark.parametrize(
    ("code", "which"),
    [
        ("53300", lambda seen: seen.moment is Moment.CONNECTING),
        ("57P03", lambda seen: seen.moment is Moment.CONNECTING),
        ("57014", everything),
        ("57P01", everything),
        ("25006", lambda seen: seen.writes),
        ("53100", lambda seen: seen.writes),
        ("40001", lambda seen: seen.text == "COMMIT"),
    ],
)
async def test_workers_back_off_log_once_and_resume_alone(
    workers: Workers, proxy: Proxy, code: str, which: Callable[[Seen], bool]
):
    pipeline = await workers(proxy.url)
    with capture_logs() as logs:
        await through(pipeline, proxy, refuse(code, which))
    assert told(logs) == {"database.unavailable": 1, "database.back": 1}
    assert {line["sqlstate"] for line in logs if "sqlstate" in line} <= {code, ""}


async def test_workers_resume_when_a_server_that_refused_connections_is_back(
    workers: Workers, proxy: Proxy
):
    pipeline = await workers(proxy.url)
    with capture_logs() as logs:
        await through(pipeline, proxy, None)
    assert told(logs) == {"database.unavailable": 1, "database.back": 1}


async def through(pipeline: Pipeline, proxy: Proxy, judge: Judge | None) -> None:
    """Rows before and during an outage, all of them sent after it; `None`: the server is gone."""
    await pipeline.topic(channels=("email", "in_app"), words="x")
    pipeline.people("anna")
    good, asked = proxy.judge, 0

    async def counting(seen: Seen) -> Verdict:
        nonlocal asked
        asked += seen.moment is not Moment.ANSWERED
        return None if judge is None else await judge(seen)

    table = await working(pipeline)
    pipeline.emit()
    await eventually(lambda: len(pipeline.mail.kept) == 1)
    proxy.judge = counting
    proxy.cut()
    if judge is None:
        proxy.close()
    for _ in range(10):
        pipeline.emit()
    await asyncio.sleep(1.2)
    assert len(pipeline.mail.kept) == 1
    # Some twenty ticks try four times, a few statements each; without a pause it is thousands.
    assert asked < 800, "they do not back off"
    proxy.judge = good
    if judge is None:
        await proxy.open()
    await eventually(lambda: len(pipeline.mail.kept) == 11, within=10)
    await eventually(lambda: not pipeline.rows("SELECT FROM queue"), within=10)
    await asyncio.sleep(0.3)
    await stopped(pipeline, table)


def told(logs: list[dict[str, object]]) -> Counter[object]:
    return Counter(line["event"] for line in logs if line["log_level"] != "debug")
