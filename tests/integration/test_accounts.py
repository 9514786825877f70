"""Accounts: who carries what, and what happens when one fails."""

from collections.abc import Awaitable, Callable

import pytest

from scheduler.keeping import waking
from tests.accounts import account, heard, ready, sabotage
from tests.mail_servers import Client, Hangup, MailServer
from tests.pipeline import Pipeline, exhausted

Workers = Callable[[], Awaitable[Pipeline]]


async def test_the_first_account_carries_all_and_equals_share(
    pipeline: Pipeline, spare: MailServer
):
    account(pipeline, "main", pipeline.mail, priority=5)
    account(pipeline, "spare", spare)
    await ready(pipeline, 60)
    await pipeline.send()
    assert (len(pipeline.mail.kept), len(spare.kept)) == (60, 0)
    pipeline.run_sql("UPDATE provider_accounts SET priority = 5")
    pipeline.emit(recipients=tuple(f"r{one}" for one in range(60)))
    await pipeline.plan()
    pipeline.forget_catalog()
    await pipeline.send()
    assert len(spare.kept) > 5
    assert len(pipeline.mail.kept) + len(spare.kept) == 120


@pytest.mark.parametrize("answer", [b"451 4.3.0 not now", b"421 4.3.2 going down"])
async def test_what_one_account_refuses_for_now_the_next_one_carries_at_once(
    pipeline: Pipeline, spare: MailServer, answer: bytes
):
    account(pipeline, "main", pipeline.mail, priority=5)
    account(pipeline, "spare", spare)
    sabotage(pipeline.mail, answer)
    await ready(pipeline, 3)
    await pipeline.send()
    assert {state for state, _ in pipeline.deliveries().values()} == {"sent"}
    assert len(spare.kept) == 3
    assert pipeline.rows("SELECT DISTINCT account, attempt FROM attempts") == [("spare", 1)]
    trace = pipeline.value("SELECT trace -> 'send' FROM deliveries LIMIT 1")
    assert trace == [["account", "passed_on", "main"], ["account", "sent", "spare"]]


async def test_what_is_in_doubt_is_never_passed_on(pipeline: Pipeline, spare: MailServer):
    async def vanish(_: Client) -> bytes:
        raise Hangup

    account(pipeline, "main", pipeline.mail, priority=5)
    account(pipeline, "spare", spare)
    pipeline.mail.dot = vanish  # type: ignore[method-assign]
    await ready(pipeline, 2)
    await pipeline.send()
    assert {state for state, _ in pipeline.deliveries().values()} == {"in_doubt"}
    assert spare.kept == []


async def test_an_account_switched_off_leaves_its_work_to_the_next(
    pipeline: Pipeline, spare: MailServer
):
    account(pipeline, "main", pipeline.mail, priority=5)
    account(pipeline, "spare", spare)
    await ready(pipeline, 3)
    pipeline.run_sql("INSERT INTO switches VALUES ('account:main', 'why', 'ada', now())")
    await pipeline.send()
    assert (len(pipeline.mail.kept), len(spare.kept)) == (0, 3)
    pipeline.emit(recipients=("r0",))
    await pipeline.plan()
    pipeline.run_sql("INSERT INTO switches VALUES ('account:spare', 'why', 'ada', now())")
    pipeline.forget_catalog()
    await pipeline.send()
    assert pipeline.rows("SELECT held_for, tries FROM queue") == [("kill_switch", 0)]
    pipeline.run_sql("DELETE FROM switches WHERE switch = 'account:spare'")
    await pipeline.runtime.controls.reread(pipeline.runtime.database)
    await waking.keep(pipeline.runtime)
    await pipeline.send()
    assert len(spare.kept) == 4


async def test_disabled_accounts_do_not_fall_back_to_the_settings(pipeline: Pipeline):
    account(pipeline, "main", pipeline.mail, enabled=False)
    await ready(pipeline, 1)
    await pipeline.send()
    assert pipeline.mail.kept == []
    assert pipeline.row("SELECT held_for, tries FROM queue") == ("account", 0)


class Closed:
    """A door that turns everybody away, until it is opened."""

    def __init__(self, server: MailServer) -> None:
        self.shut = True
        server.greet = self._greet  # type: ignore[method-assign]

    async def _greet(self, client: Client) -> None:
        await client.say(b"554 5.3.2 closed" if self.shut else b"220 test ESMTP")


async def test_an_open_breaker_holds_and_a_probe_closes_it(pipeline: Pipeline):
    await ready(pipeline, 12)
    door = Closed(pipeline.mail)
    await pipeline.send()
    await heard(pipeline)
    assert pipeline.row("SELECT state, openings FROM breakers") == ("open", 1)
    held = pipeline.rows("SELECT tries FROM queue WHERE held_for = 'breaker'")
    assert len(held) >= 7
    assert set(held) == {(0,)}
    door.shut = False
    pipeline.travel(minutes=1)
    pipeline.forget_catalog()
    await pipeline.send()
    assert len(pipeline.mail.kept) == 3, "a few messages are the probe"
    await heard(pipeline)
    assert pipeline.value("SELECT state FROM breakers") == "closed"
    await waking.keep(pipeline.runtime)
    await exhausted(pipeline.send)
    assert {state for state, _ in pipeline.deliveries().values()} == {"sent"}


async def test_all_workers_see_an_open_breaker(workers: Workers):
    here, there = await workers(), await workers()
    await ready(here, 12)
    Closed(here.mail)
    await here.send()
    await heard(here)
    here.emit(recipients=("r1",))
    await here.plan()
    knocked = here.mail.connections
    await there.send()
    assert here.mail.connections == knocked
    assert here.value("SELECT count(*) FROM queue WHERE state = 'sending' OR attempt = 0") == 0


async def test_a_long_outage_fails_nothing(pipeline: Pipeline):
    await ready(pipeline, 4)
    Closed(pipeline.mail)
    for _ in range(20):
        await pipeline.send()
        await heard(pipeline)
        pipeline.travel(minutes=65)
    assert pipeline.column("SELECT DISTINCT state FROM queue") == ["scheduled"]
    assert pipeline.value("SELECT count(*) FROM queue") == 4
    assert pipeline.value("SELECT max(tries) FROM queue") <= 2
