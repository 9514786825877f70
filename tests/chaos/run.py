"""One run: everything breaks while events come in, then it is calm, then the books are compared."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psycopg

from tests.chaos.faulty_mail import Faults, FaultyMail
from tests.chaos.ledger import Ledger, read
from tests.chaos.oracle import Findings, judge
from tests.chaos.population import plant
from tests.chaos.postgres import Postgres, standing
from tests.chaos.producer import Producer
from tests.chaos.watch import Overdue
from tests.chaos.workers import Act, Toll, Worker, environment
from tests.invariants import check
from tests.mail_servers import self_signed
from tests.postgres_proxy import Proxy

TICK = 5.0
"""Seconds between two looks for lost rows."""
SLACK = 2.0
"""Seconds that a busy machine is late."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run consists of.

    Attributes:
        acts: The blows of each worker, in turn; as many workers.
        postgres_lives: Seconds between two kills of Postgres, at least and at most.
        rests: Seconds that a worker is left alone between two blows, at least and at most.
        fault_rate: How many of the mail server's faults: 1 is six in a hundred messages.
        drains_within: Seconds until all is settled, once it is calm.
        tells_within: Seconds after which no more events are told, however many there were.
    """

    seed: int
    events: int
    acts: tuple[list[Act], ...]
    lease: float = 12.0
    per_second: float = 400.0
    postgres_lives: tuple[float, float] = (10.0, 30.0)
    rests: tuple[float, float] = (3.0, 15.0)
    fault_rate: float = 1.0
    drains_within: float = 240.0
    tells_within: float = float("inf")


@dataclass(frozen=True, slots=True)
class Result:
    """What a run showed."""

    plan: Plan
    seconds: float
    producer: Producer
    findings: Findings
    toll: Toll
    faults: dict[str, int]
    outages: list[float]
    overdue: float
    left: int

    @property
    def holds(self) -> bool:
        """Whether every promise was kept."""
        return (
            self.findings.promise_holds
            and not self.left
            and not self.toll.died
            and self.overdue <= TICK + SLACK
            and self.toll.slowest_stop <= 30
        )


async def run(plan: Plan, folder: Path) -> Result:
    """Break everything, let it recover, compare the books."""
    began = time.monotonic()
    postgres = standing(folder)
    plant(postgres.url, postgres.relay_url)
    postgres.back_since = time.monotonic()
    producer = Producer((postgres.url, postgres.shop_url), Random(f"{plan.seed} producer"))
    toll, overdue, calm = Toll(), Overdue(), asyncio.Event()
    try:
        async with (
            Ledger.at(folder / "ledger.tsv") as ledger,
            _workers(plan, folder, postgres, ledger, toll) as workers,
        ):
            watching = asyncio.create_task(overdue.watch(postgres, workers))
            async with asyncio.TaskGroup() as chaos:
                dice = Random(f"{plan.seed} postgres")
                chaos.create_task(postgres.die(dice, plan.postgres_lives, calm))
                for worker, acts in zip(workers, plan.acts, strict=True):
                    mine = Random(f"{plan.seed} rest {worker.number}")
                    chaos.create_task(worker.suffer(acts, calm, mine))
                await producer.tell(plan.events, plan.per_second, plan.tells_within)
                calm.set()
            left = await _drain(postgres, plan.drains_within)
            watching.cancel()
            await asyncio.gather(*(worker.stop() for worker in workers))
        findings = _compare(postgres, folder / "ledger.tsv", producer, left)
    finally:
        postgres.server.stop()
    return Result(
        plan, time.monotonic() - began, producer, findings, toll, dict(ledger.faults),
        postgres.outages, overdue.longest, left,
    )  # fmt: skip


@asynccontextmanager
async def _workers(
    plan: Plan, folder: Path, postgres: Postgres, ledger: Ledger, toll: Toll
) -> AsyncIterator[list[Worker]]:
    """The workers, running; every third speaks TLS."""
    certificate = self_signed(folder)
    shared = environment(folder, plan.lease)
    faults = Faults(plan.seed, plan.fault_rate)
    workers: list[Worker] = []
    async with AsyncExitStack() as stack:
        for number in range(len(plan.acts)):
            proxy = await stack.enter_async_context(Proxy(postgres.url))
            tls = certificate.context if number % 3 == 2 else None
            mail = FaultyMail(ledger, faults, plan.lease, tls)
            await stack.enter_async_context(mail)
            worker = Worker(number, folder, proxy, mail, shared, toll, plan.lease + 4, plan.rests)
            proxy.judge, mail.watch = worker.judge, worker.watch
            workers.append(worker)
            await worker.start()
        try:
            for worker in workers:
                await worker.able.wait()
            yield workers
        finally:
            for worker in workers:
                if worker.process is not None and worker.process.returncode is None:
                    worker.process.kill()


async def _drain(postgres: Postgres, within: float) -> int:
    """Wait until nothing is left to do; pauses of rows that go again are over at once."""
    end = time.monotonic() + within
    left = 1
    while left and time.monotonic() < end:
        left = await asyncio.to_thread(_left, postgres)
        await asyncio.sleep(0.25)
    return left


NO_PAUSE = """
    UPDATE queue SET due_at = now()
     WHERE token IS NULL AND due_at > now() AND held_for IN ('backoff', 'doubt')
"""


def _left(postgres: Postgres) -> int:
    with psycopg.connect(postgres.url, autocommit=True) as ours:
        ours.execute(NO_PAUSE)
        counted = "SELECT count(*) FROM outbox"
        left = _count(ours, "SELECT count(*) FROM queue") + _count(ours, counted)
    with psycopg.connect(postgres.shop_url, autocommit=True) as theirs:
        return left + _count(theirs, counted)


def _count(connection: psycopg.Connection, query: str) -> int:
    row = connection.execute(query.encode()).fetchone()
    assert row
    return int(row[0])


def _compare(postgres: Postgres, book: Path, producer: Producer, left: int) -> Findings:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        if not left:
            check(connection)
        with book.open(encoding="utf-8") as lines:
            return judge(connection, read(lines), producer.said, producer.held)
