"""DKIM keys as they are kept: sealed for the database, opened to sign."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from delivery.domains.signing_keys import missing, selector
from delivery.rendering.dkim import DkimKey
from delivery.signing.keypairs import make, public_half
from models.records import Algorithm, SigningKey
from models.vault import Vault

_PURPOSE = "signing keys"


def keyring(secret: bytes, older: Sequence[bytes]) -> Vault:
    """What seals the keys of an installation.

    Args:
        secret: `TIDINGS_SECRET_KEY`, or what was generated.
        older: `TIDINGS_OLD_SECRET_KEYS`.
    """
    return Vault(secret, older, _PURPOSE)


def new_keys(
    domain: str,
    keys: Sequence[SigningKey],
    algorithms: Collection[Algorithm],
    now: datetime,
    vault: Vault,
) -> list[SigningKey]:
    """Keys for a domain that already has `keys`; each waits for its record.

    Raises:
        ValueError: One of each algorithm waits already.
    """
    wanted = missing(keys, algorithms)
    if not wanted:
        raise ValueError(
            f"a new key of {domain} waits for its record already: publish it, see"
            f" `tidings domains keys {domain}`"
        )
    taken = {key.selector for key in keys}
    made = []
    for algorithm in wanted:
        name = selector(now.date(), taken)
        taken.add(name)
        pair = make(algorithm)
        sealed = vault.seal(pair.private, _about(domain, name))
        made.append(SigningKey(domain, name, algorithm, pair.public, now, sealed=sealed))
    return made


def opened(key: SigningKey, vault: Vault) -> DkimKey:
    """A key, ready to sign.

    Raises:
        ValueError: It was sealed under a secret key that is gone, or is none any more.
    """
    pem = vault.open(key.sealed or b"", _about(key.domain, key.selector))
    public_half(pem)
    return DkimKey(key.domain, key.selector, pem.decode())


def unopened(keys: Iterable[SigningKey], vault: Vault) -> frozenset[str]:
    """The names of keys that may sign and cannot be opened."""
    return frozenset(
        _about(key.domain, key.selector)
        for key in keys
        if key.ended_at is None and not _opens(key, vault)
    )


def _opens(key: SigningKey, vault: Vault) -> bool:
    try:
        opened(key, vault)
    except ValueError:
        return False
    return True


def _about(domain: str, name: str) -> str:
    return f"{name}._domainkey.{domain}"
