"""What `tidings doctor` asks a database."""

from dataclasses import dataclass
from datetime import datetime

from models.queries.routing import EVERYWHERE, routed
from models.query import Query, records, sql


@dataclass(frozen=True, slots=True)
class Holder:
    """A session that holds back cleaning up: its snapshot is old."""

    pid: int
    application: str
    state: str
    seconds: float


def version() -> Query[int]:
    """The server's version number, e.g. 150004."""
    return sql(
        "SELECT CAST(current_setting('server_version_num') AS int)",
        lambda result: int(result.scalar_one()),
    )


def held_snapshots(longer_than: float) -> Query[list[Holder]]:
    """Sessions whose snapshot is older than so many seconds, the oldest first.

    They slow every queue down: what was claimed and deleted cannot be forgotten.
    """
    return sql(
        """
        SELECT pid, application_name, state,
               CAST(extract(epoch FROM clock_timestamp() - xact_start) AS float) AS seconds
          FROM pg_stat_activity
         WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid()
           AND backend_type = 'client backend'
           AND clock_timestamp() - xact_start > make_interval(secs => :longer_than)
         ORDER BY xact_start
        """,
        records(Holder),
        longer_than=longer_than,
    )


def oldest_due(now: datetime) -> Query[datetime | None]:
    """Since when the oldest due delivery waits for a worker."""
    return routed(
        """
        SELECT min(due_at) FROM queue
         WHERE bucket = ANY(:slice) AND token IS NULL AND due_at <= :now
        """,
        EVERYWHERE,
        lambda result: result.scalar_one(),
        now=now,
    )
