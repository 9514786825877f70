"""Accounts: who carries what, what happens when one fails, and that no limit is exceeded."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from delivery.ports import Rules
from models.records import Class
from scheduler.commands import accounts as commands
from scheduler.keeping import waking
from tests.mail_servers import Client, Hangup, MailServer
from tests.pipeline import Pipeline, exhausted

Workers = Callable[[], Awaitable[Pipeline]]


@pytest.fixture
async def spare() -> AsyncIterator[MailServer]:
    async with MailServer() as server:
        yield server


def account(pipeline: Pipeline, key: str, server: MailServer, **values: Any) -> None:
    given = {"priority": 0, "weight": 1, "enabled": True, **values}
    pipeline.run_sql(
        """INSERT INTO provider_accounts
           (account, provider, channel, url, priority, weight, enabled, updated_at)
           VALUES (%s, 'smtp', 'email', %s, %s, %s, %s, now())""",
        key, f"smtp://127.0.0.1:{server.port}?tls=none", *given.values(),
    )  # fmt: skip
    pipeline.forget_catalog()
    pipeline.runtime.rules = Rules()


async def ready(pipeline: Pipeline, number: int, **values: Any) -> None:
    """Mails to so many people are planned; they live for ever."""
    await pipeline.topic(channels=("email",), lifetime=timedelta(days=300), **values)
    names = tuple(f"r{one}" for one in range(number))
    pipeline.people(*names)
    pipeline.emit(recipients=names)
    await pipeline.plan()


async def heard(pipeline: Pipeline) -> None:
    """All that was learned is told and read."""
    await pipeline.runtime.roads.reread(pipeline.runtime.database)


def sabotage(server: MailServer, answer: bytes) -> None:
    async def refuse(_: Client) -> bytes:
        return answer

    server.dot = refuse  # type: ignore[method-assign]


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


async def test_no_limit_is_exceeded_by_two_workers_together(workers: Workers):
    one, two = await workers(), await workers()
    two.runtime.database.clock = one.clock
    await ready(one, 60)
    one.run_sql("INSERT INTO account_limits VALUES ('mailbox', 'all', 120)")
    for worker in (one, two):
        worker.forget_catalog()
    sent = []
    for _ in range(45):
        await asyncio.gather(one.send(), two.send())
        sent.append(len(one.mail.kept))
        one.travel(seconds=1)
    assert all(number <= 2 * (seconds + 2) for seconds, number in enumerate(sent))
    assert sent[10] < 60 == sent[-1]
    assert set(one.column("SELECT attempts FROM deliveries")) <= set(range(1, 20))


def limit(pipeline: Pipeline, account: str, per_minute: int, to: str = "all") -> None:
    values = (account, to, per_minute)
    pipeline.run_sql("INSERT INTO account_limits VALUES (%s, %s, %s)", *values)
    pipeline.forget_catalog()


@pytest.mark.parametrize("to", ["all", "example.com"])
async def test_what_one_account_has_no_room_for_goes_over_the_next(
    pipeline: Pipeline, spare: MailServer, to: str
):
    account(pipeline, "main", pipeline.mail, priority=5)
    account(pipeline, "spare", spare)
    limit(pipeline, "main", 60, to)
    await ready(pipeline, 20)
    await pipeline.send()
    assert {state for state, _ in pipeline.deliveries().values()} == {"sent"}
    assert len(pipeline.mail.kept) in {1, 2}
    assert len(pipeline.mail.kept) + len(spare.kept) == 20
    trace = pipeline.value("SELECT trace -> 'send' FROM deliveries WHERE account = 'spare' LIMIT 1")
    assert trace == [["account", "full", "main"], ["account", "sent", "spare"]]


async def test_what_is_passed_on_finds_the_account_that_has_room(
    pipeline: Pipeline, spare: MailServer
):
    account(pipeline, "main", pipeline.mail, priority=5)
    account(pipeline, "full", pipeline.mail, priority=3)
    account(pipeline, "spare", spare)
    limit(pipeline, "full", 1)
    pipeline.run_sql("INSERT INTO paces VALUES ('full', 'all', now() + interval '1 min')")
    sabotage(pipeline.mail, b"451 4.3.0 not now")
    await ready(pipeline, 2)
    await pipeline.send()
    assert len(spare.kept) == 2
    assert pipeline.mail.dots == 2, "who refused it and who is full are not asked again"


async def test_two_full_accounts_keep_both_limits_and_use_both(
    pipeline: Pipeline, spare: MailServer
):
    account(pipeline, "main", pipeline.mail, priority=5)
    account(pipeline, "spare", spare)
    limit(pipeline, "main", 60)
    limit(pipeline, "spare", 120)
    await ready(pipeline, 60)
    for seconds in range(40):
        await pipeline.send()
        assert len(pipeline.mail.kept) <= seconds + 2
        assert len(spare.kept) <= 2 * (seconds + 2)
        pipeline.travel(seconds=1)
    assert len(pipeline.mail.kept) + len(spare.kept) == 60
    assert min(len(pipeline.mail.kept), len(spare.kept)) > 10


@pytest.mark.parametrize("why", ["paused", "resting", "disabled"])
async def test_what_may_not_be_used_is_no_way_out_of_a_limit(
    pipeline: Pipeline, spare: MailServer, why: str
):
    account(pipeline, "main", pipeline.mail, priority=5)
    account(pipeline, "spare", spare, enabled=why != "disabled")
    limit(pipeline, "main", 60)
    if why == "paused":
        pipeline.run_sql("INSERT INTO switches VALUES ('account:spare', 'why', 'ada', now())")
    if why == "resting":
        pipeline.run_sql(
            "INSERT INTO breakers (account, state, failures, openings, changed_at, retry_at)"
            " VALUES ('spare', 'open', 5, 1, now(), now() + interval '1 h')"
        )
    await ready(pipeline, 9)
    await pipeline.send()
    assert spare.kept == []
    assert pipeline.column("SELECT DISTINCT held_for FROM queue") == ["rate"]


async def test_a_destination_that_wants_less_gets_no_more_over_another_account(
    pipeline: Pipeline, spare: MailServer
):
    account(pipeline, "main", pipeline.mail, priority=5)
    account(pipeline, "spare", spare)
    pipeline.run_sql(
        "INSERT INTO paces (account, destination, next_at, per_minute, slowed_at)"
        " VALUES ('main', 'example.com', now(), 60, now())"
    )
    await ready(pipeline, 9)
    await pipeline.send()
    assert spare.kept == []
    assert pipeline.column("SELECT DISTINCT held_for FROM queue") == ["rate"]


async def test_a_destination_that_defers_is_slowed_down_alone(pipeline: Pipeline):
    await ready(pipeline, 30)
    pipeline.run_sql(
        "UPDATE addresses SET address = recipient_id || '@gmail.com' WHERE recipient_id < 'r2'"
    )

    async def rcpt(client: Client) -> bytes:
        if "gmail" in client.line:
            return b"450 4.7.28 our system has detected an unusual rate"
        return await MailServer.rcpt(pipeline.mail, client)

    pipeline.mail.rcpt = rcpt  # type: ignore[method-assign]
    await pipeline.send()
    await heard(pipeline)
    paces = pipeline.rows("SELECT destination, per_minute FROM paces WHERE per_minute IS NOT NULL")
    assert paces == [("google", 300)]
    assert pipeline.rows("SELECT * FROM breakers WHERE state <> 'closed'") == []
    names = tuple(f"r{one}" for one in range(30))
    pipeline.emit(recipients=names)
    await pipeline.plan()
    await pipeline.send()
    held = pipeline.column("SELECT recipient_id FROM queue WHERE held_for = 'rate'")
    assert held
    assert all(name < "r2" for name in held)


async def test_a_new_domain_sends_no_more_than_its_day_allows(pipeline: Pipeline):
    await ready(pipeline, 70, on_late="send")
    await pipeline.topic("code", klass=Class.CRITICAL, channels=("email",))
    pipeline.run_sql("INSERT INTO warm_ups VALUES ('example.com', %s)", pipeline.clock.now().date())
    await exhausted(pipeline.send)
    assert len(pipeline.mail.kept) == 50
    assert pipeline.rows("SELECT held_for, count(*) FROM queue GROUP BY 1") == [("rate", 20)]
    pipeline.emit("code", recipients=("r1",))
    await pipeline.plan()
    await pipeline.send()
    assert len(pipeline.mail.kept) == 51, "critical mail goes and is counted"
    assert pipeline.value("SELECT used FROM warm_up_days") == 51
    pipeline.travel(days=1)
    await exhausted(pipeline.send)
    assert len(pipeline.mail.kept) == 71


@pytest.fixture
def command(setting: Callable[[str, str], None], database_url: str) -> Callable[..., Any]:
    setting("DATABASE_URL", database_url)
    return lambda *words, **more: CliRunner().invoke(commands.app, words, **more)


async def test_accounts_are_added_changed_and_listed_without_their_secrets(
    pipeline: Pipeline, command: Callable[..., Any]
):
    secret = "smtp://ada:hush@mail.example.com:587?tls=starttls"
    assert "carries email" in command("add", "main", "-", input=secret).stdout
    assert command("update", "main", "--priority", "7", "--weight", "3").exit_code == 0
    assert command("limit", "main", "600", "--to", "Google").exit_code == 0
    assert command("warm-up", "example.com", "--since", "2026-11-01").exit_code == 0
    assert command("disable", "main").exit_code == 0
    listed = command("list").stdout
    assert "mail.exam" in listed
    assert "disabled" in listed
    assert pipeline.row("SELECT url, priority, weight, enabled FROM provider_accounts") == (
        secret, 7, 3, False,
    )  # fmt: skip
    assert pipeline.rows("SELECT * FROM account_limits") == [("main", "google", 600)]
    assert pipeline.value("SELECT count(*) FROM warm_ups") == 1
    command("limit", "main", "0", "--to", "google")
    command("warm-up", "example.com", "--off")
    command("enable", "main")
    assert pipeline.value("SELECT count(*) FROM account_limits") == 0
    assert pipeline.value("SELECT count(*) FROM warm_ups") == 0
    audit = pipeline.column("SELECT action || detail FROM audit")
    assert len(audit) == 8
    assert "hush" not in str(audit) + listed


async def test_an_account_has_the_price_that_somebody_said(
    pipeline: Pipeline, command: Callable[..., Any]
):
    command("add", "main", "smtp://mail.example.com")
    assert command("price", "main", "0.80").exit_code == 0
    assert command("price", "main", "0.80").exit_code == 0, "twice is once"
    assert "0.80" in command("list").stdout
    assert isinstance(command("price", "main", "cheap").exception, ValueError)
    assert isinstance(command("price", "other", "1").exception, ValueError)
    assert str(pipeline.value("SELECT price FROM provider_accounts")) == "0.8000"
    command("update", "main", "--priority", "7")
    assert str(pipeline.value("SELECT price FROM provider_accounts")) == "0.8000"
    command("price", "main", "none")
    assert pipeline.value("SELECT price FROM provider_accounts") is None


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("add", "main", "mail.example.com"), "bad SMTP URL"),
        (("add", "main", "smtp://x", "--provider", "pigeon"), "pigeon is no provider"),
        (("update", "main"), "there is no account main"),
        (("disable", "main"), "there is no account main"),
    ],
)
async def test_what_no_worker_could_use_is_refused(
    pipeline: Pipeline, command: Callable[..., Any], words: tuple[str, ...], complaint: str
):
    done = command(*words)
    assert done.exit_code == 1
    assert complaint in str(done.exception)
    assert pipeline.value("SELECT count(*) FROM audit") == 0
