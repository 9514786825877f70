"""Whatever happens, in whatever order, it ends in the same rows.

Hypothesis makes up stories: rows are written and replayed, workers tick and are killed, frozen or
cut off at any moment, mails meet any fate, time passes and steps. Then everybody recovers, and
every row must have become what it says, once.

    pytest tests/integration/test_simulation.py --hypothesis-profile long
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import structlog
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    rule,
)

from models import ids
from scheduler.keeping import upkeep
from scheduler.planning import fanout, plan
from scheduler.sending import feed, release, send
from tests.invariants import check
from tests.pipeline import emit
from tests.simulation.catalog import TOPICS, prepare
from tests.simulation.network import Fate
from tests.simulation.telling import LONG, Story, staged, told
from tests.simulation.world import Crash, Time, World
from tests.values import NOW

WORKERS = 2
KNOWN, UNKNOWN = ("anna", "bo", "cy"), "nobody"
STEPS: dict[str, Any] = {
    "plan": lambda worker: plan.step(worker.runtime),
    "fan out": lambda worker: fanout.step(worker.runtime),
    "feed": lambda worker: feed.step(worker.runtime, worker.turns),
    "send": lambda worker: send.step(worker.runtime, worker.turns),
    "release": lambda worker: release.release(worker.runtime),
    "finish": lambda worker: fanout.finish(worker.runtime),
    "fold": lambda worker: upkeep.fold(worker.runtime),
}
ENDED = {"sent", "skipped", "expired", "failed", "bounced", "in_doubt"}
UNSENT = {"skipped", "expired", "failed"}
FILLED = (
    "outbox", "event_keys", "events", "event_duplicates", "expansions", "deliveries", "queue",
    "attempts", "inbox", "ledger", "rollups", "latencies", "suppressions",
    "suppression_changes",
)  # fmt: skip
EMPTY = "; ".join(f"DELETE FROM {table}" for table in FILLED)
FORGIVE = "UPDATE addresses SET suppressed = NULL"
WRITTEN = st.tuples(
    st.sampled_from([*TOPICS, "unheard of"]),
    st.lists(st.sampled_from([*KNOWN, UNKNOWN]), min_size=1, max_size=3, unique=True).map(tuple),
    st.sampled_from([None, None, "k"]),
)
"""Topic, recipients and dedup key of a row."""
FATES = st.lists(st.sampled_from(Fate), max_size=3)


@dataclass(frozen=True)
class Emitted:
    """A row as it was written."""

    topic: str
    recipients: tuple[str, ...]
    key: str | None


class Simulation(Story):
    """One story."""

    def __init__(self) -> None:
        super().__init__()
        self.db.execute(f"{EMPTY}; {FORGIVE}")
        self.world = World(self.lent, Time(NOW), self.shelf)
        self.runner.get_loop().set_exception_handler(self.world.mishap)
        self.emitted: dict[UUID, Emitted] = {}
        self.doubts: set[tuple[UUID, int]] = set()
        self.run(self._hire())

    async def _hire(self) -> None:
        self.world.hire(WORKERS)

    def run(self, work: Any) -> None:
        self.runner.run(work)
        self.look()

    # What may happen

    @initialize(
        written=st.lists(WRITTEN, min_size=1, max_size=4),
        fates=st.lists(FATES, min_size=len(KNOWN), max_size=len(KNOWN)),
    )
    def begin(self, written: list[Any], fates: list[list[Fate]]) -> None:
        for row in written:
            self.write_a_row(row)
        for recipient, met in zip(KNOWN, fates, strict=True):
            self.decide_what_mails_meet(recipient, met)

    @rule(written=WRITTEN)
    def write_a_row(self, written: tuple[str, tuple[str, ...], str | None]) -> None:
        topic, recipients, key = written
        number = len(self.emitted) + 1  # the same story again has the same ids, in the same order
        row = emit(
            self.db, id=UUID(int=number), topic=topic, recipients=recipients, dedup_key=key,
            data={"board": "Roadmap"},
            created_at=self.world.time.at + timedelta(microseconds=number),
        )  # fmt: skip
        self.emitted[row] = Emitted(topic, recipients, key)

    @rule(place=st.integers(0, 9))
    def replay_a_row(self, place: int) -> None:
        """A restore brings it back, or a relay could not delete it."""
        row, was = list(self.emitted.items())[place % len(self.emitted)]
        self.db.execute(
            """INSERT INTO outbox (id, topic, recipients, dedup_key, data, created_at)
               VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING""",
            [row, was.topic, list(was.recipients), was.key, '{"board": "Roadmap"}', NOW],
        )

    @rule(recipient=st.sampled_from(KNOWN), fates=FATES)
    def decide_what_mails_meet(self, recipient: str, fates: list[Fate]) -> None:
        self.world.server.fates[f"{recipient}@example.com"] += fates

    @rule(
        worker=st.integers(0, WORKERS - 1),
        step=st.sampled_from(list(STEPS)),
        moment=st.integers(0, 6),
        crash=st.sampled_from(Crash),
    )
    def tick(self, worker: int, step: str, moment: int, crash: Crash) -> None:
        self.run(self.world.tick(worker, STEPS[step], moment, crash))

    @rule(
        worker=st.integers(0, WORKERS - 1), moment=st.integers(0, 5), crash=st.sampled_from(Crash)
    )
    def plan_and_send(self, worker: int, moment: int, crash: Crash) -> None:
        self.run(self.world.tick(worker, STEPS["plan"]))
        self.run(self.world.tick(worker, STEPS["send"], moment, crash))

    @rule(worker=st.integers(0, WORKERS - 1))
    def kill(self, worker: int) -> None:
        self.run(self.world.bury(worker))

    @rule(worker=st.integers(0, WORKERS - 1))
    def let_leases_end(self, worker: int) -> None:
        self.world.time.pass_by(61)
        self.run(self.world.tick(worker, STEPS["release"]))

    @rule(worker=st.integers(0, WORKERS - 1))
    def go_on(self, worker: int) -> None:
        self.run(self.world.go_on(worker))

    @rule(place=st.integers(0, 3))
    def hear_an_answer(self, place: int) -> None:
        self.run(self.world.answer(place))

    @rule(seconds=st.sampled_from([1, 30, 61, 3600]))
    def pass_time(self, seconds: int) -> None:
        self.world.time.pass_by(seconds)

    @rule(seconds=st.sampled_from([-90, -5, 5, 90]))
    def step_the_clock(self, seconds: int) -> None:
        """The database's clock is set; the time since boot goes on."""
        self.world.time.at += timedelta(seconds=seconds)

    # What must be true

    def look(self) -> None:
        """Take note of what is in doubt, and look whether all adds up."""
        told = "SELECT delivery_id, attempt FROM attempts WHERE outcome = 'in_doubt'"
        self.doubts |= set(self.db.execute(told).fetchall())
        if LONG:
            check(self.db)

    def teardown(self) -> None:
        try:
            self.recover()
            self.compare()
        finally:
            self.run(self._die())

    def recover(self) -> None:
        """Everybody goes on, answers come, time passes: until nothing is left to be done."""
        self.go_on_late()
        for _ in range(80):
            for step in ("release", "plan", "fan out", "finish", "feed", "send", "fold"):
                self.run(self.world.tick(0, STEPS[step]))
                self.hear_everything()
            if not self.left():
                return
            self.world.time.pass_by(3700)
        raise AssertionError(f"never done: {self.left()}")

    def go_on_late(self) -> None:
        """Who stands still does so until the others have done its work."""
        self.world.time.pass_by(61)
        for place in range(WORKERS):
            for step in ("release", "plan", "feed", "send"):
                self.run(self.world.tick(place, STEPS[step]))
        for place in range(WORKERS):
            self.run(self.world.go_on(place))
        self.hear_everything()

    def hear_everything(self) -> None:
        while self.world.server.waiting:
            self.run(self.world.answer(0))

    def left(self) -> list[tuple[Any, ...]]:
        return self.db.execute(
            """SELECT 'outbox', topic, NULL, NULL FROM outbox
                UNION ALL SELECT 'queue', topic, state, held_for FROM queue"""
        ).fetchall()

    async def _die(self) -> None:
        for worker in self.world.workers:
            worker.die()
        await self.world.quiet()

    def compare(self) -> None:
        """What there is with what the rows said."""
        assert self.world.bugs == []
        check(self.db)
        self.compare_events()
        self.compare_deliveries()

    def compare_events(self) -> None:
        """Each row is one event, or the repeat of one with the same key."""
        events = self.db.execute("SELECT outbox_id, state, duplicates FROM events").fetchall()
        repeats = self.db.execute("SELECT outbox_id FROM event_duplicates").fetchall()
        listed = [row for row, *_ in (*events, *repeats)]
        assert sorted(listed) == sorted(self.emitted), "a row is lost or doubled"
        for row, state, _ in events:
            unknown = self.emitted[row].topic not in TOPICS
            assert state == ("rejected" if unknown else "planned")
        with_key = [row for row, was in self.emitted.items() if was.key and was.topic in TOPICS]
        first = [row for row, *_ in events if row in with_key]
        assert len(first) == bool(with_key), "a key was taken twice, or by nobody"

    def compare_deliveries(self) -> None:
        events = self.db.execute("SELECT outbox_id, event_id FROM events").fetchall()
        expected = {
            ids.delivery_id(event, recipient, step.channel, step.key)
            for row, event in events
            if (topic := TOPICS.get(self.emitted[row].topic))
            for recipient in self.emitted[row].recipients
            for step in topic.steps
        }
        found = self.db.execute(
            "SELECT delivery_id, recipient_id, topic, channel, state FROM deliveries"
        ).fetchall()
        assert {delivery for delivery, *_ in found} == expected
        doubts: dict[UUID, int] = defaultdict(int)
        for delivery, _ in self.doubts:
            doubts[delivery] += 1
        for delivery, recipient, topic, channel, state in found:
            story = (delivery, recipient, topic, channel, state)
            assert state in ENDED, story
            assert (state == "skipped") >= (recipient == UNKNOWN and state != "expired"), story
            taken = self.world.server.taken[delivery]
            if channel == "in_app":
                assert state in {"sent", "skipped", "expired"}, story
                continue
            assert taken <= 1 + doubts[delivery], (*story, "handed over again without a doubt")
            assert taken <= 1 or topic != "held", (*story, "handed over again though held")
            assert taken or state != "sent", (*story, "called sent, and never taken")
            assert not taken or state not in UNSENT, (*story, "taken, and called unsent")
            assert doubts[delivery] or state != "in_doubt", story


