"""Limits of accounts, paces of destinations and warm-ups: none is exceeded, none stands idle."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from models.records import Class
from tests.accounts import account, heard, ready, sabotage
from tests.mail_servers import Client, MailServer
from tests.pipeline import Pipeline, exhausted

Workers = Callable[[], Awaitable[Pipeline]]


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
