"""What somebody chose by the links of a mail, while the next mail to them is being decided."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes, policy

import psycopg
import pytest

from delivery.links import Kind, Link, LinkKeys, Permit, sign, sign_permit
from models.queries.people import preferences
from models.queries.sending import ledgers
from models.records import Author, Choice, Class, Via
from tests.edge import Edge, edge_on
from tests.integration.api.test_api_preference_page import END, fields_in, paused, post, without
from tests.integration.api.test_api_unsubscribe import ONE_CLICK
from tests.pipeline import SECRET, Pipeline

TOKEN = sign(Kind.UNSUBSCRIBE, Link("anna", "news", "email"), LinkKeys.derive(SECRET.encode()))
OFF = Choice("anna", "news", "email", allowed=False)


@pytest.fixture
async def edge(database_url: str) -> AsyncIterator[Edge]:
    async with edge_on(database_url, key=SECRET.encode()) as edge:
        yield edge


async def mail_to_anna(pipeline: Pipeline, words: str = "news") -> None:
    """One that waits for the gate."""
    await pipeline.topic(channels=("email",), klass=Class.PROMOTIONAL, words=words)
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.plan()


def ends(pipeline: Pipeline) -> list[tuple[str, str | None]]:
    return pipeline.rows("SELECT state, reason FROM v_deliveries ORDER BY created_at")


def links_in(content: bytes) -> tuple[str, str]:
    """The paths a mail leads to."""
    mail = message_from_bytes(content, policy=policy.default)
    body = mail.get_body(("plain",))
    assert body is not None
    [page] = re.findall(r"http://localhost:8080(/p/\S+)", body.get_content())
    [off] = re.findall(r"<http://localhost:8080(/u/[^>]+)>", mail["List-Unsubscribe"])
    return page, off


async def test_the_links_of_a_real_mail_stop_the_next_one_and_let_one_go_again(
    pipeline: Pipeline, edge: Edge
):
    await mail_to_anna(pipeline, "{{ links.preferences }}")
    await pipeline.send()
    page, off = links_in(pipeline.mail.kept[0].content)
    assert page in (await edge.http.post(off, data=ONE_CLICK)).text, "one leads to the other"
    pipeline.emit()
    await pipeline.run()
    shown = fields_in((await edge.http.get(page)).text)
    assert ("on", "email news") not in shown
    await post(edge, paused([*shown, ("on", "email news")], "mute"), page)
    pipeline.emit()
    await pipeline.run()
    shown = fields_in((await edge.http.get(page)).text)
    await post(edge, paused(shown, "none"), page)
    pipeline.emit()
    await pipeline.run()
    shown = fields_in((await edge.http.get(page)).text)
    await post(edge, without(shown, "email *"), page)
    pipeline.emit()
    await pipeline.run()
    assert ends(pipeline) == [
        ("sent", None),
        ("skipped", "opted_out"),
        ("skipped", "muted"),
        ("sent", None),
        ("skipped", "muted"),
    ]
    assert pipeline.column("SELECT via FROM preference_changes ORDER BY at") == [
        "link", *["preference_centre"] * 4
    ]  # fmt: skip


async def test_what_a_pause_held_goes_at_once_when_it_is_ended(pipeline: Pipeline, edge: Edge):
    page = f"/p/{sign_permit(Permit('anna', END), LinkKeys.derive(SECRET.encode()))}"
    week = (pipeline.clock.now() + timedelta(days=7)).isoformat()
    await post(edge, [("pause", week)], page)
    await mail_to_anna(pipeline)
    await pipeline.send()
    assert pipeline.value("SELECT held_for FROM queue") == "snoozed"
    for _ in range(2):
        await post(edge, [("pause_was", week), ("pause", "none")], page)
    await pipeline.send()
    assert ends(pipeline) == [("sent", None)]


async def waiting(pipeline: Pipeline, number: int) -> None:
    """Until so many of our statements wait for a lock."""
    while len(pipeline.rows("SELECT 1 FROM pg_locks WHERE NOT granted")) < number:  # noqa: ASYNC110
        await asyncio.sleep(0.01)


async def test_a_mail_is_passed_over_while_a_choice_is_being_kept_and_stopped_by_it(
    pipeline: Pipeline,
):
    await mail_to_anna(pipeline)
    database, now = pipeline.runtime.database, pipeline.clock.now()
    await database.run(ledgers.make_ledgers(["anna"]))
    async with database.begin() as tx:
        await tx.follow(preferences.choose([OFF], Author("one-click", Via.LINK), now))
        await pipeline.send()
        assert ends(pipeline) == [("scheduled", None)]
    await pipeline.send()
    assert ends(pipeline) == [("skipped", "opted_out")]


async def test_the_first_choice_of_somebody_never_written_to_stops_a_gate_that_began_before(
    pipeline: Pipeline,
):
    await mail_to_anna(pipeline)
    database, now = pipeline.runtime.database, pipeline.clock.now()
    async with database.begin() as tx:
        await tx.follow(preferences.choose([OFF], Author("one-click", Via.LINK), now))
        gate = asyncio.create_task(pipeline.send())
        await waiting(pipeline, 1)
    await gate
    await pipeline.send()
    assert ends(pipeline) == [("skipped", "opted_out")]
    assert pipeline.mail.kept == []


async def test_a_choice_waits_for_the_gate_that_decides_just_then_and_counts_when_it_answers(
    pipeline: Pipeline, edge: Edge
):
    await mail_to_anna(pipeline)
    with psycopg.connect(pipeline.url) as slow:
        slow.execute("LOCK TABLE preferences")
        gate = asyncio.create_task(pipeline.send())
        await waiting(pipeline, 1)
        choosing = asyncio.create_task(edge.http.post(f"/u/{TOKEN}", data=ONE_CLICK))
        await waiting(pipeline, 2)
        assert not choosing.done()
    await gate
    assert (await choosing).status_code == 200
    pipeline.emit()
    await pipeline.plan()
    await pipeline.send()
    assert ends(pipeline) == [("sent", None), ("skipped", "opted_out")]
