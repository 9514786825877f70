"""The keys that sign mail, as this process knows them: at most two seconds old."""

import time
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache

import structlog

from delivery.domains.names import read_domain
from delivery.domains.signing_keys import signers
from delivery.envelopes import domain_of
from delivery.rendering.dkim import DkimKey
from delivery.settings import DeliverySettings
from delivery.signing.keyring import keyring, opened
from models.database import Database, UnavailableError
from models.queries.configuring import signing
from models.records import SigningKey
from models.vault import Vault

_FRESH = 2.0
"""Seconds after which the keys are read again."""

log = structlog.get_logger()


class Signatory:
    """Keys of the database that fit the From; where none signs, the one of the settings.

    Args:
        vault: Opens them.
        own: The key of the settings, if there is one.
        sender: Domain of the From; empty: nothing in the database fits.

    Attributes:
        vault: Opens them.
        keys: What signs: RSA first.
    """

    def __init__(self, vault: Vault, own: Sequence[DkimKey] = (), sender: str = "") -> None:
        self.vault = vault
        self.keys = self._own = tuple(own)
        self._sender = sender
        self._read_at = float("-inf")
        self._open = lru_cache(maxsize=16)(lambda key: _opened(key, vault))

    async def refresh(self, database: Database) -> None:
        """Read the keys again when they were read more than two seconds ago.

        Raises:
            UnavailableError: They could not be read, and never were.
        """
        if time.monotonic() - self._read_at <= _FRESH:
            return
        try:
            self._see(await database.run(signing.keys()))
        except UnavailableError:
            if self._read_at == float("-inf"):  # else what signed still signs
                raise

    def _see(self, found: Sequence[SigningKey]) -> None:
        self._read_at = time.monotonic()
        ours = [self._open(key) for key in signers(found, self._sender)]
        keys = tuple(key for key in ours if key is not None) or self._own
        if keys != self.keys:
            log.info(
                "dkim.keys", signing=[f"{key.selector}._domainkey.{key.domain}" for key in keys]
            )
        self.keys = keys


def _opened(key: SigningKey, vault: Vault) -> DkimKey | None:
    try:
        return opened(key, vault)
    except ValueError as error:
        why = str(error)
    log.error("dkim.sealed", domain=key.domain, selector=key.selector, error=why)
    return None  # and that is remembered: it is said once


def signatory(settings: DeliverySettings, secret: bytes) -> Signatory:
    """What signs the mail of an installation."""
    sender = ""
    with suppress(ValueError):  # a bare host name: nobody keeps keys for it
        sender = read_domain(domain_of(settings.mail_from))
    return Signatory(keyring(secret, settings.older_keys), own_keys(settings), sender)


def own_keys(settings: DeliverySettings) -> tuple[DkimKey, ...]:
    """The signing key of the settings, if there is one.

    Raises:
        ValueError: A domain is named but no key file.
    """
    if not settings.dkim_domain:
        return ()
    if settings.dkim_key_file is None:
        raise ValueError("TIDINGS_DKIM_DOMAIN is set: set TIDINGS_DKIM_KEY_FILE too")
    pem = settings.dkim_key_file.read_text()
    return (DkimKey(settings.dkim_domain, settings.dkim_selector, pem),)
