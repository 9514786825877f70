"""Sending domains for the console: what is kept of them, and what people do to them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from dashboard import settings
from dashboard.access import Permission
from dashboard.actions import Acting, NotAllowedError, RefusedError, acting
from dashboard.data import database
from delivery.domains.history import Kept, read
from delivery.domains.names import read_domain
from delivery.domains.senders import public_key
from delivery.signing.keyring import keyring, new_keys
from models.database import SyncTransaction
from models.queries.configuring import domain_checks, signing
from models.records import Algorithm, SendingDomain, SigningKey
from models.vault import Vault

T = TypeVar("T")

__all__ = ["NotAllowedError", "RefusedError"]


@dataclass(frozen=True, slots=True)
class DomainReport:
    """One domain, its keys and how its checks came out.

    Attributes:
        added: `None`: nobody added it; it is the From's.
        checked_at: `None`: no worker has looked yet.
    """

    at: datetime
    name: str
    added: SendingDomain | None
    keys: tuple[SigningKey, ...]
    checked_at: datetime | None
    kept: tuple[Kept, ...]


def reports() -> list[DomainReport]:
    """All domains, by name."""
    at = database().now()
    with database().begin() as tx:
        added = {one.domain: one for one in tx.run(signing.domains())}
        keys = tx.run(signing.public_keys())
        checks = {one.domain: one for one in tx.run(domain_checks.checks())}
    return [
        DomainReport(
            at,
            name,
            added.get(name),
            tuple(key for key in keys if key.domain == name),
            checks[name].checked_at if name in checks else None,
            tuple(read(checks[name].verdicts)) if name in checks else (),
        )
        for name in sorted(added.keys() | checks.keys())
    ]


def look_again(by: UUID, domain: str) -> datetime:
    """Have a worker look at a domain now; since when it may.

    Raises:
        NotAllowedError: The one who acts may not.
    """
    with acting(by, Permission.SIGN_MAIL) as act:
        act.tx.run(domain_checks.hurry(domain, act.now))
        return act.now


def add(by: UUID, text: str, algorithms: Collection[Algorithm]) -> None:
    """Send in a domain's name, and make its first keys.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It is no domain, or is there already.
    """
    name = _sound(lambda: read_domain(text))
    with acting(by, Permission.SIGN_MAIL) as act:
        if not act.tx.run(signing.add_domain(name, act.now)):
            raise RefusedError(f"{name} is there already: rotate its keys instead.")
        _make(act, name, algorithms, "")
        act.note("added a sending domain", name)


def rotate(by: UUID, domain: str, algorithms: Collection[Algorithm], reason: str) -> None:
    """Make new keys for a domain.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: New ones wait already, it gives no reason, or the domain was retired.
    """
    _reasoned(reason)
    with acting(by, Permission.SIGN_MAIL) as act:
        _expect(act.tx, domain)
        _make(act, domain, algorithms, reason.strip())


def _make(act: Acting, domain: str, algorithms: Collection[Algorithm], reason: str) -> None:
    known = act.tx.run(signing.keys_of(domain))
    made = _sound(lambda: new_keys(domain, known, algorithms, act.now, _vault()))

    for key in made:
        act.tx.run(signing.add_key(key))
        act.note("made a signing key", public_key(key).name, algorithm=key.algorithm, why=reason)
    act.tx.run(domain_checks.expect([domain], act.now))
    act.tx.run(domain_checks.hurry(domain, act.now))


def let_sign(by: UUID, domain: str, selector: str, reason: str) -> None:
    """Let a new key sign although nobody saw its record.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It does not wait any more, or it gives no reason.
    """
    _reasoned(reason)
    with acting(by, Permission.SIGN_MAIL) as act:
        _expect(act.tx, domain)
        found = {key.selector: key for key in act.tx.run(signing.keys_of(domain))}
        key = found.get(selector)
        if key is None or not act.tx.follow(signing.begin_signing(key, act.now)):
            raise RefusedError("Somebody was faster: it does not wait any more.")
        act.note("let a key sign unseen", public_key(key).name, why=reason.strip())


def retire(by: UUID, domain: str, reason: str) -> None:
    """Sign nothing more in a domain's name.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It is retired already, or it gives no reason.
    """
    _reasoned(reason)
    with acting(by, Permission.SIGN_MAIL) as act:
        _expect(act.tx, domain)
        ended = act.tx.follow(signing.retire_domain(domain, act.now))
        act.note("retired a sending domain", domain, why=reason.strip(), keys=ended)


def _expect(tx: SyncTransaction, domain: str) -> None:
    (found,) = tx.run(signing.lock_domain(domain)) or (None,)
    if found is None or found.retired_at is not None:
        raise RefusedError("Somebody was faster: it is retired.")


def _reasoned(reason: str) -> None:
    if not reason.strip():
        raise RefusedError("Give a reason: others will read it.")


def _sound(make: Callable[[], T]) -> T:
    try:
        return make()
    except ValueError as error:
        raise RefusedError(str(error)) from None


def _vault() -> Vault:
    return keyring(settings.secret(), settings.delivery().older_keys)
