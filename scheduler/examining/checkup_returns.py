"""What `tidings doctor` says of the ways in for mail that comes back."""

import socket
from collections.abc import Iterator

from delivery.settings import DeliverySettings
from scheduler.examining.findings import Result
from scheduler.returns.imap import read_url
from scheduler.returns.maildir import Maildir
from scheduler.settings import BounceSettings

_WITHIN = 5.0
_READ_ON = "see docs/bounces.md: Ways in"


def returns(delivery: DeliverySettings, ways: BounceSettings) -> Iterator[Result]:
    """Whether what comes back is heard by anybody; nothing is said to them."""
    mailboxes = list(_mailboxes(ways))
    yield from mailboxes
    if ways.bounce_port > 0:
        yield _door(delivery, ways, heard=bool(mailboxes))
    elif not mailboxes and not ways.bounce_lmtp:
        yield _unheard(delivery, "no way in is open", _READ_ON)


def _door(delivery: DeliverySettings, ways: BounceSettings, *, heard: bool) -> Result:
    host = "127.0.0.1" if ways.bounce_host in {"0.0.0.0", "::"} else ways.bounce_host  # noqa: S104 - where to ask
    where = f"{host}:{ways.bounce_port}"
    try:
        greeting = _greeting(host, ways.bounce_port)
    except OSError as error:
        if heard:
            return Result("bounces", f"nobody listens at {where}: mailboxes are looked into")
        return _unheard(delivery, f"{where}: {error}", "run: tidings bounces")
    if not greeting.startswith("220 "):
        finding = f"{where} says: {greeting[:100]!r}"
        return Result("bounces", finding, "another program listens there: TIDINGS_BOUNCE_PORT")
    return Result("bounces", f"{where} takes mail to {greeting.split()[1]}")


def _greeting(host: str, port: int) -> str:
    with socket.create_connection((host, port), _WITHIN) as connection:
        return connection.recv(512).decode("ascii", "replace").strip()


def _unheard(delivery: DeliverySettings, finding: str, advice: str) -> Result:
    """Without a domain of their own, bounces go wherever answers to the sender go."""
    if delivery.bounce_domain:
        return Result("bounces", finding, advice)
    return Result("bounces", f"{finding}; TIDINGS_BOUNCE_DOMAIN is not set", hint=advice)


def _mailboxes(ways: BounceSettings) -> Iterator[Result]:
    if ways.bounce_maildir is not None:
        try:
            Maildir.at(ways.bounce_maildir)
            yield Result("bounces", f"{ways.bounce_maildir} is a maildir")
        except ValueError as error:
            yield Result("bounces", str(error), "correct TIDINGS_BOUNCE_MAILDIR")
    try:
        mailbox = read_url(ways.bounce_imap_url.get_secret_value())
    except ValueError as error:
        yield Result("bounces", str(error), "correct TIDINGS_BOUNCE_IMAP_URL")
        return
    if mailbox is not None:
        where = f"{mailbox.folder} at {mailbox.host}:{mailbox.port}"
        yield Result("bounces", f"{where} is looked into every {mailbox.every:.0f} s")
