"""Pipelines for tests: one worker's ticks, or several workers on one database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from tests.mail_servers import MailServer
from tests.pipeline import SECRET, Pipeline, pipeline as build
from tests.postgres_proxy import Proxy

_SETTINGS = {
    "SECRET_KEY": SECRET,
    "ENVIRONMENT": "dev",
    "ALLOW_TO": "",
    "SMTP_URL": "",
    "MAIL_FROM": "Tidings <news@example.com>",
    "BOUNCE_DOMAIN": "",
    "DKIM_DOMAIN": "",
    "DNS_SERVERS": "127.0.0.1:9",
    "SENDING_IPS": "",
    "WORKER_PLAN_BATCH": "300",
    "WORKER_SEND_BATCH": "300",
    "WORKER_CONCURRENCY": "120",
    "WORKER_LEASE": "60",
    "WORKER_CONNECTIONS": "4",
    "RETENTION_DAYS": "90",
}


@pytest.fixture
def setting(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Sets one setting; the others are as documented, whatever this machine's own say."""
    for name, value in _SETTINGS.items():
        monkeypatch.setenv(f"TIDINGS_{name}", value)

    def change(name: str, value: str) -> None:
        monkeypatch.setenv(f"TIDINGS_{name}", value)

    return change


@pytest.fixture
async def mail(setting: Callable[[str, str], None]) -> AsyncIterator[MailServer]:
    """A mail server that takes everything, where the local mailbox would be."""
    async with MailServer() as server:
        setting("MAILBOX_SMTP_PORT", str(server.port))
        yield server


Workers = Callable[..., Awaitable[Pipeline]]


@pytest.fixture
async def workers(database_url: str, mail: MailServer) -> AsyncIterator[Workers]:
    """Makes workers on one database: each with its own connections, clock and token."""
    async with AsyncExitStack() as stack:
        made: list[Pipeline] = []

        async def start(through: str = "") -> Pipeline:
            worker = await stack.enter_async_context(build(database_url, through))
            worker.mail = mail
            made.append(worker)
            return worker

        yield start
        if made:
            made[0].check()


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[Proxy]:
    """A way to the test's database on which things happen."""
    async with Proxy(database_url) as between:
        yield between


@pytest.fixture
async def pipeline(workers: Workers) -> Pipeline:
    """One worker; at the end of the test everything must add up."""
    return await workers()


@pytest.fixture
async def spare() -> AsyncIterator[MailServer]:
    """A mail server beside the one that the pipeline has."""
    async with MailServer() as server:
        yield server
