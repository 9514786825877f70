"""The upkeep tick that looks how far producers' own outboxes are behind."""

import asyncio

from models.database import DatabaseError
from models.queries.keeping import lag
from models.query import Query
from models.records import Source
from scheduler.runtime import Runtime


async def look(runtime: Runtime) -> int:
    """Look at every source that nobody looked at just now; how many those were.

    All at once: one that is away keeps none waiting. Nothing is held open meanwhile.
    """
    catalog = await runtime.shelf.refresh(runtime.database)
    theirs = [source for source in catalog.sources if source.url is not None]
    return sum(await asyncio.gather(*(_look(runtime, source) for source in theirs)))


async def _look(runtime: Runtime, source: Source) -> int:
    now = await runtime.database.tell_time()
    async with runtime.database.begin() as tx:
        if not await tx.run(lag.take_turn(source.source, now)):
            return 0
    seen = await _seen(runtime, source)
    async with runtime.database.begin() as tx:
        return await tx.run(seen)


async def _seen(runtime: Runtime, source: Source) -> Query[int]:
    """What is to be written down of a source."""
    try:
        async with runtime.source(source).begin() as theirs:
            return lag.write_backlog(source.source, await theirs.run(lag.backlog()))
    except DatabaseError as error:
        return lag.write_problem(source.source, str(error))
