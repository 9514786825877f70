"""What `tidings doctor` asks a database."""

from dataclasses import dataclass
from datetime import datetime

from models.queries.routing import EVERYWHERE, routed
from models.query import Query, records, sql
from models.records import EVERY, Class


def version() -> Query[int]:
    """The server's version number, e.g. 150004."""
    return sql(
        "SELECT CAST(current_setting('server_version_num') AS int)",
        lambda result: int(result.scalar_one()),
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


@dataclass(frozen=True, slots=True)
class Unsound:
    """A topic that cannot be used as it stands, or not wholly; nobody refused it."""

    topic: str
    problem: str


def unsound_topics() -> Query[list[Unsound]]:
    """Topics with values that would be refused today, and what is wrong with them."""
    return sql(
        """
        SELECT topic, CASE WHEN class <> ALL(:classes) THEN 'its class is ' || class
                           WHEN category = :every THEN 'its category is *, which is every one'
                           WHEN mandatory AND class = :promotional
                           THEN 'it is mandatory and promotional: people are asked anyway'
                           ELSE 'its category has ' || octet_length(category) || ' octets' END
          FROM topics
         WHERE class <> ALL(:classes) OR octet_length(category) NOT BETWEEN 1 AND 255
            OR category = :every OR (mandatory AND class = :promotional)
         ORDER BY topic
        """,
        records(Unsound),
        classes=list(Class),
        promotional=Class.PROMOTIONAL,
        every=EVERY,
    )
