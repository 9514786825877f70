"""Whatever people and workers do to a campaign, in whatever order: each recipient exactly once.

As in `test_simulation.py` only our code and Postgres are real: workers crash, lose their connection
or stand still at any of their moments, while people launch, pause, resume, extend, take back and
cancel. Then everybody recovers, and the mail server says who got how many.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import pytest
import structlog
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    rule,
)

from delivery.campaigns.document import as_document, read
from delivery.campaigns.launching import Launch, prepare
from models.connections import Connections
from models.database import Database
from models.queries.audiences import catalog as audiences
from models.queries.audiences.catalog import Saving
from models.queries.campaigns import campaigns, naming, orders
from models.queries.campaigns.orders import By, NotNowError, Standing
from models.records import Run, RunKind
from scheduler.campaigns import advance, recurring
from scheduler.keeping import waking
from scheduler.known.catalog import Shelf
from scheduler.sending import release, send
from tests.invariants import check
from tests.simulation import catalog
from tests.simulation.telling import LONG, Story, staged, told
from tests.simulation.world import Crash, Time, World
from tests.values import NOW

WORKERS = 2
KEY = "spring"
PEOPLE = tuple(f"r{number}" for number in range(8))
STEPS: dict[str, Any] = {
    "advance": lambda worker: advance.step(worker.runtime),
    "recur": lambda worker: recurring.recur(worker.runtime),
    "send": lambda worker: send.step(worker.runtime, worker.turns),
    "wake": lambda worker: waking.wake(worker.runtime),
    "release": lambda worker: release.release(worker.runtime),
}
SCHEDULES: dict[str, dict[str, Any]] = {
    "at once": {},
    "spread": {"over": "10 minutes"},
    "throttled": {"per_minute": 3},
    "local time": {"local_at": "2026-11-23T09:00:00"},
    "recurring": {"cron": "0 9 * * *"},
}
FILLED = (
    "campaigns", "campaign_runs", "campaign_stages", "campaign_members", "campaign_addresses",
    "campaign_parts", "events", "event_keys", "deliveries", "queue", "attempts", "rollups",
    "latencies", "ledger", "outbox",
)  # fmt: skip
EMPTY = "; ".join(f"DELETE FROM {table}" for table in FILLED)
MOMENT, CRASH = st.integers(0, 12), st.sampled_from(Crash)
PLACE = st.integers(0, WORKERS - 1)


async def prepare_audience(lent: Connections) -> Shelf:
    """Topics, templates, and an audience of whoever speaks Swedish; the configuration."""
    shelf, database = await catalog.prepare(lent), Database(lent)
    said = {"key": "swedes", "title": "Swedes", "all": [{"about": "locale", "in": ["sv"]}]}
    async with database.begin() as tx:
        await tx.run(audiences.lock())
        saving = Saving("swedes", "Swedes", said, None, "", "ada", NOW)
        await tx.follow(audiences.save(saving, None))
    return shelf


class Campaigning(Story):
    """One campaign, from its launch to the end of all it led to."""

    def __init__(self) -> None:
        super().__init__()
        self.db.execute(f"{EMPTY}; UPDATE recipients SET locale = 'en'")
        self.world = World(self.lent, Time(NOW), self.shelf)
        self.runner.get_loop().set_exception_handler(self.world.mishap)
        self.joined = 0
        self.runner.run(self._hire())

    async def _hire(self) -> None:
        self.world.hire(WORKERS)

    # What may happen

    @initialize(schedule=st.sampled_from(sorted(SCHEDULES)))
    def begin(self, schedule: str) -> None:
        for _ in range(4):
            self.somebody_joins()
        self.runner.run(self._draft(SCHEDULES[schedule]))
        self.launch(RunKind.LAUNCH)

    async def _draft(self, schedule: dict[str, Any]) -> None:
        said = {
            "key": KEY, "title": "Spring", "topic": "held", "audience": "swedes",
            "data": {"board": "Spring"}, "schedule": schedule,
        }  # fmt: skip
        async with Database(self.lent).begin() as tx:
            at = self.world.time.at
            known = await tx.follow(naming.known(said))
            await tx.run(campaigns.add(as_document(read(said, known, at)), "ada", at))

    @rule()
    def somebody_joins(self) -> None:
        who = PEOPLE[self.joined % len(PEOPLE)]
        self.joined += 1
        self.db.execute("UPDATE recipients SET locale = 'sv' WHERE recipient_id = %s", [who])

    @rule(kind=st.sampled_from([RunKind.LAUNCH, RunKind.EXTEND, RunKind.EXTEND]))
    def launch(self, kind: RunKind) -> None:
        wanted = Launch(kind, "ada", self.world.time.at)

        def made(at: Standing) -> Run | datetime:
            return prepare(at.campaign.document, at.runs, at.known, wanted)

        self.order(lambda by: orders.launch(KEY, kind, made, by))

    @rule(order=st.sampled_from([orders.pause, orders.resume, orders.resume, orders.undo]))
    def command(self, order: Any) -> None:
        self.order(lambda by: order(KEY, by))

    @rule(really=st.sampled_from([False, False, True]))
    def cancel(self, *, really: bool) -> None:
        if really:
            self.command(orders.cancel)

    def order(self, what: Callable[[By], Any]) -> None:
        self.runner.run(self._order(what(By("ada", self.world.time.at, "because"))))

    async def _order(self, story: Any) -> None:
        with suppress(NotNowError, ValueError):
            async with Database(self.lent).begin() as tx:
                await tx.follow(story)

    @rule(place=PLACE, step=st.sampled_from(sorted(STEPS)), moment=MOMENT, crash=CRASH)
    def tick(self, place: int, step: str, moment: int, crash: Crash) -> None:
        self.runner.run(self.world.tick(place, STEPS[step], moment, crash))

    @rule(place=PLACE, moment=MOMENT, crash=CRASH)
    def advance_and_send(self, place: int, moment: int, crash: Crash) -> None:
        self.world.time.pass_by(61)
        self.tick(place, "advance", 0, crash)
        self.tick(1 - place, "advance", moment, crash)
        self.tick(place, "send", moment // 2, crash)

    @rule(place=PLACE)
    def kill(self, place: int) -> None:
        self.runner.run(self.world.bury(place))

    @rule(place=PLACE)
    def go_on(self, place: int) -> None:
        self.runner.run(self.world.go_on(place))

    @rule(seconds=st.sampled_from([1, 61, 3600, 90_000]))
    def pass_time(self, seconds: int) -> None:
        self.world.time.pass_by(seconds)

    # What must be true

    def teardown(self) -> None:
        try:
            self.recover()
            self.compare()
        finally:
            self.runner.run(self._die())

    async def _die(self) -> None:
        for worker in self.world.workers:
            worker.die()
        await self.world.quiet()

    def recover(self) -> None:
        """Everybody goes on, what recurs ends, time passes: until nothing is left to be done."""
        for place in range(WORKERS):
            self.go_on(place)
        self.command(orders.resume)
        self.db.execute("UPDATE campaigns SET next_at = NULL")
        for _ in range(60):
            for step in ("release", "advance", "wake", "send", "advance"):
                self.tick(0, step, 0, Crash.KILLED)
            if not self.left():
                return
            self.world.time.pass_by(3700)
        raise AssertionError(f"never done: {self.left()}")

    def left(self) -> list[tuple[Any, ...]]:
        return self.db.execute(
            """SELECT 'run', state, number::text FROM campaign_runs WHERE ended_at IS NULL
                UNION ALL SELECT 'queue', state, held_for FROM queue"""
        ).fetchall()

    def compare(self) -> None:
        """Whom each run was frozen for with what they got of it."""
        assert self.world.bugs == []
        check(self.db)
        members: dict[int, set[str]] = defaultdict(set)
        for number, who in self.db.execute(_MEMBERS):
            members[number].add(who)
        got: dict[int, list[str]] = defaultdict(list)
        for number, who, state, delivery in self.db.execute(_GOT):
            got[number].append(who)
            taken = self.world.server.taken[delivery]
            assert taken == 1 or (taken == 0 and state != "sent"), (who, state, taken)
        for number, kind, state in self.db.execute(_RUNS):
            wanted = sorted(members[number]) if state == "done" else []
            assert sorted(got[number]) == wanted or state == "cancelled", (number, kind, state)
        once = Counter(who for n, kind, _ in self.db.execute(_RUNS) if kind != "occasion"
                       for who in got[n])  # fmt: skip
        assert max(once.values(), default=0) <= 1, once


_RUNS = "SELECT number, kind, state FROM campaign_runs ORDER BY number"
_MEMBERS = """
    SELECT r.number, m.recipient_id FROM campaign_members m
      JOIN campaign_runs r ON r.run = m.run WHERE m.excluded IS NULL
