"""The SMTP provider on one account, as tests use it."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from delivery.messages import Message, Receipt
from delivery.ports import Handover
from delivery.providers.smtp import Smtp
from delivery.providers.smtp.timeouts import Timeouts
from models.records import Account
from tests.mail_servers import MailServer

BODY = b"Subject: hello\r\n\r\nhello\r\n"
PATIENCE = Timeouts(
    connect=1, greeting=0.5, command=0.5, block=2, idle=0.3, farewell=0.5, reopening=0.5
)


class Lease:
    """Held until told otherwise, or for a number of questions."""

    def __init__(self, answers: int = 10**6) -> None:
        self.answers = answers

    def holds(self):
        self.answers -= 1
        return self.answers >= 0


@dataclass
class Sender:
    """The provider and one account."""

    provider: Smtp
    url: str

    async def send(
        self,
        to: str = "anna@x.test",
        payload: bytes = BODY,
        *,
        within: float = 5.0,
        lease: Lease | None = None,
        utf8: bool = False,
    ) -> Receipt:
        message = Message(
            UUID(int=0),
            to,
            "b+1@y.test",
            payload,
            eight_bit=not payload.isascii(),
            utf8_address=utf8,
        )
        account = Account("account", "smtp", "email", self.url)
        handover = Handover(message, lease or Lease(), within)
        return await self.provider.send(handover, account)

    async def outcomes(self, *recipients: str) -> list[Receipt | BaseException]:
        """One message to each, all at once."""
        sends = (self.send(to, b"Subject: %b\r\n\r\nx\r\n" % to.encode()) for to in recipients)
        return await asyncio.gather(*sends, return_exceptions=True)


@asynccontextmanager
async def sending_to(url: str):
    provider = Smtp(PATIENCE)
    try:
        yield Sender(provider, url)
    finally:
        await provider.close()


def sending(server: MailServer, options: str = ""):
    """An account on this server, with these options in its URL."""
    scheme = "smtps" if server.implicit else "smtp"
    host = "localhost" if server.tls else "127.0.0.1"
    return sending_to(f"{scheme}://{host}:{server.port}{options}")


def kinds(outcomes: Iterable[object]) -> Counter[str]:
    return Counter(type(outcome).__name__ for outcome in outcomes)


def numbered(count: int) -> list[str]:
    return [f"r{number}@x.test" for number in range(count)]


async def eventually(condition: Callable[[], bool], within: float = 3.0) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        await asyncio.sleep(0.01)
