"""Any order of events, closings, cancels, switches and lost workers: nothing is lost or doubled."""

import asyncio
from contextlib import suppress
from email import message_from_bytes, policy
from random import Random

import pytest

from models.records import read_digest
from scheduler.planning import threads
from scheduler.sending import digests
from tests.caps import cap
from tests.pipeline import Pipeline

PEOPLE, BOARDS, ACTORS = ("anna", "bo"), ("b1", "b2", "b3"), ("Mark", "Lea")
RULES = (
    {"kind": "debounce", "wait": "10m", "at_most": "30m"},
    {"kind": "fixed", "wait": "15m"},
    {"kind": "first_then", "wait": "15m"},
    {"kind": "recurring", "every": "day", "at": "09:00"},
)
CAP = {
    "key": "two", "limit": 2, "within": "2 hours", "exempts": [], "over": "digest",
    "digest": {"every": "day", "at": "09:00"},
}  # fmt: skip
"""Instead of a topic's own rule."""
STRAY = """
    SELECT d.delivery_id, d.state, m.digest_id, g.closed_at, g.message_id FROM deliveries d
      LEFT JOIN digest_members m USING (bucket, delivery_id)
      LEFT JOIN digests g ON g.bucket = m.bucket AND g.digest_id = m.digest_id
     WHERE (d.state IN ('collected', 'digested')) IS DISTINCT FROM (m.digest_id IS NOT NULL)
        OR d.state = 'collected' AND g.closed_at IS NOT NULL
        OR d.state = 'digested' AND g.message_id IS NULL
"""
UNCARRIED = """
    SELECT g.digest_id, g.members, count(m.delivery_id) FROM digests g
      LEFT JOIN digest_members m USING (bucket, digest_id)
      LEFT JOIN deliveries d ON d.bucket = g.bucket AND d.delivery_id = g.message_id
     WHERE g.closed_at IS NOT NULL
     GROUP BY g.bucket, g.digest_id, d.delivery_id
    HAVING g.members <> count(m.delivery_id)
        OR (g.members > 0) IS DISTINCT FROM (d.delivery_id IS NOT NULL)
"""


class Story:
    """One random life of a topic that is collected and taken back."""

    def __init__(self, pipeline: Pipeline, seed: int, patch: pytest.MonkeyPatch) -> None:
        self.pipeline, self.random, self.patch = pipeline, Random(seed), patch
        self.number = 0

    async def share(self) -> None:
        self.number += 1
        self.pipeline.emit(
            "board.shared",
            recipients=PEOPLE[: self.random.choice((1, 2))],
            thread=self.random.choice(BOARDS),
            actor=self.random.choice(ACTORS),
            data={"board": f"n{self.number}"},
        )

    async def unshare(self) -> None:
        self.pipeline.emit("board.unshared", recipients=PEOPLE, thread=self.random.choice(BOARDS))

    async def work(self) -> None:
        await self.pipeline.run()

    async def wait(self) -> None:
        self.pipeline.travel(minutes=self.random.choice((1, 6, 16)))

    async def close(self) -> None:
        await digests.close(self.pipeline.runtime)

    async def take_back(self) -> None:
        await threads.take_back(self.pipeline.runtime)

    async def close_and_be_lost(self) -> None:
        async def die(*_: object) -> None:
            raise asyncio.CancelledError

        step = self.random.choice(("write_planned", "count_ends", "wake_followers"))
        with self.patch.context() as patch, suppress(asyncio.CancelledError):
            patch.setattr(digests, step, die)
            await digests.close(self.pipeline.runtime)

    async def switch(self) -> None:
        if not self.pipeline.run_sql("DELETE FROM switches"):
            on = "INSERT INTO switches VALUES ('channel:email', 'why', 'ada', now())"
            self.pipeline.run_sql(on)
        self.pipeline.forget_catalog()
        await self.pipeline.wake()

    async def end(self) -> None:
        """Let everything go its way."""
        self.pipeline.run_sql("DELETE FROM switches")
        self.pipeline.forget_catalog()
        for _ in range(3):
            await self.pipeline.wake()
            await self.work()
            self.pipeline.travel(hours=20)
            await self.close()
            await self.work()


@pytest.mark.parametrize("seed", range(5))
async def test_every_event_ends_in_one_message_or_reason(
    pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch, seed: int
):
    said = [{**rule, "steps": ["email"], "by": ["actor"]} for rule in RULES]
    rule = read_digest(said[seed]) if seed < len(said) else None
    words = "{% for item in items %}{{ item.data.board }}; {% endfor %}"
    await pipeline.topic("board.shared", channels=("email",), words=words, digest=rule)
    await pipeline.topic("board.unshared", steps=(), cancels=("board.shared",))
    pipeline.people(*PEOPLE)
    if rule is None:
        await cap(pipeline, CAP)
    story = Story(pipeline, seed, monkeypatch)
    steps = (
        story.share, story.share, story.share, story.work, story.work, story.wait, story.close,
        story.unshare, story.take_back, story.close_and_be_lost, story.switch,
    )  # fmt: skip
    for _ in range(60):
        await story.random.choice(steps)()
    assert pipeline.rows(STRAY) == []
    await story.end()
    assert pipeline.rows(STRAY) == []
    assert pipeline.rows(UNCARRIED) == []
    ended = set(pipeline.column("SELECT DISTINCT state FROM v_deliveries"))
    assert ended <= {"digested", "cancelled", "sent", "skipped"}, ended
    carried = pipeline.value("SELECT count(*) FROM deliveries WHERE state = 'digested'")
    alone = pipeline.value("SELECT count(*) FROM deliveries WHERE state = 'sent' AND NOT digest")
    parsed = [
        message_from_bytes(mail.content, policy=policy.default) for mail in pipeline.mail.kept
    ]
    assert sum(str(mail["Subject"]).count(";") for mail in parsed) == carried + alone > 0
