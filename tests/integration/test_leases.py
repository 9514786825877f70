"""Workers that freeze, die or are replaced: what they held, and what they may no longer do."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from models.database import UnavailableError
from models.queries.routing import EVERYWHERE
from models.queries.sending import dispatch, leases
from scheduler.sending import send
from scheduler.sending.lease import boottime
from tests.mail_sender import eventually
from tests.mail_servers import Client, MailServer
from tests.pipeline import Pipeline

Workers = Callable[[], Awaitable[Pipeline]]
Setting = Callable[[str, str], None]


async def claimed(pipeline: Pipeline, *recipients: str) -> None:
    """Mails to these are claimed, and their worker is never heard of again."""
    await pipeline.topic(channels=("email",), words="x")
    pipeline.people(*recipients)
    pipeline.emit(recipients=recipients)
    await pipeline.plan()
    await claim(pipeline)


async def claim(pipeline: Pipeline) -> None:
    await send.step(pipeline.runtime, pipeline.send_turns)
    for batch in tuple(pipeline.runtime.wire):
        batch.cancel()
    await asyncio.gather(*pipeline.runtime.wire, return_exceptions=True)


async def test_what_was_never_begun_goes_again(pipeline: Pipeline):
    await claimed(pipeline, "anna", "bo")
    pipeline.travel(seconds=59)
    assert await pipeline.release() == 0
    pipeline.travel(seconds=2)
    assert await pipeline.release() == 2
    assert pipeline.rows("SELECT DISTINCT state, attempt, crashes, tries FROM queue") == [
        ("scheduled", 1, 1, 0)
    ]
    pipeline.travel(seconds=5)
    await pipeline.send()
    assert pipeline.rows("SELECT DISTINCT state, attempts FROM deliveries") == [("sent", 2)]
    assert pipeline.column("SELECT attempt FROM attempts") == [2, 2]


async def test_a_row_that_loses_its_worker_three_times_is_quarantined(pipeline: Pipeline):
    await claimed(pipeline, "anna")
    for crashes in (1, 2):
        pipeline.travel(seconds=61)
        await pipeline.release()
        assert pipeline.row("SELECT state, crashes FROM queue") == ("scheduled", crashes)
        pipeline.travel(seconds=10)
        await claim(pipeline)
    pipeline.travel(seconds=61)
    await pipeline.release()
    assert pipeline.deliveries() == {("anna", "email"): ("failed", "quarantined")}
    assert pipeline.value("SELECT attempts FROM deliveries") == 3
    assert pipeline.mail.kept == []


async def test_what_was_begun_is_in_doubt(pipeline: Pipeline):
    await claimed(pipeline, "anna", "bo")
    pipeline.run_sql("UPDATE queue SET begun_at = entered_at WHERE recipient_id = 'anna'")
    pipeline.travel(seconds=61)
    await pipeline.release()
    assert pipeline.deliveries() == {
        ("anna", "email"): ("in_doubt", "worker_lost"),
        ("bo", "email"): ("scheduled", "backoff"),
    }
    pipeline.travel(minutes=5)
    await pipeline.send()
    assert [mail.recipient for mail in pipeline.mail.kept] == ["bo@example.com"]


async def test_what_kills_its_workers_is_quarantined_without_its_neighbours(pipeline: Pipeline):
    people = [f"r{number}" for number in range(60)]
    await pipeline.topic(channels=("email",), words="x")
    pipeline.people(*people)
    pipeline.emit(recipients=people)
    await pipeline.plan()
    (culprit,) = pipeline.row("SELECT delivery_id FROM queue WHERE recipient_id = 'r7'")
    for _ in range(200):
        await send.step(pipeline.runtime, pipeline.send_turns)
        if pipeline.value("SELECT token IS NOT NULL FROM queue WHERE delivery_id = %s", culprit):
            for batch in tuple(pipeline.runtime.wire):
                batch.cancel()  # the worker dies, with all that it held
            await asyncio.gather(*pipeline.runtime.wire, return_exceptions=True)
            pipeline.travel(seconds=61)
            await pipeline.release()
            pipeline.travel(seconds=10)
        else:
            await pipeline.land()
        if not pipeline.rows("SELECT FROM queue WHERE delivery_id = %s", culprit):
            break
    for _ in range(70):
        await pipeline.send()
    assert dict(pipeline.rows("SELECT state, count(*) FROM deliveries GROUP BY 1")) == {
        "failed": 1,
        "sent": 59,
    }


async def test_all_that_was_lost_is_released_at_once(pipeline: Pipeline):
    people = [f"r{number}" for number in range(620)]
    await pipeline.topic(channels=("email",), words="x")
    pipeline.people(*people)
    pipeline.emit(recipients=people)
    await pipeline.plan()
    for _ in range(3):
        await claim(pipeline)
    assert pipeline.value("SELECT count(*) FROM queue WHERE token IS NOT NULL") == 620
    pipeline.travel(seconds=61)
    assert await pipeline.release() == 620


async def test_a_worker_frozen_in_a_transaction_holds_no_lock_beyond_a_lease(
    setting: Setting, workers: Workers
):
    setting("WORKER_LEASE", "0.5")
    one = await workers()
    await claimed(one, "anna")

    async def freeze() -> None:
        async with one.runtime.database.begin() as tx:
            later = one.clock.now() + timedelta(minutes=1)
            assert len(await tx.run(dispatch.lock_lost(10, EVERYWHERE, later))) == 1
            await asyncio.sleep(1)
            one.run_sql("SET statement_timeout = 1000")
            assert one.rows("SELECT recipient_id FROM queue FOR UPDATE") == [("anna",)]

    with pytest.raises(UnavailableError):
        await freeze()
    assert one.value("SELECT count(*) FROM queue") == 1


async def test_two_workers_release_each_row_once(workers: Workers):
    one, two = await workers(), await workers()
    await claimed(one, *(f"r{number}" for number in range(40)))
    for worker in (one, two):
        worker.travel(seconds=61)
    done = await asyncio.gather(one.release(), two.release())
    assert sum(done) == 40
    assert one.rows("SELECT DISTINCT state, crashes FROM queue") == [("scheduled", 1)]


async def test_a_worker_whose_token_was_replaced_sends_nothing(workers: Workers):
    one, two = await workers(), await workers()
    await one.topic(channels=("email",), words="x")
    one.people("anna", "bo")
    one.emit(recipients=("anna", "bo"))
    await one.plan()
    one.runtime.on_wire = 1000  # so that it waits for room on the wire, before it may begin
    await send.step(one.runtime, one.send_turns)
    two.travel(seconds=61)
    assert await two.release() == 2
    two.travel(seconds=5)
    await two.send()
    assert len(one.mail.kept) == 2
    one.runtime.leave(1000)
    await one.land()
    assert len(one.mail.kept) == 2
    assert one.column("SELECT attempt FROM attempts") == [2, 2]
    assert one.runtime.on_wire == 0


async def test_an_answer_that_comes_after_the_lease_is_heard(workers: Workers):
    one, two = await workers(), await workers()
    go_on = asyncio.Event()

    async def wait(client: Client) -> bytes:
        await go_on.wait()
        return await MailServer.dot(one.mail, client)

    await one.topic(channels=("email",), words="x")
    one.people("anna")
    one.emit()
    await one.plan()
    one.mail.dot = wait
    await send.step(one.runtime, one.send_turns)
    await eventually(
        lambda: one.value("SELECT count(*) FROM queue WHERE begun_at IS NOT NULL") == 1
    )
    await eventually(lambda: one.mail.dots == 1)
    two.travel(seconds=61)
    await two.release()
    assert one.deliveries() == {("anna", "email"): ("in_doubt", "worker_lost")}
    assert one.row("SELECT attempt, outcome FROM attempts") == (1, "in_doubt")
    go_on.set()
    await one.land()
    assert one.deliveries() == {("anna", "email"): ("sent", None)}
    assert one.row("SELECT attempt, outcome, code FROM attempts") == (1, "sent", 250)


async def test_a_worker_that_slept_through_its_lease_leaves_out_the_dot(
    setting: Setting, workers: Workers
):
    setting("WORKER_LEASE", "7.5")
    one, two = await workers(), await workers()
    go_on = asyncio.Event()

    async def wait(client: Client) -> bytes:
        await go_on.wait()
        return await MailServer.data(one.mail, client)

    await one.topic(channels=("email",), words="x")
    one.people("anna")
    one.emit()
    await one.plan()
    one.mail.data = wait
    await send.step(one.runtime, one.send_turns)
    await eventually(
        lambda: one.value("SELECT count(*) FROM queue WHERE begun_at IS NOT NULL") == 1
    )
    two.travel(seconds=61)
    await two.release()
    assert one.deliveries() == {("anna", "email"): ("in_doubt", "worker_lost")}
    await asyncio.sleep(2.7)  # past the moment at which it renews its lease
    go_on.set()
    await one.land()
    assert one.mail.kept == []
    assert one.mail.dots == 0
    assert one.deliveries() == {("anna", "email"): ("scheduled", None)}
    assert one.row("SELECT attempt, tries, crashes, doubts FROM queue") == (1, 0, 0, 0)
    assert one.row("SELECT attempt, outcome FROM attempts") == (1, "scheduled")


async def test_a_lease_lasts_as_long_as_an_answer_is_awaited(setting: Setting, workers: Workers):
    setting("WORKER_LEASE", "6")
    pipeline = await workers()
    go_on = asyncio.Event()

    async def wait(client: Client) -> bytes:
        await go_on.wait()
        return await MailServer.dot(pipeline.mail, client)

    await pipeline.topic(channels=("email",), words="x")
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.plan()
    pipeline.mail.dot = wait
    await send.step(pipeline.runtime, pipeline.send_turns)
    first = pipeline.value("SELECT lease_until FROM queue")
    await eventually(lambda: pipeline.value("SELECT lease_until FROM queue") > first)
    go_on.set()
    await pipeline.land()
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}


async def test_a_message_stopped_before_its_dot_goes_again(setting: Setting, workers: Workers):
    setting("WORKER_LEASE", "5.3")
    pipeline = await workers()
    go_on = asyncio.Event()

    async def wait(client: Client) -> bytes:
        await go_on.wait()
        return await MailServer.data(pipeline.mail, client)

    await pipeline.topic(channels=("email",), words="x")
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.plan()
    pipeline.mail.data = wait
    began = boottime()
    await send.step(pipeline.runtime, pipeline.send_turns)
    await eventually(lambda: boottime() > began + 0.4)
    go_on.set()
    await pipeline.land()
    assert pipeline.mail.dots == 0
    assert pipeline.row("SELECT state, attempt, tries, crashes, begun_at FROM queue") == (
        "scheduled", 1, 0, 0, None,
    )  # fmt: skip
    del pipeline.mail.__dict__["data"]
    pipeline.runtime.settings.worker_lease = 60
    await pipeline.send()
    assert len(pipeline.mail.kept) == 1


async def test_begin_marks_only_rows_that_are_ours_and_in_time(pipeline: Pipeline):
    await claimed(pipeline, "anna", "bo")
    token = pipeline.value("SELECT DISTINCT token FROM queue")
    now = pipeline.clock.now()
    pipeline.run_sql("UPDATE queue SET token = gen_random_uuid() WHERE recipient_id = 'bo'")
    rows = await locked(pipeline)
    async with pipeline.runtime.database.begin() as tx:
        ours = await tx.run(leases.begin(rows, token, now))
    assert ours == {pipeline.value("SELECT delivery_id FROM queue WHERE recipient_id = 'anna'")}
    async with pipeline.runtime.database.begin() as tx:
        late = await tx.run(leases.begin(rows, token, now + timedelta(seconds=61)))
    assert late == set()


async def locked(pipeline: Pipeline) -> list[dispatch.DueRow]:
    """The leased rows, as a release would see them."""
    async with pipeline.runtime.database.begin() as tx:
        later = pipeline.clock.now() + timedelta(days=1)
        lost = await tx.run(dispatch.lock_lost(100, EVERYWHERE, later))
    return [one.row for one in lost]


async def test_a_fresh_claim_fences_off_the_one_before(pipeline: Pipeline):
    await claimed(pipeline, "anna")
    before = pipeline.row("SELECT token, attempt FROM queue")
    pipeline.travel(seconds=61)
    await pipeline.release()
    pipeline.travel(seconds=5)
    await claim(pipeline)
    after = pipeline.row("SELECT token, attempt FROM queue")
    assert after[1] == before[1] + 1
    assert after[0] != before[0]
