"""What a server refuses is refused for that message alone."""

from itertools import count

import pytest

from delivery.errors import (
    ContentRefused,
)
from tests.mail_sender import kinds, sending
from tests.mail_servers import Client, MailServer


@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)])
@pytest.mark.parametrize("verb", ["mail", "rcpt", "data", "dot"])
async def test_a_refusal_is_that_messages_own_whichever_command_it_answers(
    verb: str, extensions: tuple[str, ...]
):
    server = MailServer(extensions)
    usual, asked_so_far = getattr(server, verb), count()

    async def refuse_every_other(client: Client):
        bad = next(asked_so_far) % 2 == 0
        return b"554 5.6.0 no" if bad else await usual(client)

    setattr(server, verb, refuse_every_other)
    async with server, sending(server, "?connections=1") as post:
        outcomes = await post.outcomes("bad@x", "good@x", "bad@x", "good@x")
        assert [type(outcome).__name__ for outcome in outcomes] == ["ContentRefused", "Receipt"] * 2
        assert [kept.recipient for kept in server.kept] == ["good@x"] * 2
        assert server.connections == 1


async def test_an_empty_message_ends_data_that_was_taken_for_nobody():
    class Eager(MailServer):
        async def rcpt(self, client: Client):
            await super().rcpt(client)
            return b"550 5.1.1 no" if "bad" in client.line else b"250 ok"

        async def dot(self, client: Client):
            if client.content == b"":
                return b"554 no valid recipients"
            return await super().dot(client)

    async with Eager() as server, sending(server, "?connections=1") as post:
        outcomes = await post.outcomes("good1@x", "bad@x", "good2@x")
        assert kinds(outcomes) == {"Receipt": 2, "AddressRefused": 1}
        assert [kept.recipient for kept in server.kept] == ["good1@x", "good2@x"]
        assert server.dots == 3


async def test_refuses_what_the_server_said_it_cannot_take_without_asking_it():
    async with MailServer(("SIZE 100",)) as server, sending(server) as post:
        with pytest.raises(ContentRefused, match="at most 100"):
            await post.send(payload=b"x" * 200 + b"\r\n")
        with pytest.raises(ContentRefused, match="SMTPUTF8"):
            await post.send("änna@x.test")
        assert server.verbs()["MAIL"] == 0
        assert await post.send()


async def test_refuses_an_address_or_payload_that_would_smuggle():
    async with MailServer() as server, sending(server) as post:
        with pytest.raises(ContentRefused):
            await post.send("a@x>\r\nRCPT TO:<evil@x")
        with pytest.raises(ContentRefused):
            await post.send(payload=b"a\n.\nMAIL FROM:<evil@x>\r\n")
        assert server.connections == 0
