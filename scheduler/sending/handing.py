"""Handing a letter over: to its account, and to the next one where that definitely did not work."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from delivery import trace
from delivery.errors import ProviderError
from delivery.messages import Receipt
from delivery.ports import Handover, Lease
from delivery.roads.accounts import passes_on, telling
from models.database import UnavailableError
from models.records import Account, Class, DueRow
from scheduler.known.paces import way_of
from scheduler.runtime import Runtime
from scheduler.sending.allotting import allot, switched_on, works
from scheduler.sending.letters import Letter
from scheduler.sending.recording import Sent

FINAL_DOT = 600.0
"""Seconds to wait for the answer to the final dot (RFC 5321, section 4.5.3.2.6)."""
CRITICAL_DOT = 60.0
"""The same for critical messages, which are sent again when nobody knows."""


async def hand_over(
    runtime: Runtime, letter: Letter, lease: Lease
) -> tuple[Receipt | Exception, Sent]:
    """What came of a letter; an account that says "not now" passes it on, one in doubt never."""
    begun_at, tried = runtime.database.clock.now(), [letter.account]
    ends = [await _try(runtime, letter, letter.account, lease)]
    while (another := await _another(runtime, letter, ends[-1], tried)) and lease.holds():
        tried.append(another)
        ends.append(await _try(runtime, letter, another, lease))
    before = [(key, trace.FULL) for key in letter.full]
    before += [(account.key, trace.PASSED_ON) for account in tried[:-1]]
    sent = Sent(
        letter.filled, letter.message.recipient, letter.message_id, tried[-1], begun_at,
        tuple(before),
    )  # fmt: skip
    return telling(ends), sent


async def _try(
    runtime: Runtime, letter: Letter, account: Account, lease: Lease
) -> Receipt | Exception:
    """What came of handing a letter over to one account, and what that tells of the account."""
    now = runtime.database.clock.now()
    urgent = letter.row.klass is Class.CRITICAL
    handover = Handover(letter.message, lease, _patience(letter.row, now), urgent)
    try:
        end: Receipt | Exception = await runtime.providers[account.provider].send(handover, account)
    except Exception as error:  # noqa: BLE001 - a bug here must not take the batch along
        end = error
    if isinstance(end, Receipt | ProviderError) and not runtime.stopping.is_set():
        way = way_of(account.key, letter.message.recipient)
        runtime.roads.note(account.key, way, end, runtime.database.clock.now())
        runtime.roads.tell_soon(runtime.database)
    return end


def _patience(row: DueRow, now: datetime) -> float:
    """Seconds to wait for the answer to the final dot."""
    wait = CRITICAL_DOT if row.klass is Class.CRITICAL else FINAL_DOT
    if row.expires_at is not None:
        wait = min(wait, max((row.expires_at - now).total_seconds(), 1.0))
    return wait


async def _another(
    runtime: Runtime, letter: Letter, end: Receipt | Exception, tried: Sequence[Account]
) -> Account | None:
    """The account that may try next, if the last one said "not now" and there is one."""
    if not passes_on(end) or runtime.stopping.is_set():
        return None
    refused = (*letter.full, *(account.key for account in tried))
    for account in switched_on(runtime, letter.row.channel):
        if account not in tried and works(runtime, account):
            try:
                allotment = await allot(runtime, [replace(letter, account=account, full=refused)])
            except UnavailableError:
                return None
            if allotment.going and (found := allotment.going[0].account) not in tried:
                return found
    return None
