"""What every provider keeps to, whatever its server does."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from delivery.errors import ProviderError, TransientError
from delivery.messages import Message, Receipt
from delivery.ports import Handover, Provider
from delivery.registry import all_channels, all_providers
from models.records import Account
from tests.mail_sender import BODY, Lease
from tests.mail_servers import MailServer
from tests.values import make_due

PROVIDERS = sorted(all_providers())


class Server:
    """Where a provider under test sends to: one that takes everything and one that is not there.

    A new provider adds a branch: how its account's URL names a server on this machine.
    """

    def __init__(self, key: str, mail: MailServer) -> None:
        assert key == "smtp", f"say how provider {key} reaches a server on this machine"
        self.mail = mail
        self.url = f"smtp://127.0.0.1:{mail.port}?tls=none"
        self.nowhere = "smtp://127.0.0.1:9?tls=none"

    @property
    def taken(self) -> list[bytes]:
        return [kept.content for kept in self.mail.kept]


@pytest.fixture(params=PROVIDERS)
def key(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
async def provider(key: str) -> AsyncIterator[Provider]:
    made = all_providers()[key]
    yield made
    await made.close()


@pytest.fixture
async def server(key: str) -> AsyncIterator[Server]:
    async with MailServer() as mail:
        yield Server(key, mail)


def handover(lease: Lease | None = None) -> Handover:
    message = Message(make_due().delivery_id, "anna@example.com", "b+1@example.com", BODY)
    return Handover(message, lease or Lease(), 5.0)


def account(key: str, url: str) -> Account:
    return Account("main", key, "email", url)


def test_carries_channels_that_there_are(key: str):
    carries = all_providers()[key].carries
    assert carries
    assert carries <= set(all_channels())


async def test_a_message_taken_is_a_receipt(key: str, provider: Provider, server: Server):
    receipt = await provider.send(handover(), account(key, server.url))
    assert isinstance(receipt, Receipt)
    assert receipt.reply.code
    assert server.taken == [BODY]


async def test_many_at_once_are_taken_once_each(key: str, provider: Provider, server: Server):
    sends = (provider.send(handover(), account(key, server.url)) for _ in range(30))
    receipts = await asyncio.gather(*sends)
    assert len(receipts) == len(server.taken) == 30


async def test_a_server_that_is_away_is_a_definite_not_now(
    key: str, provider: Provider, server: Server
):
    with pytest.raises(TransientError) as raised:
        await provider.send(handover(), account(key, server.nowhere))
    assert str(raised.value)


async def test_sends_nothing_under_a_lease_that_ended(key: str, provider: Provider, server: Server):
    with pytest.raises(ProviderError):
        await provider.send(handover(Lease(0)), account(key, server.url))
    assert server.taken == []


async def test_an_account_nobody_can_read_is_no_crash(key: str, provider: Provider):
    for url in ("", "nonsense", "https://x.test", "smtp://", "smtp://x:port"):
        with pytest.raises(ProviderError):
            await provider.send(handover(), account(key, url))


async def test_closing_twice_or_unused_is_fine(key: str, server: Server):
    unused, used = all_providers()[key], all_providers()[key]
    await unused.close()
    await used.send(handover(), account(key, server.url))
    await used.close()
    await used.close()


@pytest.fixture(autouse=True)
def no_secrets(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No provider logs an address or a body."""
    yield
    assert "anna@example.com" not in caplog.text
    assert BODY.decode() not in caplog.text
