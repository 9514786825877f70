"""What the SMTP provider delivers: once, intact, each message with its own outcome."""

import asyncio

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from delivery.errors import (
    AddressRefused,
    ContentRefused,
    TransientError,
)
from tests.mail_sender import (
    eventually,
    kinds,
    numbered,
    sending,
    sending_to,
)
from tests.mail_servers import Client, MailServer


@pytest.mark.parametrize("extensions", [("8BITMIME",), ("8BITMIME", "PIPELINING")])
async def test_delivers_500_messages_once_intact_and_each_with_its_own_outcome(
    extensions: tuple[str, ...],
):
    class Mixed(MailServer):
        async def rcpt(self, client: Client):
            if "refused" in client.line:
                return b"550 5.1.1 no such user " + client.line.encode()
            return await super().rcpt(client)

        async def dot(self, client: Client):
            if "spam" in client.recipient:
                return b"550 5.7.1 spam " + client.recipient.encode()
            if "later" in client.recipient:
                return b"451 4.3.0 later " + client.recipient.encode()
            return b"250 2.0.0 took " + client.recipient.encode()

    words = ["fine", "refused", "fine", "spam", "later", "fine"]
    payloads = {
        f"{words[number % 6]}{number}@x.test": (
            b"Subject: %d\r\n\r\n.\r\n..two\r\n.dot %d\r\n\r\n%b\r\n.\r\nend\r\n"
            % (number, number, b"." * (number % 90))
        )
        for number in range(500)
    }
    async with Mixed(extensions) as server, sending(server, "?messages=20") as post:
        outcomes = await asyncio.gather(
            *(post.send(to, payload) for to, payload in payloads.items()), return_exceptions=True
        )
        for to, outcome in zip(payloads, outcomes, strict=True):
            reply = outcome.reply
            assert to in reply.text, "an outcome that belongs to another message"
            assert isinstance(outcome, AddressRefused) == to.startswith("refused")
            assert isinstance(outcome, ContentRefused) == to.startswith("spam")
            assert isinstance(outcome, TransientError) == to.startswith("later")
        expected = {to: payload for to, payload in payloads.items() if to.startswith("fine")}
        assert {kept.recipient: kept.content for kept in server.kept} == expected
        assert len(server.kept) == len(expected)
        assert server.connections >= 25


async def test_takes_one_round_trip_a_message_when_the_server_pipelines():
    class Distant(MailServer):
        async def dot(self, client: Client):
            await asyncio.sleep(0.05)
            assert b"MAIL FROM" in client.reader._buffer, "the next envelope is not here yet"
            return await super().dot(client)

    async with Distant() as server, sending(server, "?connections=1") as post:
        first = asyncio.create_task(post.outcomes("a@x", "b@x", "c@x"))
        await eventually(lambda: server.dots == 2)
        Distant.dot = MailServer.dot
        assert kinds(await first) == {"Receipt": 3}
        assert server.connections == 1


async def test_reuses_its_connection_and_opens_no_more_than_it_may():
    async with MailServer() as server, sending(server, "?connections=2") as post:
        for _ in range(5):
            await post.send()
        assert server.connections == 1
        await post.outcomes(*numbered(50))
        assert server.connections == 2
        assert server.verbs()["EHLO"] == 2


async def test_changes_the_connection_after_its_share_of_messages():
    async with MailServer() as server, sending(server, "?connections=1&messages=3") as post:
        assert kinds(await post.outcomes(*numbered(10))) == {"Receipt": 10}
        await eventually(lambda: server.verbs()["QUIT"] == 3)
        assert server.connections == 4


async def test_says_goodbye_when_idle_and_when_closed():
    async with MailServer() as server:
        async with sending(server) as post:
            await post.send()
            await eventually(lambda: server.verbs()["QUIT"] == 1)
            await post.send()
            assert server.connections == 2
        assert server.verbs()["QUIT"] == 2
        assert server.dropped == 0


async def test_hands_a_large_message_over_block_by_block():
    payload = b"Subject: large\r\n\r\n" + b"".join(b".%099d\r\n" % n for n in range(30_000))
    async with MailServer(("PIPELINING",)) as server, sending(server) as post:
        await asyncio.gather(*(post.send(payload=payload) for _ in range(3)))
        assert [kept.content for kept in server.kept] == [payload] * 3


async def test_delivers_to_another_implementation_in_lock_step():
    kept = []

    class Taking:
        async def handle_DATA(  # noqa: N802
            self, _: SMTP, __: Session, envelope: Envelope
        ):
            kept.append((envelope.rcpt_tos, envelope.content, envelope.mail_options))
            return "250 2.0.0 taken"

    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Taking(), enable_SMTPUTF8=True, hostname="x"), "127.0.0.1", 0
    )
    port = server.sockets[0].getsockname()[1]
    async with sending_to(f"smtp://127.0.0.1:{port}") as post:
        payloads = ["Subject: ü\r\n\r\n.dot ü %d\r\n".encode() % number for number in range(20)]
        sends = (post.send("änna@x.test", payload, utf8=True) for payload in payloads)
        await asyncio.gather(*sends)
    assert sorted(content for _, content, _ in kept) == sorted(payloads)
    assert kept[0][0] == ["änna@x.test"]
    assert "BODY=8BITMIME" in kept[0][2]
    assert "SMTPUTF8" in kept[0][2]
    server.close()


async def test_converts_for_a_server_without_8bitmime():
    payload = (
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n\r\nViele liebe Grüße an alle\r\n"
    ).encode()
    async with MailServer(()) as server, sending(server) as post:
        await post.send(payload=payload)
        assert b"Viele liebe Gr=C3=BC=C3=9Fe an alle\r\n" in server.kept[0].content
        assert "BODY" not in server.kept[0].mail
        with pytest.raises(ContentRefused, match="signed"):
            await post.send(payload=b"DKIM-Signature: x\r\n" + payload)


async def test_greets_a_server_that_only_knows_helo():
    class Old(MailServer):
        async def ehlo(self, _: Client):
            return b"502 what?"

        async def helo(self, _: Client):
            return b"250 hello"

    async with Old() as server, sending(server) as post:
        await post.send()
        assert server.lines[:2] == ["EHLO [127.0.0.1]", "HELO [127.0.0.1]"]
