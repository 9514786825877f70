"""Day partitions, made before they are needed."""

from datetime import date

from models.queries import partitions
from scheduler.runtime import Runtime


async def ensure_day(runtime: Runtime, day: date) -> None:
    """Have partitions for one day; asks the database once a process and day."""
    if day not in runtime.days:
        await ensure(runtime, [day])


async def ensure(runtime: Runtime, days: list[date]) -> None:
    """Have partitions for these days."""
    async with runtime.database.begin() as tx:
        existing = await tx.run(partitions.existing_partitions())
    for table, day in partitions.missing(existing, days):
        async with runtime.database.begin() as tx:
            for statement in partitions.make_partition(table, day):
                await tx.run(statement)
    runtime.days.update(days)
