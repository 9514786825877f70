"""Where the buckets lie, asked once by each worker."""

from models.queries.routing import TOGETHER, Shards
from models.query import Answer, Query, Story, sql


def is_distributed() -> Query[bool]:
    """Whether the big tables are spread over shards."""
    return sql(
        "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')",
        lambda result: bool(result.scalar_one()),
    )


def shards() -> Query[Shards]:
    """Which buckets lie in the same shard. On Citus only: elsewhere it has no such function."""
    return sql(
        """
        SELECT array_agg(bucket ORDER BY bucket) AS buckets
          FROM generate_series(0, 1023) bucket
         GROUP BY get_shard_id_for_distribution_column('queue', CAST(bucket AS smallint))
         ORDER BY 1
        """,
        _shards,
    )


def _shards(result: Answer) -> Shards:
    return Shards(result.scalars())


def learned() -> Story[Shards]:
    """Where the buckets lie. That never changes: a shard may move, but never its buckets."""
    spread: bool = yield is_distributed()
    if not spread:
        return TOGETHER
    found: Shards = yield shards()
    return found
