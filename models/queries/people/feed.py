"""A recipient's in-app feed: reading it, and marking what was seen, read or put away."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from models.ids import bucket_of
from models.queries.routing import Slice, routed, slice_of
from models.query import Answer, Query, count, records


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a feed, as it is now.

    Attributes:
        id: The delivery it is.
        seq: Its place in the feed, from 1, without gaps.
        change: Number of its newest change.
        archived_at: Put away: a tombstone, kept for 30 days.
    """

    id: UUID
    seq: int
    change: int
    topic: str
    title: str
    body: str
    url: str | None
    actor: str | None
    thread: str | None
    created_at: datetime
    seen_at: datetime | None
    read_at: datetime | None
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class Numbers:
    """Where a feed stands.

    Attributes:
        change: Number of its newest change.
        purged: Changes up to this one may have been of items that are gone.
    """

    change: int = 0
    purged: int = 0


class Mark(StrEnum):
    """What may be said about items."""

    SEEN = "seen"
    """It was on the screen; the badge counts what was not."""
    READ = "read"
    """It was opened; so it was seen, too."""
    ARCHIVE = "archive"
    """It was put away."""


_SETS = {
    Mark.SEEN: ("seen_at", "seen_at = :now"),
    Mark.READ: ("read_at", "read_at = :now, seen_at = coalesce(i.seen_at, :now)"),
    Mark.ARCHIVE: ("archived_at", "archived_at = :now"),
}
"""Mark to the column that says whether it is there, and what setting it writes."""


@dataclass(frozen=True, slots=True)
class Which:
    """Items of one feed: those with these ids, those up to a place, or all."""

    ids: tuple[UUID, ...] | None = None
    up_to: int | None = None


def _slice(recipient: str) -> Slice:
    return slice_of([bucket_of(recipient)])


_ITEM = (
    "i.delivery_id, i.seq, i.change, i.topic, i.title, i.body, i.url, i.actor, i.thread,"
    " i.created_at, i.seen_at, i.read_at, i.archived_at"
)


def page(recipient: str, before: int | None, limit: int) -> Query[list[Item]]:
    """Items that were not put away, the newest first, from below a place on."""
    return routed(
        f"""
        SELECT {_ITEM} FROM inbox i
         WHERE i.bucket = (:slice)[1] AND i.recipient_id = :id AND i.archived_at IS NULL
           AND (CAST(:before AS bigint) IS NULL OR i.seq < :before)
         ORDER BY i.seq DESC LIMIT :limit
        """,
        _slice(recipient),
        records(Item),
        id=recipient,
        before=before,
        limit=limit,
    )


def changes(recipient: str, after: int, limit: int) -> Query[list[Item]]:
    """Items that changed after a change, in the order of their newest change."""
    return routed(
        f"""
        SELECT {_ITEM} FROM inbox i
         WHERE i.bucket = (:slice)[1] AND i.recipient_id = :id AND i.change > :after
         ORDER BY i.change LIMIT :limit
        """,
        _slice(recipient),
        records(Item),
        id=recipient,
        after=after,
        limit=limit,
    )


def _numbers(result: Answer) -> Numbers:
    row = result.one_or_none()
    return Numbers() if row is None else Numbers(*row)


def numbers(recipient: str) -> Query[Numbers]:
    """Where a feed stands. Ask before reading items: what is read then is at least as new."""
    return routed(
        "SELECT change, purged FROM ledger WHERE bucket = ANY(:slice) AND recipient_id = :id",
        _slice(recipient),
        _numbers,
        id=recipient,
    )


def lock(recipient: str) -> Query[Numbers]:
    """Lock the recipient's ledger: nobody else numbers changes of this feed until the end."""
    return routed(
        """
        SELECT change, purged FROM ledger
         WHERE bucket = ANY(:slice) AND recipient_id = :id FOR UPDATE
        """,
        _slice(recipient),
        _numbers,
        id=recipient,
    )


def mark(recipient: str, said: Mark, which: Which, change: int, now: datetime) -> Query[int]:
    """Mark items, numbering the changes from `change` + 1; what is marked stays as it is.

    Returns:
        How many items changed.
    """
    column, assignments = _SETS[said]
    return routed(
        f"""
        UPDATE inbox i SET {assignments}, change = :change + hit.number
          FROM (SELECT seq, row_number() OVER (ORDER BY seq) AS number FROM inbox
                 WHERE bucket = ANY(:slice) AND recipient_id = :id
                   AND archived_at IS NULL AND {column} IS NULL
                   AND (CAST(:ids AS uuid[]) IS NULL OR delivery_id = ANY(:ids))
                   AND (CAST(:up_to AS bigint) IS NULL OR seq <= :up_to)) hit
         WHERE i.bucket = ANY(:slice) AND i.recipient_id = :id AND i.seq = hit.seq
        """,
        _slice(recipient),
        count,
        id=recipient,
        ids=None if which.ids is None else list(which.ids),
        up_to=which.up_to,
        change=change,
        now=now,
    )


def advance(recipient: str, change: int) -> Query[int]:
    """Store the number of the newest change of a locked ledger."""
    return routed(
        "UPDATE ledger SET change = :change WHERE bucket = ANY(:slice) AND recipient_id = :id",
        _slice(recipient),
        count,
        id=recipient,
        change=change,
    )


_REMEMBER = """
    WITH doomed AS (
         SELECT bucket, recipient_id, change FROM inbox
          WHERE bucket = ANY(:slice) AND archived_at < :before
          ORDER BY archived_at LIMIT :limit),
    floors AS (
         SELECT bucket, recipient_id, max(change) AS change FROM doomed GROUP BY 1, 2),
    locked AS (
         SELECT l.bucket, l.recipient_id, f.change
           FROM ledger l JOIN floors f USING (bucket, recipient_id)
          WHERE l.bucket = ANY(:slice)
          ORDER BY l.bucket, l.recipient_id FOR UPDATE OF l)
    UPDATE ledger l SET purged = greatest(l.purged, k.change) FROM locked k
     WHERE l.bucket = ANY(:slice)
       AND l.bucket = k.bucket AND l.recipient_id = k.recipient_id
"""
_FORGET = """
    DELETE FROM inbox i USING ledger l
     WHERE i.bucket = ANY(:slice) AND i.archived_at < :before
       AND l.bucket = ANY(:slice) AND l.bucket = i.bucket
       AND l.recipient_id = i.recipient_id AND i.change <= l.purged
"""


def purge(slice_: Slice, before: datetime, limit: int) -> tuple[Query[int], Query[int]]:
    """Forget items put away before a moment: two statements for one transaction.

    The ledger remembers up to which change something is gone, so that who asks from further
    back is told to begin anew. Run again until the first one says 0.
    """
    remember = routed(_REMEMBER, slice_, count, before=before, limit=limit)
    return remember, routed(_FORGET, slice_, count, before=before)
