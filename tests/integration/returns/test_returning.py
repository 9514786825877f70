"""What comes back by mail: from a real conversation to states, suppressions and choices."""

import asyncio
import json
from collections.abc import Callable
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from delivery.bounces.reading import read
from delivery.feedback import RESTS
from delivery.returns.meaning import _BOUNCES, _KINDS
from models.records import Bounce, Kind
from scheduler.folding import feedback
from tests.integration.feedback.test_feedback import fold, kept, sent, suppressed
from tests.integration.returns.conftest import DOMAIN, Post, content, envelope
from tests.integration.test_doubt import doubtful
from tests.mails import PERSON, VACATION, complaint, dsn
from tests.pipeline import Pipeline

SAMPLES = Path("/work/shared/data/bounces")
DELIVERED = dsn(action="delivered", status="2.0.0", diagnostic="250 ok")
LATE = dsn(action="delayed", status="4.4.7", diagnostic="still trying")


@pytest.fixture(autouse=True)
def _bounce_domain(setting: Callable[[str, str], None]) -> None:
    setting("BOUNCE_DOMAIN", DOMAIN)


def header(raw: bytes, name: str) -> str:
    (line,) = [
        line.decode() for line in raw.split(b"\r\n") if line.lower().startswith(name.encode())
    ]
    return line.partition(": ")[2]


def path_of(command: str) -> str:
    return command.partition("<")[2].partition(">")[0]


async def test_a_bounce_to_the_senders_address_lets_the_recipients_rest(
    pipeline: Pipeline, post: Post
):
    await sent(pipeline)
    (message,) = pipeline.mail.kept
    for _ in range(2):
        assert await post.send(dsn(), path_of(message.mail)) == 250
        await fold(pipeline)
    assert pipeline.deliveries() == {("anna", "email"): ("bounced", "address_refused")}
    assert pipeline.value("SELECT detail FROM deliveries") == (
        "550 5.1.1 <anna@example.com>: User unknown"
    )
    assert kept(pipeline) == ["bounced"]
    assert pipeline.row("SELECT vendor, detail -> 'raw' ->> 'mail' <> '' FROM feedback") == (
        "mail", True,
    )  # fmt: skip
    assert suppressed(pipeline) == [("anna@example.com", "*", "address_refused", False)]


async def test_in_any_order_it_comes_to_the_same(pipeline: Pipeline, post: Post):
    orders = list(permutations((LATE, DELIVERED, dsn())))
    people = tuple(f"p{number}" for number in range(len(orders)))
    await pipeline.topic(channels=("email",), words="x")
    pipeline.people(*people)
    pipeline.emit(recipients=people)
    await pipeline.plan()
    await pipeline.send()
    ids = dict(pipeline.rows("SELECT recipient_id, delivery_id FROM deliveries"))
    for turn in (0, 1, 2, 0, 1):
        await asyncio.gather(
            *(
                post.send(order[turn], post.bounces(ids[person]))
                for person, order in zip(people, orders, strict=True)
            )
        )
        await fold(pipeline)
    assert set(pipeline.deliveries().values()) == {("bounced", "address_refused")}
    assert kept(pipeline) == ["bounced"] * 6 + ["deferred"] * 6 + ["delivered"] * 6
    assert pipeline.value("SELECT count(*) FROM suppression_changes") == 6


async def test_what_is_in_doubt_is_settled_and_what_is_sent_by_nobody_is_not(
    pipeline: Pipeline, post: Post
):
    await doubtful(pipeline)
    delivery = pipeline.value("SELECT delivery_id FROM deliveries")
    for raw in (VACATION, LATE, PERSON):
        await post.send(raw, post.bounces(delivery))
    await fold(pipeline)
    assert pipeline.deliveries() == {("anna", "email"): ("in_doubt", "connection_lost")}
    await post.send(dsn(), post.bounces(delivery))
    await fold(pipeline)
    assert pipeline.deliveries() == {("anna", "email"): ("bounced", "address_refused")}
    assert [address for address, *_ in suppressed(pipeline)] == ["anna@example.com"]


async def test_a_bounce_that_is_faster_than_our_own_record_waits_for_it(
    pipeline: Pipeline, post: Post
):
    async def bounce_at_once(client: Any) -> bytes:
        assert await post.send(dsn(), path_of(client.mail)) == 250
        assert await feedback.step(pipeline.runtime) == 0
        return b"250 2.0.0 taken"

    await pipeline.topic(channels=("email",), words="x")
    pipeline.people("anna")
    pipeline.emit()
    await pipeline.plan()
    pipeline.mail.dot = bounce_at_once
    await pipeline.send()
    pipeline.travel(seconds=3)
    await fold(pipeline)
    assert pipeline.deliveries() == {("anna", "email"): ("bounced", "address_refused")}
    assert suppressed(pipeline) == [("anna@example.com", "*", "address_refused", False)]


