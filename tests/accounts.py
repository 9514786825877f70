"""Accounts of mail servers in tests, and what is planned for them."""

from datetime import timedelta
from typing import Any

from delivery.ports import Rules
from tests.mail_servers import Client, MailServer
from tests.pipeline import Pipeline


def account(pipeline: Pipeline, key: str, server: MailServer, **values: Any) -> None:
    given = {"priority": 0, "weight": 1, "enabled": True, **values}
    pipeline.run_sql(
        """INSERT INTO provider_accounts
           (account, provider, channel, url, priority, weight, enabled, updated_at)
           VALUES (%s, 'smtp', 'email', %s, %s, %s, %s, now())""",
        key, f"smtp://127.0.0.1:{server.port}?tls=none", *given.values(),
    )  # fmt: skip
    pipeline.forget_catalog()
    pipeline.runtime.rules = Rules()


async def ready(pipeline: Pipeline, number: int, **values: Any) -> None:
    """Mails to so many people are planned; they live for ever."""
    await pipeline.topic(channels=("email",), lifetime=timedelta(days=300), **values)
    names = tuple(f"r{one}" for one in range(number))
    pipeline.people(*names)
    pipeline.emit(recipients=names)
    await pipeline.plan()


async def heard(pipeline: Pipeline) -> None:
    """All that was learned is told and read."""
    await pipeline.runtime.roads.reread(pipeline.runtime.database)


def sabotage(server: MailServer, answer: bytes) -> None:
    async def refuse(_: Client) -> bytes:
        return answer

    server.dot = refuse  # type: ignore[method-assign]
