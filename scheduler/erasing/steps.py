"""The steps of an erasure, in their order. Each finds only what is still there."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from models.database import Transaction
from models.pseudonyms import Pseudonyms
from models.queries.campaigns import members
from models.queries.erasing import elsewhere, events as erasing_events, person as erasing
from models.queries.routing import Shards
from models.queries.sending import digested, digests, ledgers
from models.query import Query
from models.reasons import Withdrawal
from models.records import Erasure
from scheduler.planning.withdrawing import withdraw

AT_ONCE = 500
"""Most rows of one transaction."""


@dataclass(frozen=True, slots=True)
class Job:
    """One step of one erasure, in a transaction."""

    tx: Transaction
    erasure: Erasure
    names: Pseudonyms
    shards: Shards
    now: datetime

    async def run(self, statements: Mapping[str, Query[int]]) -> dict[str, int]:
        """Execute statements, by their tables; how many rows each changed."""
        return {table: await self.tx.run(each) for table, each in statements.items()}

    async def lock(self) -> None:
        """Wait until nobody else decides for this recipient."""
        await self.tx.run(ledgers.await_ledgers([self.erasure.recipient_id]))


@dataclass(frozen=True, slots=True)
class Did:
    """What one step did.

    Attributes:
        rows: Table to rows changed.
        place: Where the step goes on; `None` when it is done.
        waits: Something of theirs is being sent: it must be recorded first.
    """

    rows: Mapping[str, int] = field(default_factory=dict)
    place: str | None = None
    waits: bool = False


def _more(rows: Mapping[str, int], table: str) -> Did:
    """The step goes on as long as it finds a whole batch."""
    return Did(rows, "" if rows[table] >= AT_ONCE else None)


async def _profile(job: Job) -> Did:
    statements = {table: erasing.forget_own(table, job.erasure) for table in erasing.OWN}
    statements["recipient_changes"] = erasing.forget_changes(job.erasure)
    statements["conversions_waiting"] = erasing.forget_told_conversions(job.erasure)
    statements["conversions"] = erasing.rename_conversions(job.erasure)
    statements["campaign_members"] = erasing.rename_members(job.erasure)
    return Did(await job.run(statements))


async def _queue(job: Job) -> Did:
    found = await job.tx.run(erasing.queued(job.erasure, AT_ONCE))
    free = [held.row for held in found if held.token is None]
    await job.lock()
    await withdraw(job.tx, free, [], Withdrawal.ERASED, job.now)
    rows = {"queue": len(free)}
    if len(free) >= AT_ONCE:
        return Did(rows, "")
    return Did(rows, waits=len(free) < len(found))


async def _digests(job: Job) -> Did:
    await job.lock()
    recipient = job.erasure.recipient_id
    found = await job.tx.run(digests.collecting([recipient]))
    ids = [each.digest_id for each in found.get(recipient, {}).values()]
    members = await job.tx.run(digested.members(ids)) if ids else []
    await withdraw(job.tx, [], [member.row for member in members], Withdrawal.ERASED, job.now)
    statements = {
        "digest_members": erasing.empty_members(job.erasure),
        "digests_open": erasing.forget_open_digests(job.erasure),
        "digests": erasing.rename_digests(job.erasure),
    }
    return Did(await job.run(statements) | {"collected": len(members)})


async def _feed(job: Job) -> Did:
    return _more(await job.run({"inbox": erasing.forget_items(job.erasure, AT_ONCE)}), "inbox")


async def _deliveries(job: Job) -> Did:
    found = await job.tx.run(erasing.telling(job.erasure, AT_ONCE))
    return _more(await job.run(erasing.empty(job.erasure, found)) if found else {"deliveries": 0},
                 "deliveries")  # fmt: skip


async def _ledger(job: Job) -> Did:
    statements = {
        "expansions": erasing.rename_expansions(job.erasure),
        "ledger": erasing.forget_own("ledger", job.erasure),
    }
    return Did(await job.run(statements))


async def _events(job: Job) -> Did:
    """One batch of one day; the second sweep looks at the days since the request alone."""
    begin = "" if job.erasure.sweep == 1 else _named(job.erasure.requested_at - timedelta(days=2))
    day = job.erasure.place or await job.tx.run(erasing_events.days_after(begin))
    if not day:
        return Did()
    rows = await _rewrite_events(job, date.fromisoformat(day))
    if rows["events"] >= AT_ONCE:
        return Did(rows, day)
    return Did(rows, await job.tx.run(erasing_events.days_after(day)) or None)


def _named(moment: datetime) -> str:
    return f"{moment:%Y%m%d}"


async def _rewrite_events(job: Job, day: date) -> Mapping[str, int]:
    did = {"events": 0, "event_keys": 0, "event_duplicates": 0, "idempotency": 0}
    for slice_ in job.shards.slices:
        found = await job.tx.run(erasing_events.naming(job.erasure, day, slice_, AT_ONCE))
        if not found:
            continue
        for event in found:
            if event.dedup_key and (name := erasing_events.hidden_key(event, job.names)):
                did["event_keys"] += await job.tx.run(erasing_events.hide_key(event, name))
                did["event_duplicates"] += await job.tx.run(
                    erasing_events.hide_duplicates(event, name)
                )
        rewrite = erasing_events.rewrite(found, job.erasure, job.names, day)
        did["events"] += await job.tx.run(rewrite)
        did["idempotency"] += await job.tx.run(erasing_events.forget_posts(found))
    return did


async def _actors(job: Job) -> Did:
    return Did(await job.run(elsewhere.rename_actors(job.erasure)))


async def _addresses(job: Job) -> Did:
    """What stands against their addresses is kept as hashes, but where others have them, too."""
    if not job.erasure.veil.addresses:
        return Did()
    rows = await job.run({
        "feedback_unmatched": elsewhere.empty_strays(job.erasure),
        "soft_bounces": elsewhere.forget_soft_bounces(job.erasure),
        "campaign_addresses": members.forget_addresses(job.erasure.veil.addresses),
    })  # fmt: skip
    kept = await job.tx.run(elsewhere.shared(job.erasure))
    hashed = dict.fromkeys(elsewhere.AGAINST, 0)
    for address in sorted(set(job.erasure.veil.addresses) - kept):
        name = job.names.address(address)[0]
        for table in elsewhere.AGAINST:
            copy, forget = elsewhere.hash_suppressions(table, address, name)
            await job.tx.run(copy)
            hashed[table] += await job.tx.run(forget)
    return Did(rows | hashed)


async def _audit(job: Job) -> Did:
    veil, changed = job.erasure.veil, 0
    for entry in await job.tx.run(elsewhere.audited(job.erasure)):
        subject, said = veil.text(entry.subject), veil.value(entry.said)
        if (subject, said) != (entry.subject, entry.said):
            rewritten = elsewhere.rewrite_entry(entry, subject, json.dumps(said), job.now)
            changed += await job.tx.run(rewritten)
    return Did({"audit": changed})


Step = Callable[[Job], Awaitable[Did]]
STEPS: Mapping[str, Step] = {
    "profile": _profile,
    "queue": _queue,
    "digests": _digests,
    "feed": _feed,
    "deliveries": _deliveries,
    "ledger": _ledger,
    "events": _events,
    "actors": _actors,
    "addresses": _addresses,
    "audit": _audit,
}
"""Name to step. The names are stored: one that is renamed needs a migration."""
