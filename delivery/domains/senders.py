"""Which domains an installation sends from, and what is checked of each. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from delivery.domains.checks import Sender
from delivery.domains.dkim import PublicKey
from delivery.domains.hosts import Address
from delivery.domains.names import within
from delivery.domains.signing_keys import is_old, signers, waiting
from models.records import SendingDomain, SigningKey


@dataclass(frozen=True, slots=True)
class Installation:
    """What the settings say of mail that leaves.

    Attributes:
        sender: Domain of the From; empty when mail goes to the local mailbox alone.
        envelope: Domain of the return path.
        addresses: That mail leaves from, as far as they are known.
        own: The key of the settings: it signs where no key of the database does.
    """

    sender: str
    envelope: str
    addresses: tuple[Address, ...] = ()
    own: PublicKey | None = None


def senders(
    installation: Installation,
    domains: Sequence[SendingDomain],
    keys: Sequence[SigningKey],
    sealed: Collection[str],
    now: datetime,
) -> list[Sender]:
    """The domains to check, that of the From first.

    Args:
        installation: What the settings say.
        domains: Those that were added.
        keys: Of all of them.
        sealed: Names of keys that nobody can open.
        now: The moment that ages are of.
    """
    names = {one.domain for one in domains if one.retired_at is None}
    names |= {installation.sender} - {""}
    ordered = sorted(names, key=lambda name: (name != installation.sender, name))
    found = [_sender(installation, name, keys, now) for name in ordered]
    return [_without(sender, sealed) for sender in found]


def _sender(
    installation: Installation, name: str, keys: Sequence[SigningKey], now: datetime
) -> Sender:
    signs = signers(keys, name)
    of_ours = [*signs, *waiting(key for key in keys if key.domain == name)]
    public = [public_key(key) for key in of_ours]
    if not signs and installation.own is not None and within(name, installation.own.domain):
        public.insert(0, installation.own)
    return Sender(
        domain=name,
        envelope=installation.envelope if name == installation.sender else name,
        keys=tuple(public),
        addresses=installation.addresses,
        old=tuple(key.selector for key in signs if is_old(key, now)),
    )


def _without(sender: Sender, sealed: Collection[str]) -> Sender:
    return replace(sender, sealed=tuple(key.name for key in sender.keys if key.name in sealed))


def public_key(key: SigningKey) -> PublicKey:
    """The public half of a key, as its record says it."""
    waits = key.signs_since is None
    return PublicKey(key.domain, key.selector, key.algorithm, key.public_key, waits)
