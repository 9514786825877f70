"""Real workers that freeze or are stopped in mid-conversation with a real mail server."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.acceptance.conftest import Installation
from tests.mail_servers import Client, MailServer

pytestmark = pytest.mark.timeout(240)

LEASE = 8.0
"""Seconds; a lease counts until 5 before its end."""
PEOPLE = 12
TOPIC = """
    UPDATE topics SET class = 'transactional', on_doubt = %s, digest = NULL
     WHERE topic = 'board.shared'
"""
INSERT = """
    INSERT INTO outbox (topic, recipients, data)
    SELECT 'board.shared', array_agg('r' || n), '{"board": "Roadmap", "actor": "Mark"}'
      FROM generate_series(1, %s) n
"""


class Paused(MailServer):
    """Answers nothing at one point of the conversation until it is told to go on."""

    def __init__(self, verb: str) -> None:
        super().__init__()
        self.go_on = asyncio.Event()
        self.reached = 0
        self.verb = verb

    async def data(self, client: Client) -> bytes:
        if self.verb == "data":
            await self._pause()
        return await super().data(client)

    async def dot(self, client: Client) -> bytes:
        if self.verb == "dot":
            await self._pause()
        return await super().dot(client)

    async def _pause(self) -> None:
        self.reached += 1
        await self.go_on.wait()


async def until(true: Callable[[], object], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"after {seconds} s still not: {what}"
        await asyncio.sleep(0.1)


@asynccontextmanager
async def paused(
    installation: Installation, verb: str, rule: str
) -> AsyncIterator[tuple[Paused, int]]:
    """One worker, whose messages all stand at one point of their conversations; its pid."""
    async with Paused(verb) as server:
        installation.smtp_port = server.port
        installation.settings["TIDINGS_WORKER_LEASE"] = str(LEASE)
        installation.plant_samples()
        installation.execute(TOPIC, rule)
        people = [f"r{number}" for number in range(1, PEOPLE + 1)]
        file = installation.folder / "people.csv"
        file.write_text("recipient_id,email\n" + "".join(f"{r},{r}@example.com\n" for r in people))
        installation.run("import", "recipients", str(file))
        installation.execute(INSERT, PEOPLE)
        await asyncio.to_thread(installation.start_workers, 1)
        await until(lambda: server.reached >= 5, 60, "messages are on the wire")
        yield server, installation.worker_pids()[0]


def states(installation: Installation) -> Counter[str]:
    return Counter(
        dict(
            installation.query(
                "SELECT state, count(*) FROM v_deliveries WHERE channel = 'email' GROUP BY 1"
            )
        )
    )


async def second_worker(installation: Installation) -> None:
    await asyncio.to_thread(installation.start, "work")


def begun(installation: Installation) -> int:
    [(number,)] = installation.query("SELECT count(*) FROM queue WHERE begun_at IS NOT NULL")
    return int(number)


async def freeze(installation: Installation, pid: int) -> None:
    """For two leases, while another worker takes over what was lost."""
    os.kill(pid, signal.SIGSTOP)
    await second_worker(installation)
    await asyncio.sleep(2 * LEASE)
    await until(lambda: not begun(installation), 60, "what was begun is released")


async def test_a_worker_that_thaws_sends_nothing_that_is_not_its_own(installation: Installation):
    async with paused(installation, "data", "hold") as (server, pid):
        await freeze(installation, pid)
        frozen = states(installation)
        assert frozen["in_doubt"] >= 5
        assert server.dots == 0
        server.go_on.set()  # the second worker's mail flows, and the server waits for the first's
        os.kill(pid, signal.SIGCONT)
        await until(lambda: states(installation) == {"sent": PEOPLE}, 60, "all is known and sent")
        await asyncio.sleep(1)
        assert Counter(kept.recipient for kept in server.kept) == {
            f"r{number}@example.com": 1 for number in range(1, PEOPLE + 1)
        }
    outcomes = installation.query("SELECT outcome, count(*) FROM attempts GROUP BY 1 ORDER BY 1")
    assert dict(outcomes)["sent"] == PEOPLE


async def test_a_server_that_answers_the_dot_after_the_lease_is_heard(installation: Installation):
    async with paused(installation, "dot", "hold") as (server, pid):
        await freeze(installation, pid)
        doubted, dots = states(installation)["in_doubt"], server.reached
        assert doubted >= dots >= 5, "some wait for a connection"
        server.go_on.set()
        await until(lambda: len(server.kept) == dots, 60, "the server took them")
        assert states(installation)["in_doubt"] == doubted, "its worker is still frozen"
        os.kill(pid, signal.SIGCONT)
        await until(lambda: states(installation) == {"sent": PEOPLE}, 60, "the answers were heard")
        assert len(server.kept) == len({kept.recipient for kept in server.kept}) == PEOPLE


async def test_under_resend_a_frozen_workers_mail_goes_again_and_its_doubt_is_counted(
    installation: Installation,
):
    async with paused(installation, "dot", "resend") as (server, pid):
        await freeze(installation, pid)
        waiting = installation.query("SELECT held_for, doubts FROM queue WHERE held_for = 'doubt'")
        assert len(waiting) >= 5
        server.go_on.set()
        os.kill(pid, signal.SIGKILL)
        await until(lambda: states(installation) == {"sent": PEOPLE}, 90, "all was sent again")
        twice = len(server.kept) - PEOPLE
        [(doubts,)] = installation.query("SELECT count(*) FROM attempts WHERE outcome = 'in_doubt'")
        assert 0 < twice <= doubts
        ids = {(k.recipient, _message_id(k.content)) for k in server.kept}
        assert len(ids) == PEOPLE, "a mail that comes twice has the same Message-ID"


def _message_id(content: bytes) -> bytes:
    (line,) = [line for line in content.splitlines() if line.lower().startswith(b"message-id:")]
    return line


async def test_a_worker_that_is_stopped_cuts_the_wire_and_tells_the_truth(
    installation: Installation,
):
    async with paused(installation, "dot", "hold") as (server, _):
        await asyncio.sleep(2)  # until every connection stands at its dot
        on_wire = server.reached
        worker = installation.running[-1]
        began = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        await asyncio.to_thread(worker.wait, 40)
        assert time.monotonic() - began < 31
        assert worker.returncode == 0
        found = states(installation)
        assert found == {"in_doubt": on_wire, "scheduled": PEOPLE - on_wire}
        assert installation.query("SELECT count(*) FROM queue WHERE token IS NOT NULL") == [(0,)]
        told = [("in_doubt", "connection_lost"), ("scheduled", None)]
        ended = "SELECT DISTINCT outcome, reason FROM attempts ORDER BY 1"
        assert installation.query(ended) == told[: 2 if on_wire < PEOPLE else 1]
        server.go_on.set()
