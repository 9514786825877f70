"""The conversions tick: what people did is counted for the message that led them there."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from delivery.engagement.conversions import ConversionError, attributed, read_conversion, window_of
from models.database import DataError, Transaction
from models.ids import bucket_of
from models.queries.erasing import erasures
from models.queries.folding import conversions
from models.queries.folding.conversions import Told
from models.queries.planning.sources import OWN_SOURCE
from models.queries.sending import counts
from models.records import Attributed, Candidate, Conversion, Move
from scheduler.runtime import Runtime, token

SETTLES = timedelta(seconds=5)
"""How long a conversion waits, so that the click that led to it is folded first."""
CONVERTED = "converted"
_AT_ONCE = 200

log = structlog.get_logger()


async def step(runtime: Runtime) -> int:
    """Attribute what waits; how many were settled or set aside."""
    return await _some(runtime, _AT_ONCE)


async def _some(runtime: Runtime, limit: int) -> int:
    """A batch the database refuses is halved until the culprit is alone, which is set aside."""
    now = await runtime.database.tell_time()
    await runtime.shelf.refresh(runtime.database)
    try:
        async with runtime.database.begin() as tx:
            return await _settle(
                tx, runtime, await tx.run(conversions.claim(now - SETTLES, limit)), now
            )
    except DataError as error:
        if limit > 1:
            return await _some(runtime, limit // 2)
        return await _set_aside_oldest(runtime, now, error)


async def _set_aside_oldest(runtime: Runtime, now: datetime, error: DataError) -> int:
    async with runtime.database.begin() as tx:
        told = await tx.run(conversions.claim(now - SETTLES, 1))
        problems = {one.id: f"The database refused it: {error}" for one in told}
        return await tx.run(conversions.set_aside(problems))


async def _settle(tx: Transaction, runtime: Runtime, told: Sequence[Told], now: datetime) -> int:
    if not told:
        return 0
    understood, problems = _read(told)
    found = await _attribute(tx, runtime, await _known(tx, runtime, understood.values()))
    new = await tx.run(conversions.keep(found, now)) if found else set()
    await _count(tx, [one for one in found if one.conversion.conversion_id in new], now)
    if problems:
        await tx.run(conversions.set_aside(problems))
    await tx.run(conversions.forget([one.id for one in told if one.id not in problems]))
    log.info("conversions.settled", told=len(told), new=len(new), refused=len(problems))
    return len(told)


def _read(told: Sequence[Told]) -> tuple[dict[UUID, Conversion], dict[UUID, str]]:
    """The first of each conversion, by its id; and what is wrong with others, by row."""
    understood: dict[UUID, Conversion] = {}
    problems: dict[UUID, str] = {}
    for one in told:
        try:
            read = read_conversion(one.said, one.source or OWN_SOURCE, one.id, one.created_at)
        except ConversionError as error:
            problems[one.id] = str(error)
        else:
            understood.setdefault(read.conversion_id, read)
    return understood, problems


async def _known(tx: Transaction, runtime: Runtime, some: Iterable[Conversion]) -> list[Conversion]:
    """Without what people did who were erased."""
    some = list(some)
    if not some or not await tx.run(erasures.any_erased()):
        return some
    gone = await tx.run(erasures.erased({one.recipient_id for one in some}, runtime.pseudonyms))
    return [one for one in some if one.recipient_id not in gone]


async def _attribute(
    tx: Transaction, runtime: Runtime, some: Sequence[Conversion]
) -> list[Attributed]:
    if not some:
        return []
    topics = runtime.shelf.catalog.topics
    longest = max(map(window_of, (None, *topics.values())))
    since = min(one.occurred_at for one in some) - longest
    people = sorted({one.recipient_id for one in some})
    found: list[Candidate] = []
    for group in runtime.shards.group(people, bucket_of):
        found += await tx.run(conversions.candidates(group, since))
    return [attributed(one, found, topics) for one in some]


async def _count(tx: Transaction, new: Sequence[Attributed], now: datetime) -> None:
    """Once in and once out, as all that is counted and is no state."""
    said = Counter[Move](
        replace(one.candidate.counted, state=CONVERTED, reason=str(one.basis))
        for one in new
        if one.candidate is not None and not one.candidate.test
    )
    await tx.copy(counts.write_moves(said, said, token(), now))
