"""The upkeep tick that makes copies of suppressions on addresses say what the suppressions say.

A crash between the two transactions of suppressing, of lifting, or of adding an address leaves
them apart: see models/queries/folding/suppressions.py. Each run looks at one part of the buckets:
a crash is repaired within an hour and no run is long.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from models.database import Transaction
from models.ids import BUCKETS
from models.queries.folding import reconciling, suppressions
from models.queries.folding.reconciling import Copied
from models.queries.folding.suppressions import Found
from models.queries.routing import Shards, Slice, slice_of
from models.records import Suppression
from scheduler.runtime import Runtime

PARTS = 60
"""Parts of the buckets; one a minute."""
_AT_ONCE = 1000

log = structlog.get_logger()


async def reconcile(runtime: Runtime) -> int:
    """Repair the copies of the part whose minute it is; how many were wrong."""
    now = await runtime.database.tell_time()
    repaired = 0
    for together in runtime.shards.group(range(now.minute, BUCKETS, PARTS), int):
        part = slice_of(together)
        repaired += await _add_missing(runtime, part, now)
        repaired += await _clear_stale(runtime, part, now)
    if repaired:
        log.warning("suppressions.reconciled", addresses=repaired)
    return repaired


async def _add_missing(runtime: Runtime, part: Slice, now: datetime) -> int:
    repaired, last = 0, None
    while True:
        async with runtime.database.begin() as tx:
            page = await tx.run(reconciling.lock_live(part, last, _AT_ONCE, now))
            repaired += await _copy(tx, runtime.shards, page)
        if len(page) < _AT_ONCE:
            return repaired
        last = page[-1]


async def _clear_stale(runtime: Runtime, part: Slice, now: datetime) -> int:
    repaired, last = 0, None
    while True:
        async with runtime.database.begin() as tx:
            page = await tx.run(reconciling.copied(part, last, _AT_ONCE, now))
            pairs = _pairs(page)
            found = (
                await tx.run(suppressions.suppressions_at(pairs, runtime.pseudonyms, now))
                if page
                else {}
            )
        stale = _stale(page, found)
        repaired += await _clear(runtime, stale, now) if stale else 0
        if len(page) < _AT_ONCE:
            return repaired
        last = page[-1]


async def _clear(runtime: Runtime, stale: Sequence[Copied], now: datetime) -> int:
    """Clear the marks; whoever suppressed meanwhile may have been overwritten, so look again."""
    async with runtime.database.begin() as tx:
        cleared = await tx.run(reconciling.clear(stale))
    async with runtime.database.begin() as tx:
        found = await tx.run(suppressions.suppressions_at(_pairs(stale), runtime.pseudonyms, now))
        again = {one.place: one for each in found.values() for one in each}
        return cleared - await _copy(tx, runtime.shards, list(again.values()))


async def _copy(tx: Transaction, shards: Shards, found: Sequence[Suppression]) -> int:
    statements = [each for part in shards.slices for each in reconciling.copy_to_all(found, part)]
    return sum([await tx.run(statement) for statement in statements])


def _stale(page: Sequence[Copied], found: Found) -> list[Copied]:
    """The addresses with marks of suppressions that are not found; with these marks alone."""
    gone = []
    for each in page:
        known = {one.mark for one in found.get((each.channel, each.address), ())}
        if each.marks - known:
            gone.append(replace(each, marks=each.marks - known))
    return gone


def _pairs(page: Sequence[Copied]) -> set[tuple[str, str]]:
    return {(each.channel, each.address) for each in page}
