"""Servers that leave: before the dot nothing happened, after it nobody can know."""

import asyncio
import time
from collections import Counter

import pytest

from delivery.errors import (
    InDoubtError,
    ProviderError,
    ThrottledError,
    UnavailableError,
)
from models.reasons import Failure
from tests.mail_sender import (
    kinds,
    numbered,
    sending,
)
from tests.mail_servers import Client, Hangup, MailServer


@pytest.mark.parametrize("verb", ["mail", "rcpt", "data"])
async def test_a_connection_lost_before_the_dot_is_unavailable_not_in_doubt(verb: str):
    server = MailServer()

    async def leave(_: Client):
        raise Hangup

    setattr(server, verb, leave)
    async with server, sending(server) as post:
        with pytest.raises(UnavailableError):
            await post.send()
        assert server.connections == 1


async def test_a_connection_lost_after_the_dot_is_in_doubt_and_never_sent_again():
    class Dying(MailServer):
        async def dot(self, client: Client):
            self.keep(client)
            raise Hangup

    async with Dying() as server, sending(server, "?connections=1") as post:
        outcomes = await post.outcomes(*numbered(20))
        assert kinds(outcomes) == {"InDoubtError": 20}
        assert {outcome.reason for outcome in outcomes} == {Failure.CONNECTION_LOST}
        assert Counter(kept.recipient for kept in server.kept) == Counter(numbered(20))
        assert server.connections == 20


async def test_no_answer_to_the_dot_in_time_is_in_doubt():
    class Thoughtful(MailServer):
        async def dot(self, client: Client):
            await asyncio.sleep(0.4)
            return await super().dot(client)

    async with Thoughtful() as server, sending(server, "?connections=1") as post:
        started = time.monotonic()
        with pytest.raises(InDoubtError) as caught:
            await post.send(within=0.1)
        assert caught.value.reason is Failure.NO_ANSWER
        assert time.monotonic() - started < 0.35
        assert await post.send(within=5)


async def test_the_wait_for_the_dot_is_the_messages_own_not_the_commands():
    class Thoughtful(MailServer):
        async def dot(self, client: Client):
            await asyncio.sleep(0.8)  # longer than any command may take
            return await super().dot(client)

    async with Thoughtful() as server, sending(server) as post:
        assert await post.send(within=5)


async def test_an_idle_connection_that_was_lost_is_replaced_without_a_word():
    class Restless(MailServer):
        async def mail(self, client: Client):
            if client.transactions:
                raise Hangup
            return await super().mail(client)

    async with Restless() as server, sending(server, "?connections=1") as post:
        for _ in range(5):
            await post.send()
        assert kinds(await post.outcomes(*"abcdef")) == {"Receipt": 6}
        assert len(server.kept) == 11


async def test_a_reused_connection_is_excused_only_once():
    class Tired(MailServer):
        async def mail(self, client: Client):
            if self.dots:
                raise Hangup
            return await super().mail(client)

    async with Tired() as server, sending(server) as post:
        await post.send()
        with pytest.raises(UnavailableError):
            await post.send()
        assert server.connections == 2


async def test_421_in_mid_session_moves_what_was_not_handed_over():
    class Closing(MailServer):
        async def dot(self, client: Client):
            if client.transactions == 3:
                await client.say(b"421 4.3.2 restarting")
                raise Hangup
            return await super().dot(client)

    async with Closing() as server, sending(server, "?connections=1") as post:
        outcomes = await post.outcomes(*numbered(9))
        assert kinds(outcomes) == {"Receipt": 6, "UnavailableError": 3}
        assert all(o.reply.code == 421 for o in outcomes if isinstance(o, ProviderError))
        assert len({kept.recipient for kept in server.kept}) == len(server.kept) == 6


async def test_421_asking_to_slow_down_is_throttling():
    class Annoyed(MailServer):
        async def greet(self, client: Client):
            await client.say(b"421-4.7.0 slow\r\n421 4.7.0 down")

    async with Annoyed() as server, sending(server) as post:
        with pytest.raises(ThrottledError) as caught:
            await post.send()
        assert caught.value.reply.text == "slow down"


async def test_a_server_that_takes_few_connections_gets_few():
    class Small(MailServer):
        async def greet(self, client: Client):
            if len(self._sessions) > 2:
                await client.say(b"421 4.3.2 too many connections")
                raise Hangup
            await super().greet(client)

    async with Small() as server, sending(server) as post:
        assert kinds(await post.outcomes(*map(str, range(100)))) == {"Receipt": 100}
        assert server.connections < 20
