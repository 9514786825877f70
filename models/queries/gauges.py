"""What waits in the outbox, for the machines that watch."""

from dataclasses import dataclass
from datetime import datetime

from models.query import Query, records, sql


@dataclass(frozen=True, slots=True)
class Waiting:
    """Rows of our own outbox and when the oldest was written."""

    rows: int
    oldest: datetime | None


def waiting() -> Query[Waiting]:
    """How our own outbox stands."""
    return sql(
        "SELECT count(*), min(created_at) FROM outbox",
        lambda result: records(Waiting)(result)[0],
    )
