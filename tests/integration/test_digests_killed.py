"""Real workers killed at each labelled step of a digest's life: every event is in one message."""

import asyncio
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Awaitable, Callable
from email import message_from_bytes, policy
from pathlib import Path

from models.records import read_digest
from scheduler.sending import digests
from tests.chaos.steps import DIGESTING, Step
from tests.chaos.workers import environment
from tests.integration.test_digest_stories import STRAY, UNCARRIED
from tests.pipeline import Pipeline
from tests.postgres_judges import Cut, Seen, Verdict, leave_alone
from tests.postgres_proxy import Proxy

SOON = read_digest({"kind": "fixed", "steps": ["email"], "wait": "1s"})
WORDS = "{% for item in items %}{{ item.data.board }};{% endfor %}"


async def start(pipeline: Pipeline, proxy: Proxy, folder: Path) -> Process:
    """A worker process on the way to the database that is watched."""
    smtp = f"smtp://127.0.0.1:{pipeline.mail.port}?tls=none"
    settings = {"TIDINGS_DATABASE_URL": proxy.url, "TIDINGS_SMTP_URL": smtp}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scheduler", "work", cwd=folder,
        env={**environment(folder, 5.0), **settings}, stdout=DEVNULL, stderr=DEVNULL,
    )  # fmt: skip


async def killed_at(step: Step, proxy: Proxy, begin: Callable[[], Awaitable[Process]]) -> None:
    """Start a worker, and kill it with no warning when it reaches the step."""
    reached = asyncio.Event()

    async def judge(seen: Seen) -> Verdict:
        if reached.is_set():
            return Cut()  # what its dying connections still say
        if step.reached is None or not step.reached(seen):
            return None
        worker.kill()
        reached.set()
        return Cut()

    worker = await begin()
    proxy.judge = judge
    async with asyncio.timeout(60):
        await reached.wait()
    await worker.wait()
    proxy.judge = leave_alone


async def test_each_event_is_in_one_message_wherever_workers_are_killed(
    pipeline: Pipeline, proxy: Proxy, tmp_path: Path
):
    await pipeline.topic("board.shared", channels=("email",), words=WORDS, digest=SOON)
    pipeline.people("anna")
    boards = [f"b{number}" for number in range(len(DIGESTING))]
    for step, board in zip(DIGESTING, boards, strict=True):
        pipeline.emit(data={"board": board})
        await killed_at(step, proxy, lambda: start(pipeline, proxy, tmp_path))
        assert pipeline.rows(STRAY) == [], step.name
    pipeline.travel(minutes=1)  # what leases they held are over
    await pipeline.release()
    await pipeline.run()
    pipeline.travel(seconds=2)
    await digests.close(pipeline.runtime)
    await pipeline.run()
    assert pipeline.rows(STRAY) == pipeline.rows(UNCARRIED) == []
    said = "".join(subject(each.content) for each in pipeline.mail.kept)
    assert sorted(said.removesuffix(";").split(";")) == boards


def subject(content: bytes) -> str:
    words = str(message_from_bytes(content, policy=policy.default)["Subject"])
    return words.removeprefix("Subject: ")