"""
_GOT = """
    SELECT CAST(split_part(cohort, '/', 1) AS int), recipient_id, state, delivery_id
      FROM deliveries WHERE campaign IS NOT NULL
"""


@pytest.fixture
def campaigning(
    database_url: str, setting: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[type[Campaigning]]:
    """Stories about one database; nobody waits in them."""
    setting("WORKER_LEASE", "60")
    monkeypatch.setattr("scheduler.sending.recording._TOGETHER", 0)
    monkeypatch.setattr("scheduler.ticking.insistence._SHORTEST_PAUSE", 0)
    monkeypatch.setattr("scheduler.campaigns.freezing._BUCKETS_AT_ONCE", 512)
    with staged(Campaigning, database_url, PEOPLE, prepare_audience) as machine:
        yield machine


@pytest.mark.timeout(0 if LONG else 300)
def test_any_story_ends_with_each_recipient_once(campaigning: type[Campaigning]):
    told(campaigning, stories=8, steps=16)


@pytest.mark.parametrize("schedule", ["at once", "recurring"])
def test_freezing_and_planning_may_break_off_at_any_moment(
    campaigning: type[Campaigning], schedule: str
):
    """A crash at each moment of a campaign's way, one story a moment."""
    with structlog.testing.capture_logs():
        for moment in range(1, 13, 1 if LONG else 3):
            story = campaigning()
            story.begin(schedule)
            story.pass_time(90_000)
            for step in ("recur", "advance", "advance", "advance", "advance"):
                story.tick(0, step, moment, Crash.KILLED)
                story.tick(1, step, 0, Crash.KILLED)
            story.teardown()
