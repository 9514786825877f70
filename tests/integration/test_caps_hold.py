"""No cap is ever broken: eight workers at once, a server that says no or nothing, and crashes.

What the mail server took is counted, not what we believe. Without the lock on the ledgers (`FOR
UPDATE OF l` in `models/queries/sending/ledgers.py`) somebody got a fourth to a sixth in each of
three runs; `test_caps.py` has a smaller test that fails without it each time.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from models.records import Class
from scheduler.planning import plan
from scheduler.sending import send
from tests.caps import cap
from tests.integration.conftest import Workers
from tests.mail_servers import Client, Hangup, MailServer
from tests.pipeline import Pipeline

PEOPLE = tuple(f"p{number}" for number in range(30))
TEAM, ROUNDS = 8, 3
PATIENCE = 12
"""Rounds until the busiest machine has reached a limit that could be broken."""
LIMIT = 3
RULES: tuple[dict[str, Any], ...] = (
    {"key": "promo", "classes": ["promotional"], "limit": LIMIT, "within": "24 hours"},
    {"key": "all", "limit": LIMIT + 1, "within": "24 hours", "exempts": ["critical"]},
)


class Moody(MailServer):
    """Says no, not now, or takes a message and hangs up; by a die."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.dice = dice

    async def dot(self, client: Client) -> bytes:
        match self.dice.randrange(10):
            case 0:
                return b"554 5.6.0 no"
            case 1 | 2:
                return b"451 4.3.0 later"
            case 3:
                self.keep(client)
                raise Hangup
            case _:
                return await super().dot(client)


@pytest.fixture
async def mail(setting: Callable[[str, str], None]) -> AsyncIterator[MailServer]:
    async with Moody(random.Random(20261122)) as server:
        setting("MAILBOX_SMTP_PORT", str(server.port))
        yield server


def mortal(worker: Pipeline, dice: random.Random) -> None:
    """Every now and then the worker dies between its claim and its first byte, or amid them."""
    spawn = worker.runtime.spawn

    def may_die(work: Any) -> Any:
        fate = dice.randrange(10)
        if fate == 0:
            work.close()
            return asyncio.get_running_loop().create_task(asyncio.sleep(0))
        task = spawn(work)
        if fate == 1:
            asyncio.get_running_loop().call_later(dice.random() / 20, task.cancel)
        return task

    worker.runtime.spawn = may_die  # type: ignore[method-assign]


async def work(worker: Pipeline, dice: random.Random) -> None:
    for _ in range(6):
        await plan.step(worker.runtime)
        await send.step(worker.runtime, worker.send_turns)
        await asyncio.sleep(dice.random() / 100)
    await asyncio.gather(*worker.runtime.wire, return_exceptions=True)


async def produce(worker: Pipeline) -> None:
    """Events that become more important while those before them are on their way."""
    for priority in (0, 1, 2, 3) * 3:
        worker.emit("news", PEOPLE, priority=priority)
        await asyncio.sleep(0.05)
    worker.emit("order", PEOPLE[::2])


async def test_eight_workers_that_crash_break_no_cap(workers: Workers):
    dice = random.Random(4711)
    team = [await workers() for _ in range(TEAM)]
    first = team[0]
    await first.topic("news", channels=("email",), words="a sale", klass=Class.PROMOTIONAL)
    await first.topic("order", channels=("email",), words="an order")
    first.people(*PEOPLE)
    await cap(first, *RULES)
    for worker in team:
        worker.forget_catalog()
        worker.clock.ahead = first.clock.ahead
        worker.runtime.settings.worker_send_batch = 20
        mortal(worker, dice)
    news: Counter[str] = Counter()
    for turn in range(PATIENCE):
        if turn >= ROUNDS and max(news.values()) >= LIMIT:
            break
        await asyncio.gather(produce(first), *(work(worker, dice) for worker in team))
        for worker in team:
            worker.travel(minutes=3)
        await first.release()
        news = Counter(kept.recipient for kept in first.mail.kept if b"a sale" in kept.content)
    every = Counter(kept.recipient for kept in first.mail.kept)
    assert max(news.values()) == LIMIT
    assert max(every.values()) == LIMIT + 1
    assert len(every) == len(PEOPLE)
