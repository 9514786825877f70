"""The domains tick: each sending domain is looked at once a day, sooner while a key waits."""

from datetime import datetime, timedelta

import structlog

from delivery.domains.checks import Sender
from delivery.domains.signing_keys import is_forgettable
from delivery.resolving.resolver import Resolver
from models.queries.configuring import domain_checks, signing
from models.queries.configuring.signing import Roster
from scheduler.keeping.domains import is_gone, keep, look_at, tell, to_check
from scheduler.runtime import Runtime

_LOST_AFTER = timedelta(minutes=2)
"""A look that was begun so long ago is begun anew: its worker is gone."""

log = structlog.get_logger()


async def watch(runtime: Runtime) -> int:
    """Look at the domains whose time has come; how many."""
    now = await runtime.database.tell_time()
    async with runtime.database.begin() as tx:
        roster = await tx.follow(signing.roster())
        known = {one.domain for one in await tx.run(domain_checks.checks())}
    try:
        senders = to_check(runtime.delivery, runtime.signatory.vault, roster, now)
    except (ValueError, OSError):  # `tidings doctor` says what is wrong with the settings
        return 0
    found = {one.domain: one for one in senders}
    if found.keys() != known:
        async with runtime.database.begin() as tx:
            await tx.run(domain_checks.expect(found, now))
            await tx.run(domain_checks.forget_others(found))
    looked = 0
    while claimed := await runtime.database.run(domain_checks.claim(now, lost(now))):
        if runtime.stopping.is_set() or claimed[0].domain not in found:
            break
        await _look(runtime, found[claimed[0].domain], roster)
        looked += 1
    return looked


def lost(now: datetime) -> datetime:
    """When a look that begins now is taken for lost."""
    return now + _LOST_AFTER


async def _look(runtime: Runtime, sender: Sender, roster: Roster) -> None:
    ask = Resolver(runtime.delivery.dns_servers).ask
    seen = await look_at(sender, roster.keys, ask)
    now = await runtime.database.tell_time()
    async with runtime.database.begin() as tx:
        changed = await tx.follow(keep(sender, seen, now))
    tell(sender.domain, changed)
    for key in seen.appeared:
        log.info("dkim.signs", domain=key.domain, selector=key.selector)


async def forget(runtime: Runtime) -> int:
    """Forget keys that ended a week ago and whose records were taken out of DNS; how many."""
    now = await runtime.database.tell_time()
    ask = Resolver(runtime.delivery.dns_servers).ask
    forgotten = 0
    for key in await runtime.database.run(signing.keys()):
        if is_forgettable(key, now) and await is_gone(key, ask):
            async with runtime.database.begin() as tx:
                await tx.follow(signing.forget_key(key))
            forgotten += 1
    return forgotten
