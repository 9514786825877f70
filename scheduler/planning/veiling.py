"""Rows that come in after their recipient was erased: planned, but for nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from delivery.reading import Accepted
from models.queries.erasing import erasures, events as erasing_events
from models.reasons import Skip
from models.records import OutboxRow, Source
from scheduler.planning.intake import Reading
from scheduler.runtime import Runtime

_Key = tuple[UUID, str]


async def veiled(
    runtime: Runtime, source: Source, readings: Sequence[Reading]
) -> Sequence[Reading]:
    """The same rows, with pseudonyms for people who were erased and for keys of their events.

    Costs one short question as long as nobody ever was.
    """
    if not await runtime.database.run(erasures.any_erased()):
        return readings
    rows = [row for row, _ in readings]
    asked = {one for row in rows for one in (*(row.recipients or ()), row.actor) if one}
    keys = {(_namespace(row, source), row.dedup_key) for row in rows if row.dedup_key}
    async with runtime.database.begin() as tx:
        names = runtime.pseudonyms
        known = await tx.run(erasures.erased(asked, names)) if asked else {}
        hidden = await tx.run(erasing_events.hidden_keys(sorted(keys), names)) if keys else {}
    if not known and not hidden:
        return readings
    return [_veiled(reading, source, known, hidden) for reading in readings]


def _namespace(row: OutboxRow, source: Source) -> UUID:
    return row.source or source.source


def _veiled(
    reading: Reading, source: Source, known: Mapping[str, str], hidden: Mapping[_Key, str]
) -> Reading:
    row, read = reading
    key = row.dedup_key and hidden.get((_namespace(row, source), row.dedup_key), row.dedup_key)
    recipients = row.recipients and tuple(known.get(one or "", one) for one in row.recipients)
    row = replace(
        row, recipients=recipients, dedup_key=key, actor=known.get(row.actor or "", row.actor)
    )
    if recipients and set(recipients) <= set(known.values()):
        # What it says can be about nobody else.
        row = replace(row, data="{}", thread=None, tags=None)
    if isinstance(read, Accepted):
        read = replace(read, recipients=tuple(known.get(one, one) for one in read.recipients))
    else:
        read = replace(read, detail=read.detail if row.data != "{}" else Skip.ERASED.sentence)
    return row, read