@pytest.fixture
def simulation(
    database_url: str, setting: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> Iterator[type[Simulation]]:
    """Stories about one database; nobody waits in them."""
    setting("WORKER_LEASE", "60")
    monkeypatch.setattr("scheduler.sending.recording._TOGETHER", 0)
    monkeypatch.setattr("scheduler.ticking.insistence._SHORTEST_PAUSE", 0)
    with staged(Simulation, database_url, KNOWN, prepare) as machine:
        yield machine


@pytest.mark.timeout(0 if LONG else 600)
def test_any_story_ends_in_the_same_rows(simulation: type[Simulation]):
    told(simulation, stories=10, steps=20)


MOMENTS = {"plan": 9, "feed": 7, "send": 14}
"""One more than a step has; what is killed then is killed when nobody works, but answers come."""


@pytest.mark.parametrize("step", MOMENTS)
def test_a_step_may_break_off_at_any_moment(simulation: type[Simulation], step: str):
    """Each crash at each moment, one after the other; what Hypothesis might pass by."""
    written = [("news", ("anna", "bo", UNKNOWN), "k"), ("held", KNOWN, None), ("code", KNOWN, "k")]
    fates = [[Fate.TAKEN_LATE, Fate.TAKEN_LATE], [Fate.TAKEN_UNHEARD, Fate.DEFERRED], []]
    with structlog.testing.capture_logs():
        for moment in range(1, MOMENTS[step] + 1):
            for crash in Crash if LONG or moment % 3 == 0 else (Crash.KILLED,):
                story = simulation()
                story.begin(written, fates)
                if step != "plan":
                    story.tick(1, "plan", 0, crash)
                story.tick(0, step, moment, crash)
                if crash is Crash.KILLED:
                    story.kill(0)
                story.teardown()
