"""Looking at sending domains: which there are, what DNS says of them, what follows from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from delivery.domains.checks import Sender
from delivery.domains.dkim import PublicKey
from delivery.domains.history import Change, changes, fold, read, write
from delivery.domains.inquiries import Check, Condition, Question, Record, UnansweredError, Verdict
from delivery.domains.names import is_special, read_domain
from delivery.domains.senders import Installation, public_key, senders
from delivery.domains.signing_keys import waiting
from delivery.envelopes import domain_of
from delivery.resolving.survey import Ask, surveyed
from delivery.settings import DeliverySettings
from delivery.signing.keypairs import public_half
from delivery.signing.keyring import keyring, unopened
from models.people import AuditEntry
from models.queries.configuring import domain_checks, signing
from models.queries.configuring.signing import Roster
from models.queries.console import people
from models.query import Story
from models.records import SigningKey
from models.secret import secret_key
from models.settings import DatabaseSettings
from models.vault import Vault
from scheduler.known.signatory import own_keys

DAILY = timedelta(days=1)
_SOON = timedelta(minutes=1)
"""How soon a domain is looked at again while a key of it waits, or when one has begun to sign."""
_WORKER = "tidings"
"""Who did it, in the audit, when a record in DNS did."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at a domain.

    Attributes:
        appeared: Waiting keys whose record is there and right.
    """

    verdicts: list[Verdict]
    appeared: tuple[SigningKey, ...] = ()


def installation(settings: DeliverySettings, *, leaves: bool) -> Installation:
    """What the settings say of mail that leaves.

    Args:
        settings: The settings.
        leaves: Whether any does; else it all goes to the local mailbox.

    Raises:
        ValueError: The From or the return path is of no domain; or the key cannot be read.
    """
    sender = read_domain(domain_of(settings.mail_from)) if leaves else ""
    sender = "" if is_special(sender) else sender
    envelope = read_domain(settings.bounce_domain) if settings.bounce_domain else sender
    return Installation(sender, envelope, settings.sending_ips, _own(settings))


def leaves(settings: DeliverySettings, roster: Roster) -> bool:
    """Whether mail leaves at all."""
    return roster.accounts or not settings.uses_mailbox


def _own(settings: DeliverySettings) -> PublicKey | None:
    for key in own_keys(settings):
        algorithm, value = public_half(key.private_key_pem.encode())
        return PublicKey(read_domain(key.domain), key.selector, algorithm, value)
    return None


def to_check(
    settings: DeliverySettings, vault: Vault, roster: Roster, now: datetime
) -> list[Sender]:
    """The domains to look at.

    Raises:
        ValueError: The settings name no domain, or a key that cannot be read.
    """
    found = installation(settings, leaves=leaves(settings, roster))
    sealed = unopened(roster.keys, vault)
    return senders(found, roster.domains, roster.keys, sealed, now)


def own_vault(settings: DeliverySettings) -> Vault:
    """What opens the keys of this installation.

    Raises:
        ValueError: The secret key is missing or too short.
    """
    stored = DatabaseSettings()
    configured = settings.secret_key.get_secret_value()
    secret = secret_key(configured, stored.data_dir, bundled=not stored.database_url)
    return keyring(secret, settings.older_keys)


async def look_at(sender: Sender, keys: Sequence[SigningKey], ask: Ask) -> Seen:
    """Ask DNS about a domain and its keys; a few seconds at most."""
    verdicts = await surveyed(sender, ask)
    good = {
        verdict.subject
        for verdict in verdicts
        if verdict.check is Check.DKIM and verdict.condition is Condition.GOOD
    }
    ours = [key for key in keys if key.domain == sender.domain]
    appeared = tuple(key for key in waiting(ours) if public_key(key).name in good)
    return Seen(verdicts, appeared)


async def is_gone(key: SigningKey, ask: Ask) -> bool:
    """Whether DNS says that there is no record of a key any more."""
    try:
        answer = await ask(Question(public_key(key).name, Record.TXT))
    except UnansweredError:
        return False
    return not answer.values


def keep(sender: Sender, seen: Seen, now: datetime) -> Story[list[Change]]:
    """Write down how a look went, and what follows: keys begin to sign.

    Twice is once: only what changed is answered.
    """
    (stored,) = (yield domain_checks.lock(sender.domain)) or (None,)
    before = [] if stored is None else read(stored.verdicts)
    after = fold(before, seen.verdicts, now)
    again = now + (_SOON if seen.appeared or _waits(sender, seen) else DAILY)
    yield domain_checks.record(sender.domain, write(after), now, again)
    for key in seen.appeared:
        if (yield from signing.begin_signing(key, now)):
            yield people.write_audit(_audit(key, now))
    return changes(before, after)


def _waits(sender: Sender, seen: Seen) -> bool:
    there = {public_key(key).name for key in seen.appeared}
    return any(key.waits and key.name not in there for key in sender.keys)


def _audit(key: SigningKey, now: datetime) -> AuditEntry:
    subject = public_key(key).name
    return AuditEntry(now, _WORKER, "began to sign", subject, {"because": "its record is in DNS"})


def tell(domain: str, changed: Sequence[Change]) -> None:
    """Say in the log what came out otherwise than before, once."""
    for change in changed:
        verdict = change.verdict
        say = log.warning if change.is_worse else log.info
        say(
            "domain.check", domain=domain, check=verdict.check, subject=verdict.subject,
            condition=verdict.condition, before=change.before, finding=verdict.finding,
        )  # fmt: skip
