"""The published versions of the installation-wide rules."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from models.ids import BUCKETS
from models.queries.configuring import warmings
from models.queries.configuring.published import COLUMNS, Publication, Published
from models.queries.routing import routed, slice_of
from models.query import Query, Story, count, records, sql
from models.records import StoredDocument

BOOKS = Published("rulebooks")
newest = BOOKS.newest


def since(known: int) -> Query[list[StoredDocument]]:
    """Versions published after a known one, newest first: usually none, and then nothing is read.

    A known version that was taken back by a restore counts as never known.
    """
    return sql(
        f"""
        SELECT {COLUMNS} FROM rulebooks
         WHERE version > :known OR NOT EXISTS (SELECT FROM rulebooks WHERE version = :known)
         ORDER BY version DESC LIMIT 10
        """,
        records(StoredDocument),
        known=known,
    )


def put_in_force(wanted: Publication) -> Story[int | None]:
    """Publish with its audit entry; `None` when just these rules are in force already.

    What others knew of the counters its caps need is forgotten, for nobody keeps it up now.

    Raises:
        OvertakenError: It was not made from what is in force, or another came first.
    """
    version = yield from BOOKS.put_in_force(wanted, "published rules")
    if version is not None:
        yield warmings.forget(wanted.counters)
    return version


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
