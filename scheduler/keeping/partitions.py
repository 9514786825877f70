"""Day partitions, made before they are needed."""

from collections.abc import Awaitable, Callable
from datetime import date

from models.database import DataError
from models.queries.keeping import partitions
from scheduler.runtime import Runtime

_NO_PARTITION = "23514"
"""The SQLSTATE of a row no partition takes: check_violation, also said of other checks."""


async def within_day(runtime: Runtime, day: date, write: Callable[[], Awaitable[None]]) -> None:
    """Write rows of a day; should its partitions have gone since they were made, make them again.

    Raises:
        DataError: The values cannot be stored, and no partition was missing.
    """
    await ensure_day(runtime, day)
    try:
        await write()
    except DataError as error:
        if error.code != _NO_PARTITION:
            raise
        await ensure(runtime, [day])
        await write()


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
