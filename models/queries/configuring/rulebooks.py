"""The published versions of the installation-wide rules."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from models.ids import BUCKETS
from models.people import AuditEntry
from models.queries.configuring import warmings
from models.queries.console import people
from models.queries.routing import routed, slice_of
from models.query import Query, Story, count, records, sql
from models.records import StoredRulebook

_COLUMNS = "version, document, note, published_at, published_by"


def newest(limit: int, before: int | None = None) -> Query[list[StoredRulebook]]:
    """The newest versions, or those below one; the first of all is the one in force."""
    return sql(
        f"""
        SELECT {_COLUMNS} FROM rulebooks
         WHERE CAST(:before AS bigint) IS NULL OR version < :before
         ORDER BY version DESC LIMIT :limit
        """,
        records(StoredRulebook),
        limit=limit,
        before=before,
    )


def since(known: int) -> Query[list[StoredRulebook]]:
    """Versions published after a known one, newest first: usually none, and then nothing is read.

    A known version that was taken back by a restore counts as never known.
    """
    return sql(
        f"""
        SELECT {_COLUMNS} FROM rulebooks
         WHERE version > :known OR NOT EXISTS (SELECT FROM rulebooks WHERE version = :known)
         ORDER BY version DESC LIMIT 10
        """,
        records(StoredRulebook),
        known=known,
    )


def publish(book: StoredRulebook, counters: Collection[str]) -> Story[bool]:
    """Put a version in force that follows the newest one; not so when it does not (any more).

    Counters are those its caps need: what others knew is forgotten, for nobody keeps it up now.
    """
    if not (yield _insert(book)):
        return False
    yield warmings.forget(counters)
    return True


def _insert(book: StoredRulebook) -> Query[int]:
    return sql(
        """
        INSERT INTO rulebooks (version, document, note, published_at, published_by)
        SELECT :version, CAST(:document AS jsonb), :note, CAST(:at AS timestamptz), :by
         WHERE :version = (SELECT coalesce(max(version), 0) + 1 FROM rulebooks)
        ON CONFLICT (version) DO NOTHING
        """,
        count,
        version=book.version,
        document=json.dumps(book.document),
        note=book.note,
        at=book.published_at,
        by=book.published_by,
    )


class OvertakenError(ValueError):
    """Somebody else published meanwhile: what they changed would be undone unseen."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What somebody wants to be in force.

    Attributes:
        document: A rulebook that was read without fault.
        counters: The names of all counters that its caps need.
        base: The version it was made from; `None`: whichever is in force.
    """

    document: dict[str, Any]
    counters: Collection[str]
    note: str
    by: str
    now: datetime
    base: int | None = None


def put_in_force(wanted: Publication) -> Story[int | None]:
    """Publish with its audit entry; `None` when just these rules are in force already.

    Raises:
        OvertakenError: It was not made from what is in force, or another came first.
    """
    found: list[StoredRulebook] = yield newest(1)
    live = found[0].version if found else 0
    if wanted.base is not None and wanted.base != live:
        raise OvertakenError(f"version {live} was published meanwhile: look at it, then again")
    if found and found[0].document == wanted.document:
        return None
    book = StoredRulebook(live + 1, wanted.document, wanted.note, wanted.now, wanted.by)
    if not (yield from publish(book, wanted.counters)):
        raise OvertakenError("somebody published at the same moment: look at it, then again")
    detail: dict[str, object] = {"note": wanted.note}
    entry = AuditEntry(wanted.now, wanted.by, "published rules", f"version {live + 1}", detail)
    yield people.write_audit(entry)
    return live + 1


ALL_WOKEN = BUCKETS
"""What `woken` says when the held rows of every bucket were looked at."""


def lock_waking(now: datetime, rest: timedelta) -> Query[tuple[int, int] | None]:
    """The newest version and how many buckets were woken for it, locked for whoever wakes more.

    Args:
        now: The database's time.
        rest: How long after its publication all workers decide by a version.

    Returns:
        `None` when nothing is to be woken (yet), or somebody else is at it.
    """
    return sql(
        """
        SELECT version, woken FROM rulebooks
         WHERE version = (SELECT max(version) FROM rulebooks)
           AND woken < :all AND published_at <= :since
           FOR UPDATE SKIP LOCKED
        """,
        lambda result: next(((row.version, row.woken) for row in result), None),
        all=ALL_WOKEN,
        since=now - rest,
    )


def note_woken(version: int, woken: int) -> Query[int]:
    """Keep how far the waking for a version came."""
    return sql(
        "UPDATE rulebooks SET woken = :woken WHERE version = :version",
        count,
        version=version,
        woken=woken,
    )


SPREAD = timedelta(minutes=5)
"""What a looser rule lets go goes within this long, not all at once."""


def wake_held(buckets: Iterable[int], now: datetime) -> Query[int]:
    """Let rows that the rules hold be decided anew, in some buckets, spread over some minutes.

    The more important go first; no row later than it was due. By its id each has the same place in
    the spread whenever it is asked.

    It waits for rows that are being decided right now: that may be by the rules before.
    """
    return routed(
        """
        WITH held AS MATERIALIZED (
            SELECT bucket, delivery_id, lane FROM queue
             WHERE bucket = ANY(:slice) AND token IS NULL AND due_at > :now
               AND held_for IN ('quiet_hours', 'frequency_cap')
             ORDER BY bucket, delivery_id FOR UPDATE)
        UPDATE queue q
           SET due_at = least(
                   q.due_at,
                   CAST(:now AS timestamptz) + CAST(:spread AS interval) * (CAST(
                       9 - h.lane / 16
                       + (hashtext(CAST(h.delivery_id AS text)) & 1023) / 1024.0
                   AS double precision) / 10))
          FROM held h
         WHERE q.bucket = ANY(:slice) AND q.bucket = h.bucket AND q.delivery_id = h.delivery_id
        """,
        slice_of(buckets),
        count,
        now=now,
        spread=SPREAD,
    )
