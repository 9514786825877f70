"""`tidings bounces` as one process: the doors and the pollers, until it is told to stop."""

import asyncio
import signal
from dataclasses import dataclass

import structlog
from prometheus_client import start_http_server

from delivery.envelopes import domain_of
from delivery.registry import all_channels
from delivery.returns.addresses import ReturnKeys
from delivery.returns.meaning import Place
from delivery.settings import DeliverySettings
from models.database import Database
from scheduler.returns.desk import Desk
from scheduler.returns.imap import Imap, Mailbox
from scheduler.returns.listener import Listener, Places
from scheduler.returns.maildir import PAUSE, Maildir
from scheduler.returns.polling import Poller

_CONNECTIONS = 8
_STATEMENT = "30s"
"""How long a statement may take: senders wait for our answer for ten minutes at most."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways in that are open.

    Attributes:
        maildir: Looked into every second.
        imap: Looked into as often as it says.
        metrics: Address and port for Prometheus; port 0: not at all.
    """

    places: Places
    maildir: Maildir | None = None
    imap: Mailbox | None = None
    metrics: tuple[str, int] = ("127.0.0.1", 0)


def desk_for(url: str, settings: DeliverySettings, secret: bytes) -> Desk:
    """The desk of an installation.

    Raises:
        ValueError: The From mailbox is none.
    """
    domain = settings.bounce_domain or domain_of(settings.mail_from)
    keys = ReturnKeys.of(secret, *settings.older_keys)
    database = Database.connect(url, "tidings bounces", _CONNECTIONS, statement_timeout=_STATEMENT)
    return Desk(database, Place(domain, keys), frozenset(all_channels()))


async def serve(desk: Desk, ways: Ways) -> None:
    """Take what comes back until SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    host, port = ways.metrics
    if port:
        start_http_server(port, host, desk.measures.registry)
    async with Listener(desk, ways.places) as listener:
        log.info("bounces.listening", domain=desk.place.domain, port=listener.port)
        pollers = [asyncio.create_task(one.run()) for one in _pollers(desk, ways)]
        await asyncio.wait(
            [asyncio.create_task(stopping.wait()), *pollers],
            return_when=asyncio.FIRST_COMPLETED,
        )
        for poller in pollers:
            if poller.done():
                poller.result()
            poller.cancel()
    await desk.database.close()


def _pollers(desk: Desk, ways: Ways) -> list[Poller]:
    pollers = []
    if ways.maildir is not None:
        pollers.append(Poller(desk, ways.maildir, PAUSE))
    if ways.imap is not None:
        pollers.append(Poller(desk, Imap(ways.imap), ways.imap.every))
    return pollers
