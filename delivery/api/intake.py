"""Taking an event in: at most one outbox row for an Idempotency-Key, in one transaction."""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from delivery.api.problems import Kind, ProblemError, unavailable
from delivery.reading import body_hash
from models import ids
from models.database import Database, Transaction
from models.queries.console import incoming
from models.queries.planning import emit
from models.queries.planning.emit import Claim
from models.queries.planning.sources import OWN_SOURCE
from models.records import OutboxRow
from models.states import EventState


async def accept(database: Database, row: OutboxRow, now: datetime) -> UUID:
    """Write an event into the outbox and say under which id it is there.

    Raises:
        ProblemError: Its key stands for another body.
        UnavailableError: It may or may not be written: posting it again with its key tells.
    """
    async with database.begin() as tx:
        if row.dedup_key is not None:
            row = replace(row, id=await _claim(tx, row, row.dedup_key, now))
        # Also when the key was ours before: on Citus the claim may have been committed alone.
        await tx.run(emit.insert_outbox(row))
    return row.id


async def _claim(tx: Transaction, row: OutboxRow, key: str, now: datetime) -> UUID:
    """The outbox id that the row's key stands for."""
    wanted = await _wanted(tx, row, key, now)
    if await tx.run(emit.take(wanted, now)):
        return wanted.outbox_id
    held = await _held(tx, wanted)
    if held.body_hash != wanted.body_hash and await _was_rejected(tx, held):
        await tx.run(emit.succeed(held, wanted))  # or somebody else just did
        held = await _held(tx, wanted)
    if held.body_hash != wanted.body_hash:
        raise ProblemError(Kind.KEY_REUSED)
    return held.outbox_id


async def _held(tx: Transaction, wanted: Claim) -> Claim:
    found = await tx.run(emit.holder(wanted.source, wanted.key))
    if not found:
        raise unavailable()  # it expired and was swept in this very moment
    return found[0]


async def _wanted(tx: Transaction, row: OutboxRow, key: str, now: datetime) -> Claim:
    source = row.source or OWN_SOURCE
    expires_at = now + await tx.run(emit.window_of(row.topic))
    digest = body_hash(row) + (row.problem or "").encode()
    # A key is a lease. After it the same body is a new event, and planning still knows the old
    # row's id: so the lease is part of the id.
    lease = sha256(digest + expires_at.isoformat().encode()).digest()
    outbox_id = ids.outbox_id(source, key, lease)
    return Claim(source, key, sha256(digest).digest(), outbox_id, expires_at)


async def _was_rejected(tx: Transaction, held: Claim) -> bool:
    """Whether the event was refused, which frees its key."""
    event = await tx.run(emit.event_of(held.source, held.outbox_id))
    found = [] if event is None else await tx.run(incoming.event_by_id(event))
    return any(each.state == EventState.REJECTED for each in found)
