"""A database whose buckets lie in many shards, as on Citus; on plain Postgres it only pretends.

What visits several shards at once is noted: on Citus it would be slow, and an error where it
locks rows. Citus itself is told to refuse it, which plain Postgres ignores.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg

from models.database import Database, Transaction
from models.ids import BUCKETS
from models.queries.routing import Shards
from models.query import Query
from scheduler.known.shards import learn
from tests.pipeline import Pipeline

T = TypeVar("T")
MANY = 8
REFUSING = {"citus.multi_task_query_log_level": "error"}

PRETENDED = Shards(
    [bucket for bucket in range(BUCKETS) if bucket * 2654435761 % 2**32 >> 29 == part]
    for part in range(MANY)
)
"""Buckets scattered over shards as by a hash."""


class _Noting(Transaction):
    def __init__(self, driver: psycopg.AsyncConnection, database: "Sharded") -> None:
        super().__init__(driver)
        self._database = database

    async def run(self, query: Query[T]) -> T:
        self._database.note(query)
        return await super().run(query)


@dataclass
class Sharded(Database):
    """Notes statements whose slice is not within one shard."""

    shards: Shards = PRETENDED
    astray: list[str] = field(default_factory=list)
    routed: int = 0

    def note(self, query: Query[Any]) -> None:
        if "slice" not in query.parameters:
            return
        self.routed += 1
        named = query.parameters["slice"].strip("{}")
        buckets = [int(bucket) for bucket in named.split(",") if bucket]
        if len(self.shards.group(buckets, int)) > 1:
            self.astray.append(" ".join(query.statement.split()))

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Transaction]:
        async with super().begin() as tx:
            yield _Noting(tx._driver, self)

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[Transaction]:
        async with super().autocommit() as tx:
            yield _Noting(tx._driver, self)


async def shard(pipeline: Pipeline) -> Sharded:
    """Let a worker believe that its database has many shards, and note what it says to them."""
    runtime = pipeline.runtime
    await learn(runtime)
    if runtime.shards.together:
        runtime.shards = PRETENDED
    await runtime.database.close()
    sharded = Sharded.connect(pipeline.url, "tidings sharded", 4, **REFUSING)
    sharded.clock, sharded.shards = pipeline.clock, runtime.shards
    runtime.database = sharded
    return sharded
