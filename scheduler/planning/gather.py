"""The gathering tick: an event for an audience gets its recipients, as they are at this moment."""

from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

import structlog

from delivery.audiences import AudienceError, condition_of
from delivery.reading import EXPANDS_OVER, Accepted, Refusal, unknown_audience
from models.database import Transaction
from models.ids import place_of
from models.queries.audiences import catalog, gathering
from models.queries.audiences.conditions import where
from models.queries.audiences.members import Member, members, parts, roomy
from models.queries.planning import events
from models.queries.routing import Slice
from models.records import Chunk
from models.records.audiences import StoredAudience as Stored
from models.records.conditions import Condition
from scheduler.planning import fanout
from scheduler.planning.intake import Reading
from scheduler.runtime import Runtime

log = structlog.get_logger()

_PAGE = 10_000


async def step(runtime: Runtime) -> int:
    """Gather the audience of the event that waits longest; how many events that were."""
    for slice_ in runtime.shards.slices:
        async with runtime.database.begin() as tx:
            claimed = await tx.run(events.claim_gathering(slice_))
            for chunk in claimed:
                await _gather(runtime, tx, chunk)
        if claimed:
            await fanout.complete(runtime, {place_of(chunk.event_id).day for chunk in claimed})
            runtime.queue_came.ring()
            return len(claimed)
    return 0


async def _gather(runtime: Runtime, tx: Transaction, chunk: Chunk) -> None:
    """Write its recipients and its done mark, all at once or not at all."""
    now = await runtime.database.tell_time()
    key = await tx.run(gathering.addressed(chunk.event_id))
    if key is not None:
        stored = await tx.run(catalog.audiences())
        try:
            condition = condition_of(key, stored)
        except AudienceError as error:
            await _reject(tx, chunk.event_id, unknown_audience(key), str(error))
        else:
            await _write(runtime, tx, chunk.event_id, stored[key], condition)
    await tx.run(events.finish_chunks([chunk], now))


async def _reject(tx: Transaction, event: UUID, refusal: Refusal, why: str) -> None:
    log.warning("audience.unreadable", event_id=str(event), error=why)
    await tx.run(gathering.reject(event, refusal.reason, why))


async def _write(
    runtime: Runtime, tx: Transaction, event: UUID, audience: Stored, condition: Condition
) -> None:
    now = await runtime.database.tell_time()
    who = where(condition, now)
    await tx.run(roomy())
    for part in _parts(runtime):
        await tx.run(gathering.write_members(event, who, part, now, EXPANDS_OVER))
    found = sum([await tx.run(gathering.written(event, part)) for part in _parts(runtime)])
    detail = f"Audience {audience.key}, version {audience.version}."
    await tx.run(gathering.note_gathered(event, found, detail))
    log.info("audience.gathered", audience=audience.key, version=audience.version, members=found)


def _parts(runtime: Runtime) -> Iterable[Slice]:
    """Buckets that lie together, not too many at a time."""
    return parts() if runtime.shards.together else runtime.shards.slices


async def spelled_out(runtime: Runtime, said: Iterable[Reading]) -> list[Reading]:
    """The same rows, those for an audience with the members that it has now."""
    return [
        (row, await _spelled(runtime, reading) if isinstance(reading, Accepted) else reading)
        for row, reading in said
    ]


async def _spelled(runtime: Runtime, accepted: Accepted) -> Accepted | Refusal:
    if accepted.audience is None:
        return accepted
    async with runtime.database.begin() as tx:
        try:
            condition = condition_of(accepted.audience, await tx.run(catalog.audiences()))
        except AudienceError:
            return unknown_audience(accepted.audience)
        who = where(condition, await runtime.database.tell_time())
        found: list[str] = []
        for part in _parts(runtime):
            last: Member | None = None
            while page := await tx.run(members(who, part, last, _PAGE)):
                found += [member.recipient_id for member in page]
                last = page[-1]
    return replace(accepted, recipients=tuple(found))
