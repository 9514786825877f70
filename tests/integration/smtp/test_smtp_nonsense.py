"""Servers that talk nonsense, or not at all, or are not there."""

import asyncio
import time

import pytest

from delivery.errors import (
    UnavailableError,
)
from tests.mail_sender import (
    kinds,
    sending,
    sending_to,
)
from tests.mail_servers import GO_AHEAD, Client, MailServer


@pytest.mark.parametrize("verb", ["greet", "ehlo", "mail", "rcpt", "data"])
async def test_garbage_before_the_dot_is_unavailable(verb: str):
    server = MailServer()

    async def babble(client: Client):
        await client.say(b"\x16\x03\x01 HTTP/1.1 what")

    setattr(server, verb, babble)
    async with server, sending(server) as post:
        with pytest.raises(UnavailableError):
            await post.send()


async def test_garbage_after_the_dot_is_in_doubt_and_the_next_message_moves():
    class Babbling(MailServer):
        async def dot(self, client: Client):
            return b"20x Ok" if client.number == 1 else await super().dot(client)

    async with Babbling() as server, sending(server, "?connections=1") as post:
        outcomes = await post.outcomes("a@x", "b@x", "c@x")
        assert kinds(outcomes) == {"InDoubtError": 1, "Receipt": 2}
        assert server.connections == 2


@pytest.mark.parametrize("verb", ["greet", "ehlo", "mail", "rcpt", "data"])
async def test_silence_before_the_dot_is_unavailable_in_time(verb: str):
    server = MailServer()

    async def sleep(_: Client):
        await asyncio.sleep(30)

    setattr(server, verb, sleep)
    async with server, sending(server) as post:
        started = time.monotonic()
        with pytest.raises(UnavailableError):
            await post.send()
        assert time.monotonic() - started < 2


async def test_a_slow_banner_is_waited_for():
    class Sleepy(MailServer):
        async def greet(self, client: Client):
            await asyncio.sleep(0.3)
            await super().greet(client)

    async with Sleepy() as server, sending(server) as post:
        assert await post.send()


async def test_a_server_that_stops_reading_gets_no_dot():
    class Stuck(MailServer):
        async def data(self, client: Client):
            await client.say(GO_AHEAD)
            await asyncio.sleep(30)

    payload = b"x" * 78 + b"\r\n"
    async with Stuck(("PIPELINING",)) as server, sending(server) as post:
        with pytest.raises(UnavailableError):
            await post.send(payload=payload * 200_000)


async def test_nobody_at_the_port_is_unavailable():
    async with MailServer() as server:
        port = server.port
    async with sending_to(f"smtp://127.0.0.1:{port}") as post:
        outcomes = await post.outcomes(*map(str, range(30)))
        assert kinds(outcomes) == {"UnavailableError": 30}
        assert len({id(outcome) for outcome in outcomes}) == 30