async def test_forged_ids_match_nothing_and_a_genuine_return_path_does(
    pipeline: Pipeline, post: Post
):
    delivery = await sent(pipeline)
    forged = f"X-Tidings-Delivery: {delivery}\r\nMessage-ID: <{delivery}@example.com>"
    assert await post.send(complaint(forged), post.complaints) == 250
    await fold(pipeline)
    assert suppressed(pipeline) == []
    assert kept(pipeline) == []
    assert pipeline.column("SELECT kind FROM feedback_unmatched") == ["complained"]
    genuine = f"Return-Path: <{path_of(pipeline.mail.kept[0].mail)}>"
    assert await post.send(complaint(genuine), post.complaints) == 250
    await fold(pipeline)
    assert suppressed(pipeline) == [("anna@example.com", "*", "complaint", False)]
    assert pipeline.deliveries() == {("anna", "email"): ("sent", None)}


def choice(pipeline: Pipeline) -> list[tuple[Any, ...]]:
    return pipeline.rows("SELECT recipient_id, category, channel, allowed FROM preferences")


async def test_a_mail_to_the_address_in_the_header_opts_out_once(pipeline: Pipeline, post: Post):
    await sent(pipeline)
    written = header(pipeline.mail.kept[0].content, "list-unsubscribe: ")
    address = written.partition("<mailto:")[2].rstrip(">")
    assert address == post.optouts("anna", "news")
    assert written.count("http") == 1
    assert await post.send(VACATION, address, sender="anna@example.com") == 250
    assert await post.send(PERSON, address) == 250
    assert choice(pipeline) == []
    for _ in range(2):
        assert await post.send(PERSON, address.upper(), sender="anna@example.com") == 250
        assert choice(pipeline) == [("anna", "news", "email", False)]
    assert pipeline.row("SELECT via, changed_by LIKE 'mail %%' FROM preference_changes") == (
        "mail", True,
    )  # fmt: skip
    pipeline.run_sql("UPDATE preferences SET allowed = true")
    assert await post.send(PERSON, address, sender="anna@example.com") == 250
    assert choice(pipeline) == [("anna", "news", "email", True)], "she took it back since"
    assert await post.send(PERSON + b"again", address, sender="anna@example.com") == 250
    assert choice(pipeline) == [("anna", "news", "email", False)]
    await fold(pipeline)
    assert kept(pipeline) == []


@pytest.mark.parametrize(
    ("recipient", "category", "words"), [("bo", "news", False), ("anna", "gone", True)]
)
async def test_a_wish_that_finds_nobody_or_nothing_is_kept_but_no_words_of_the_erased(
    pipeline: Pipeline, post: Post, recipient: str, category: str, *, words: bool
):
    await pipeline.topic(channels=("email",), words="x")
    pipeline.people("anna")
    for _ in range(2):
        address = post.optouts(recipient, category)
        assert await post.send(PERSON, address, sender="bo@example.com") == 250
        await fold(pipeline)
    assert choice(pipeline) == []
    assert pipeline.rows("SELECT kind, detail::text LIKE '%%please%%' FROM feedback_unmatched") == [
        ("unsubscribed", words)
    ]


def said(name: str, to: str) -> bytes:
    """What a mail server says to hand over a sample."""
    lines = (SAMPLES / name).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return envelope(to) + content(lines)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not here")
async def test_real_ones_are_folded_as_the_table_says(pipeline: Pipeline, post: Post):
    names = sorted(json.loads((SAMPLES / "expected.json").read_text()))
    await pipeline.topic(channels=("email",), words="x")
    people = {name: f"p{number}" for number, name in enumerate(names)}
    pipeline.people(*people.values())
    pipeline.emit(recipients=tuple(people.values()))
    await pipeline.plan()
    while await pipeline.send():
        pass
    ids: dict[str, UUID] = dict(pipeline.rows("SELECT recipient_id, delivery_id FROM deliveries"))
    await post.say(*(said(name, post.bounces(ids[people[name]])) for name in names), b"QUIT\r\n")
    await fold(pipeline)
    told = pipeline.deliveries()
    resting = {address for address, *_ in suppressed(pipeline)}
    for name in names:
        reports = read((SAMPLES / name).read_bytes()).reports
        kinds = {_KINDS[report.kind] for report in reports}
        why = {_BOUNCES.get(report.reason, Bounce.UNKNOWN) for report in reports}
        state, _ = told[people[name], "email"]
        expected = "bounced" if Kind.BOUNCED in kinds else "sent"
        assert state == ("delivered" if kinds == {Kind.DELIVERED} else expected), name
        rests = Kind.COMPLAINED in kinds or (Kind.BOUNCED in kinds and bool(why & set(RESTS)))
        assert (f"{people[name]}@example.com" in resting) == rests, name
    assert len(names) == 100, "two of them are ordinary mails"
