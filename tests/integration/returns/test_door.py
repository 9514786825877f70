"""The door for returned mail: lets in what is genuine, keeps it before it says so, fears nobody."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from delivery.returns.addresses import ReturnKeys, bounces_to
from models.ids import delivery_id
from models.query import rows, sql
from tests.integration.returns.conftest import DOMAIN, Doors, Post, codes, content, envelope
from tests.mails import PERSON, dsn
from tests.postgres_judges import Cut, Moment, Seen, Verdict, leave_alone
from tests.postgres_proxy import Proxy

ID = delivery_id(UUID("000100ac-0000-8000-8000-000000000000"), "anna", "email", "email")
ELSE = delivery_id(UUID("000100ac-0000-8000-8000-000000000000"), "bo", "email", "email")
NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"
OTHER = ReturnKeys.of(b"another one, of as many characters")


@pytest.fixture
def nowhere(tmp_path: Path) -> Doors:
    return Doors(NOWHERE, tmp_path)


@pytest.fixture
async def shut(nowhere: Doors) -> AsyncIterator[Post]:
    """Doors of a desk that has no database: for what is refused before one is asked."""
    async with nowhere.open() as post:
        yield post


async def waiting(post: Post) -> list[Any]:
    """(delivery, kind) of what waits to be folded."""
    async with post.desk.database.begin() as tx:
        found = await tx.run(sql("SELECT delivery_id, kind FROM feedback_waiting ORDER BY 1", rows))
    return [tuple(row) for row in found]


async def test_a_bounce_is_kept_before_it_is_taken(post: Post):
    assert await post.send(dsn(), post.bounces(ID)) == 250
    assert await waiting(post) == [(ID, "bounced")]


async def test_the_same_mail_again_changes_nothing(post: Post):
    for sender in ("", "", "mailer-daemon@mx.example.com"):
        assert await post.send(dsn(), post.bounces(ID).upper(), sender=sender) == 250
    assert await waiting(post) == [(ID, "bounced")]
    assert await post.send(dsn(status="4.4.1"), post.bounces(ID)) == 250
    assert len(await waiting(post)) == 2


@pytest.mark.parametrize(
    "address",
    [
        f"{bounces_to(ID, OTHER)}@{DOMAIN}",
        f"b+{ID.hex}.{'0' * 20}@{DOMAIN}",
        f"b+{ID.hex}@{DOMAIN}",
        f"anna@{DOMAIN}",
        "postmaster@elsewhere.example",
        "anna@example.com",
        f"@relay.example:anna@{DOMAIN}",
        "anna%example.com@" + DOMAIN,
        "no address",
        '"a b"@' + DOMAIN,
        "\u00fc@" + DOMAIN,
    ],
)
async def test_nothing_is_relayed_and_nothing_forged_is_let_in(shut: Post, address: str):
    answers = await shut.say(envelope(address), b"QUIT\r\n")
    assert codes(answers)[-3] in {550, 501}
    assert codes(answers)[-2:] == [503, 221]


async def test_older_keys_are_honoured(doors: Doors):
    async with doors.open() as post:
        address = post.bounces(ID)
    doors.secrets = (b"a newer secret, of as many characters", *doors.secrets)
    async with doors.open() as post:
        assert post.bounces(ID) != address
        assert await post.send(dsn(), address) == 250


async def test_of_several_recipients_the_genuine_ones_count(post: Post):
    forged = f"{bounces_to(ID, OTHER)}@{DOMAIN}"
    answers = await post.say(
        envelope(forged, post.bounces(ID), post.bounces(ID)), content(dsn()), b"QUIT\r\n"
    )
    assert codes(answers) == [220, 250, 250, 550, 250, 250, 354, 250, 221]
    assert await waiting(post) == [(ID, "bounced")]


async def test_lmtp_answers_once_for_each_recipient(post: Post):
    to = (post.bounces(ID), post.complaints)
    hello = envelope(*to, hello="LHLO mx.example.com")
    answers = await post.say(hello, content(dsn()), b"QUIT\r\n", lmtp=True)
    assert codes(answers) == [220, 250, 250, 250, 250, 354, 250, 250, 221]
    answers = await post.say(b"EHLO x\r\nHELO x\r\nLHLO x\r\nQUIT\r\n", lmtp=True)
    assert codes(answers) == [220, 502, 502, 250, 221]


async def test_words_may_come_in_any_pieces(post: Post):
    for cut in (1, 7, 100):
        reader, writer = await post.connect()
        mail = content(b"Subject: %d\r\n\r\n.dot\r\n" % cut)
        said = envelope(post.bounces(ID)) + mail + b"QUIT\r\n"
        for start in range(0, len(said), cut):
            writer.write(said[start : start + cut])
            await writer.drain()
            await asyncio.sleep(0)
        answers = await asyncio.wait_for(reader.read(), 10)
        assert codes(answers) == [220, 250, 250, 250, 354, 250, 221]
        writer.close()
    assert len(await waiting(post)) == 3


async def test_what_is_said_behind_a_content_waits_for_its_answer(post: Post):
    one = envelope(post.bounces(ID)) + content(dsn())
    two = envelope(post.complaints) + content(PERSON)
    answers = await post.say(one, two, b"NOOP\r\nQUIT\r\n")
    assert codes(answers) == [220, *[250, 250, 250, 354, 250] * 2, 250, 221]
    assert len(await waiting(post)) == 2


async def test_lets_nobody_smuggle_a_second_mail(post: Post):
    smuggled = envelope(post.complaints) + content(PERSON)
    for end in (b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r\r\n"):
        answers = await post.say(envelope(post.bounces(ID)), b"a", end, smuggled, b"QUIT\r\n")
        assert codes(answers)[-2:] == [250, 221]
    assert await waiting(post) == [(ID, "unknown")] * 5


async def test_tells_what_it_takes_and_how_much(shut: Post):
    answers = await shut.say(b"EHLO x\r\nQUIT\r\n")
    for offered in (b"PIPELINING", b"8BITMIME", b"SMTPUTF8", b"SIZE 26214400"):
        assert offered in answers
    assert b"STARTTLS" not in answers
    large = f"MAIL FROM:<> SIZE=99999999\r\nRCPT TO:<{shut.bounces(ID)}>\r\nQUIT\r\n".encode()
    assert codes(await shut.say(b"EHLO x\r\n", large))[2:] == [552, 503, 221]


async def test_a_mail_that_is_too_large_is_refused_and_a_long_one_is_read_at_its_beginning(
    doors: Doors,
):
    async with doors.open(size=2_000_000) as post:
        assert await post.send(dsn() + b"x" * 1_900_000, post.bounces(ID)) == 250
        assert await waiting(post) == [(ID, "bounced")]
        assert await post.send(dsn() + b"y" * 2_000_000, post.bounces(ID)) == 552
        answers = await post.say(envelope(post.bounces(ID)), b"z" * 2_005_000)
        assert codes(answers)[-1] == 552
        assert len(await waiting(post)) == 1


SLOW = (b"EHLO a-very-slow-client", b"half a mail")


async def test_who_is_slow_is_sent_away(nowhere: Doors):
    async with nowhere.open(NOWHERE, patience=0.2, content=0.2) as post:
        assert codes(await post.say(SLOW[0]))[-1] == 421
        assert codes(await post.say(envelope(post.bounces(ID)), SLOW[1]))[-1] == 421


async def test_trickling_does_not_help_him(nowhere: Doors):
    async with nowhere.open(NOWHERE, patience=0.2, content=0.2) as post:
        for start in (SLOW[0], envelope(post.bounces(ID)) + SLOW[1]):
            reader, writer = await post.connect()
            writer.write(start)
            gone = asyncio.create_task(reader.read())
            async with asyncio.timeout(20):
                while not gone.done():  # were he waited for, he would be here for ever
                    writer.write(b"x")
                    await asyncio.wait([gone], timeout=0.03)
            assert gone.exception() is None or isinstance(gone.exception(), OSError)
            writer.close()


async def test_limits_of_a_session(nowhere: Doors):
    async with nowhere.open(commands=10, mistakes=3, recipients=2) as post:
        answers = codes(await post.say(b"NOOP\r\n" * 50))
        assert answers == [220, *[250] * 11, 421]
        assert codes(await post.say(b"\xff\xfe\x00\r\n" * 50)) == [220, *[502] * 4, 421]
        many = envelope(*[post.bounces(ID)] * 3) + content(dsn()) + b"QUIT\r\n"
        assert codes(await post.say(many))[3:] == [250, 250, 452, 354, 451, 221]
        assert codes(await post.say(b"x" * 5000)) == [220, 500]


async def test_too_many_sessions_are_told_to_come_back(nowhere: Doors):
    async with nowhere.open(sessions=2) as post:
        kept = [await post.connect() for _ in range(2)]
        for reader, _ in kept:
            await reader.readline()
        assert codes(await post.say()) == [421]
        kept[0][1].close()
        await kept[0][1].wait_closed()
        assert codes(await post.say(b"QUIT\r\n")) == [220, 221]
        kept[1][1].close()


async def test_who_hangs_up_before_the_dot_was_never_here(post: Post):
    _, writer = await post.connect()
    writer.write(envelope(post.bounces(ID)) + dsn())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await waiting(post) == []


async def test_while_the_database_is_away_its_sender_keeps_it(doors: Doors, proxy: Proxy):
    async with doors.open(proxy.url) as post:
        assert await post.send(dsn(), post.bounces(ID)) == 250
        proxy.close()
        answers = await post.say(
            envelope(post.bounces(ID)), content(dsn(status="4.4.1")), b"NOOP\r\nQUIT\r\n"
        )
        assert codes(answers)[-3:] == [451, 250, 221]
        await proxy.open()
        assert len(await waiting(post)) == 1
        for _ in range(2):
            assert await post.send(dsn(status="4.4.1"), post.bounces(ID)) == 250
        assert len(await waiting(post)) == 2


async def lose_commits(seen: Seen) -> Verdict:
    return Cut() if seen.moment is Moment.ANSWERED and seen.text == "COMMIT" else None


async def test_when_the_answer_to_the_commit_is_lost_it_comes_again_and_counts_once(
    doors: Doors, proxy: Proxy
):
    async with doors.open(proxy.url) as post:
        await post.desk.database.tell_time()
        proxy.judge = lose_commits
        assert await post.send(dsn(), post.bounces(ID)) == 451
        proxy.judge = leave_alone
        assert await post.send(dsn(), post.bounces(ID)) == 250
        assert await waiting(post) == [(ID, "bounced")]


async def test_of_one_delivery_so_much_is_kept_and_no_more(post: Post):
    mails = [content(dsn(diagnostic=f"550 5.1.1 no {number}")) for number in range(60)]
    await post.say(*(envelope(post.bounces(ID)) + mail for mail in mails), b"QUIT\r\n")
    assert len(await waiting(post)) == 50
    assert await post.send(dsn(), post.bounces(ELSE)) == 250
    assert len(await waiting(post)) == 51
