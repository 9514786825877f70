"""A short run of `make chaos`, and what makes its verdict worth something."""

from collections import Counter
from pathlib import Path

import psycopg
import pytest

from tests.chaos.oracle import judge
from tests.chaos.report import PAGE, PLACE, table
from tests.chaos.run import SLACK, TICK, Plan, run
from tests.chaos.steps import ANSWERED, STEPS, UNANSWERED
from tests.chaos.workers import Act, Blow
from tests.integration.conftest import Workers
from tests.postgres_judges import Seen, Verdict
from tests.postgres_proxy import Proxy

KILLS = [Act(Blow.KILL, step) for step in STEPS]
OTHERS = [Act(Blow.FREEZE, STEPS[2]), Act(Blow.TERM, UNANSWERED)]


@pytest.mark.timeout(280)
async def test_nothing_is_lost_and_nothing_doubled_without_doubt(tmp_path: Path):
    acts = (KILLS[:4], KILLS[4:], OTHERS)
    plan = Plan(
        seed=1, events=400, acts=acts, lease=8.0, per_second=40.0, postgres_lives=(4.0, 8.0),
        rests=(0.5, 2.0), drains_within=150.0,
    )  # fmt: skip
    result = await run(plan, tmp_path)
    print(table(result))
    assert result.findings.lost == []
    assert result.findings.unexpected == []
    assert result.findings.twice_held == []
    assert result.findings.twice <= result.findings.in_doubt
    assert result.left == 0
    assert result.toll.died == []
    assert result.toll.slowest_stop <= 30
    assert result.overdue <= TICK + SLACK
    assert result.toll.blows
    assert result.outages


def test_the_page_on_guarantees_has_a_place_for_the_table():
    assert len(PLACE.findall(PAGE.read_text(encoding="utf-8"))) == 1


async def test_every_step_is_recognised(workers: Workers, proxy: Proxy):
    reached: Counter[str] = Counter()

    async def look(seen: Seen) -> Verdict:
        for step in STEPS:
            reached[step.name] += step.reached is not None and step.reached(seen)
        return None

    proxy.judge = look
    pipeline = await workers(proxy.url)
    await pipeline.topic(channels=("email",), words="x")
    pipeline.people("anna")
    await pipeline.run(pipeline.emit())
    on_the_wire = {UNANSWERED.name, ANSWERED.name}
    assert {name for name, times in reached.items() if times} == {
        step.name for step in STEPS
    } - on_the_wire


async def test_the_oracle_sees_what_is_lost_doubled_and_unasked(workers: Workers):
    pipeline = await workers()
    await pipeline.topic(channels=("email",), words="x")
    pipeline.people("anna", "bo", "cy")
    pipeline.emit(recipients=("anna", "bo", "cy", "ghost"), data={"n": 1, "board": ""})
    await pipeline.plan()
    await pipeline.send()
    said = {(1, "anna"), (1, "bo"), (1, "cy"), (1, "ghost"), (2, "anna")}
    kept = {(1, "anna"): 1, (1, "bo"): 3, (1, "ghost"): 1, (3, "anna"): 1}
    with psycopg.connect(pipeline.url) as connection:
        found = judge(connection, kept, said, held={(1, "bo")})
    assert found.lost == [(1, "cy"), (2, "anna")]
    assert found.unexpected == [(1, "ghost"), (3, "anna")]
    assert found.twice == 2
    assert found.twice_held == [(1, "bo")]
    assert found.in_doubt == 0
    assert not found.promise_holds
