"""Who holds an old snapshot: what was deleted since cannot be forgotten, and queues crawl."""

from dataclasses import dataclass
from datetime import datetime

from models.query import Query, records, sql


@dataclass(frozen=True, slots=True)
class Holder:
    """What keeps old rows from being forgotten.

    Attributes:
        kind: A session, a replication slot or a prepared transaction.
        pid: The server process of a session, or of a slot that is in use.
        name: The session's application, the slot, or the transaction.
        seconds: Since when, where that is known.
        began: When the session's last statement began.
        behind: Transactions that ended since and cannot be cleaned up after.
    """

    kind: str
    pid: int | None
    name: str
    state: str
    seconds: float | None
    began: datetime | None
    behind: int

    def __str__(self) -> str:
        """Who it is, since when."""
        who = f"{self.kind} {self.name or '(no name)'}"
        if self.pid is not None:
            who += f", pid {self.pid}"
        since = "" if self.seconds is None else f" for {self.seconds:.0f} s"
        statement = "" if self.began is None else f", last statement at {self.began:%H:%M:%S}Z"
        return f"{who} ({self.state}{since}{statement})"

    @property
    def remedy(self) -> str:
        """The statement that ends it."""
        name = self.name.replace("'", "''")
        if self.kind == "session":
            return f"SELECT pg_terminate_backend({self.pid})"
        if self.kind == "replication slot":
            return f"SELECT pg_drop_replication_slot('{name}')"
        return f"ROLLBACK PREPARED '{name}'"


FAR = 1_000_000
"""Transactions behind that are too many for a slot, whose age in seconds nobody knows."""


def held(longer_than: float) -> Query[list[Holder]]:
    """What holds a snapshot older than so many seconds, the farthest behind first.

    A session that wrote and sits idle in its transaction holds as much back as one that reads.
    What other roles' sessions do is visible to members of pg_monitor only.
    """
    return sql(
        """
        SELECT kind, pid, name, state, seconds, began, behind FROM (
            SELECT 'session' AS kind, pid, application_name AS name,
                   coalesce(state, backend_type) AS state,
                   CAST(extract(epoch FROM clock_timestamp() - xact_start) AS float) AS seconds,
                   query_start AS began,
                   greatest(age(backend_xmin), age(backend_xid)) AS behind
              FROM pg_stat_activity
             WHERE (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
               AND pid <> pg_backend_pid() AND backend_type <> 'autovacuum worker'
            UNION ALL
            SELECT 'replication slot', active_pid, CAST(slot_name AS text),
                   CASE WHEN active THEN 'in use' ELSE 'unused' END, NULL, NULL, age(xmin)
              FROM pg_replication_slots WHERE xmin IS NOT NULL
            UNION ALL
            SELECT 'prepared transaction', NULL, gid, 'prepared',
                   CAST(extract(epoch FROM clock_timestamp() - prepared) AS float), NULL,
                   age(transaction)
              FROM pg_prepared_xacts) holders
         WHERE seconds > :longer_than OR seconds IS NULL AND behind > :far
         ORDER BY behind DESC, seconds DESC NULLS LAST
        """,
        records(Holder),
        longer_than=longer_than,
        far=FAR,
    )
