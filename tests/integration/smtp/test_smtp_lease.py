"""The line of no return: no dot without the lease, none for a call that was given up."""

import asyncio

import pytest

from delivery.errors import (
    LeaseLostError,
)
from tests.mail_sender import (
    Lease,
    eventually,
    kinds,
    sending,
)
from tests.mail_servers import Client, MailServer


async def test_sends_no_dot_once_the_lease_is_lost():
    class Slow(MailServer):
        async def data(self, client: Client):
            await asyncio.sleep(0.1)
            return await super().data(client)

    async with Slow() as server, sending(server, "?connections=1") as post:
        # Asked when it leaves the queue, and right before the dot.
        with pytest.raises(LeaseLostError):
            await post.send("lost@x", lease=Lease(answers=1))
        await eventually(lambda: server.dropped == 1)
        assert server.dots == 0


async def test_the_message_behind_a_lost_lease_goes_over_another_connection():
    async with MailServer() as server, sending(server, "?connections=1") as post:
        first, second, third = await asyncio.gather(
            post.send("a@x"), post.send("lost@x", lease=Lease(answers=1)), post.send("c@x"),
            return_exceptions=True,
        )  # fmt: skip
        assert isinstance(second, LeaseLostError)
        assert not isinstance(first, BaseException)
        assert not isinstance(third, BaseException)
        assert [kept.recipient for kept in server.kept] == ["a@x", "c@x"]
        assert server.connections == 2


async def test_a_large_message_gets_no_dot_when_the_lease_ends_on_the_way():
    lease = Lease()

    class Slow(MailServer):
        async def _content(self, client: Client):
            await asyncio.sleep(0.2)
            lease.answers = 0
            await super()._content(client)

    payload = (b"x" * 78 + b"\r\n") * 200_000
    async with Slow(("PIPELINING",)) as server, sending(server) as post:
        with pytest.raises(LeaseLostError):
            await post.send(payload=payload, lease=lease)
        await eventually(lambda: server.dropped == 1)
        assert server.dots == 0


async def test_a_lease_lost_in_the_queue_costs_no_connection():
    async with MailServer() as server, sending(server, "?connections=1") as post:
        outcomes = await asyncio.gather(
            post.send("a@x"), post.send("b@x", lease=Lease(answers=0)), post.send("c@x"),
            return_exceptions=True,
        )  # fmt: skip
        assert kinds(outcomes) == {"Receipt": 2, "LeaseLostError": 1}
        assert server.connections == 1


async def test_a_cancelled_send_is_not_handed_over():
    class Slow(MailServer):
        async def data(self, client: Client):
            await asyncio.sleep(0.1)
            return await super().data(client)

    async with Slow() as server, sending(server, "?connections=1") as post:
        calls = [asyncio.create_task(post.send(f"{name}@x")) for name in "ab"]
        await eventually(lambda: server.verbs()["DATA"] == 1)
        calls[0].cancel()
        assert await calls[1]
        assert [kept.recipient for kept in server.kept] == ["b@x"]


async def test_closing_leaves_nobody_waiting():
    class Slow(MailServer):
        async def dot(self, client: Client):
            await asyncio.sleep(0.2 if client.recipient == "0" else 30)
            return await super().dot(client)

    async with Slow() as server, sending(server, "?connections=2") as post:
        calls = asyncio.create_task(post.outcomes(*map(str, range(10))))
        await eventually(lambda: server.dots == 2)
        await post.provider.close()
        outcomes = await calls
        assert kinds(outcomes) == {"Receipt": 1, "InDoubtError": 1, "LeaseLostError": 8}
        with pytest.raises(LeaseLostError):
            await post.send()
