"""How far the draining of producers' own outboxes is behind.

Workers look and write down what they saw; whoever wants to know reads that, and nobody but the
workers has a connection to a producer's database.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.query import Query, count, records, sql
from models.readings.events import COUNTED, SourceStanding

LOOK_EVERY = timedelta(seconds=10)
"""How often somebody looks at each source."""
_LONGEST = 200
"""Characters of a problem that are kept."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits in an outbox; `rows` is at most `COUNTED`."""

    rows: int
    oldest: datetime | None


def backlog() -> Query[Backlog]:
    """What waits in the outbox of the database it is run on."""
    return sql(
        """
        SELECT count(*), min(created_at)
          FROM (SELECT created_at FROM outbox ORDER BY created_at LIMIT :counted) waiting
        """,
        lambda result: records(Backlog)(result)[0],
        counted=COUNTED,
    )


def take_turn(source: UUID, now: datetime) -> Query[int]:
    """Whether it is ours to look at a source now: 1, or 0 when somebody did a moment ago."""
    return sql(
        """
        INSERT INTO source_standings AS s (source, rows, looked_at) VALUES (:source, 0, :now)
        ON CONFLICT (source) DO UPDATE SET looked_at = excluded.looked_at
         WHERE s.looked_at <= :due
        """,
        count,
        source=source,
        now=now,
        due=now - LOOK_EVERY,
    )


def write_backlog(source: UUID, seen: Backlog) -> Query[int]:
    """Keep what was seen."""
    return sql(
        """
        UPDATE source_standings SET rows = :rows, oldest = :oldest, problem = NULL
         WHERE source = :source
        """,
        count,
        source=source,
        rows=seen.rows,
        oldest=seen.oldest,
    )


def write_problem(source: UUID, problem: str) -> Query[int]:
    """Keep why nothing could be seen."""
    return sql(
        "UPDATE source_standings SET problem = :problem WHERE source = :source",
        count,
        source=source,
        problem=problem[:_LONGEST],
    )


def standings() -> Query[dict[UUID, SourceStanding]]:
    """How producers' own outboxes stood when a worker last looked."""
    return sql(
        "SELECT source, rows, oldest, problem, looked_at FROM source_standings",
        lambda result: {each.source: each for each in records(SourceStanding)(result)},
    )
