"""What `tidings doctor` says of sending domains and of the servers that take our mail."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace

from delivery.domains.checks import Sender
from delivery.domains.inquiries import TITLES, Condition, Verdict
from delivery.errors import ProviderError
from delivery.providers.smtp.handshake import open_session
from delivery.providers.smtp.target import Tls, read_target
from delivery.providers.smtp.timeouts import Timeouts
from delivery.resolving.resolver import Resolver
from delivery.resolving.survey import WITHIN, surveyed
from delivery.settings import DeliverySettings
from models.database import SyncDatabase
from models.queries.configuring import accounts, signing
from models.records import Account
from scheduler.examining.findings import Result
from scheduler.keeping.domains import leaves, own_vault, to_check
from scheduler.runtime import own_account

_PATIENCE = Timeouts(connect=WITHIN, greeting=WITHIN, command=WITHIN)


def domains(database: SyncDatabase, settings: DeliverySettings) -> Iterator[Result]:
    """What DNS says of each sending domain, right now."""
    now = database.now()
    with database.begin() as tx:
        roster = tx.follow(signing.roster())
    try:
        found = to_check(settings, own_vault(settings), roster, now)
    except (ValueError, OSError) as error:
        yield Result("sending domain", str(error), "correct the setting")
        return
    if not found:
        yield _none(settings, leaves=leaves(settings, roster))
    for sender, verdicts in zip(found, asyncio.run(_verdicts(found, settings)), strict=True):
        yield from (result(sender.domain, verdict) for verdict in verdicts)


def _none(settings: DeliverySettings, *, leaves: bool) -> Result:
    """Why no domain is looked at."""
    if not leaves:
        return Result("sending domains", "mail goes to the local mailbox: none is looked at")
    finding = f"{settings.mail_from} is of a domain that no receiver can look up"
    return Result("sending domains", finding, "set TIDINGS_MAIL_FROM to a domain of yours")


async def _verdicts(found: Iterable[Sender], settings: DeliverySettings) -> list[list[Verdict]]:
    ask = Resolver(settings.dns_servers).ask
    return await asyncio.gather(*(surveyed(sender, ask) for sender in found))


def result(domain: str, verdict: Verdict) -> Result:
    """A verdict as a line; only what is wrong makes the doctor say so at the end."""
    what = "" if verdict.subject == domain else f" {verdict.subject}"
    subject = f"{domain}: {TITLES[verdict.check]}{what}"
    wrong = verdict.condition is Condition.WRONG
    return Result(
        subject, verdict.finding, verdict.advice if wrong else "", "" if wrong else verdict.advice
    )


def relays(database: SyncDatabase, settings: DeliverySettings) -> Iterator[Result]:
    """Whether the servers that take our mail are there, and speak TLS where they are to."""
    with database.begin() as tx:
        named = [one for one in tx.run(accounts.all_accounts()) if one.enabled]
    found = [one for one in named if one.provider == "smtp"]
    for account in found or ([] if named else [own_account(settings)]):
        yield asyncio.run(_relay(account, "TIDINGS_SMTP_URL" if not named else account.key))


async def _relay(account: Account, setting: str) -> Result:
    try:
        target = replace(read_target(account.url), user="")  # nobody signs in, no mail is offered
        session = await open_session(target, _PATIENCE)
    except ProviderError as error:
        return Result("mail", str(error), f"check {setting}")
    session.transport.write(b"QUIT\r\n")
    session.transport.close()
    where = f"{target.host}:{target.port}"
    if target.tls is Tls.NONE:
        return Result("mail", f"{where} takes connections")
    return Result("mail", f"{where} takes connections, encrypted ({target.tls})")
