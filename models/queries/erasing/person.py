"""What an erasure takes away of its recipient, and what it leaves under a pseudonym.

Every statement finds only what is still there: done twice, the second finds nothing. Rows keep
their keys but for the recipient; see docs/adr on what is kept and why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from models.queries.folding.doubts import Held
from models.queries.routing import Slice, routed, slice_of
from models.queries.sending.dispatch import DUE, WIDTH, due_row
from models.query import Query, count, sql
from models.records import OWN_VENDOR, Erasure

OWN = (
    "recipients", "addresses", "preferences", "preference_changes", "tombstones",
    "audience_members",
)  # fmt: skip
"""Tables of which nothing is left; `ledger` goes when nobody decides for them any more."""


def _theirs(erasure: Erasure) -> Slice:
    return slice_of([erasure.bucket])


def forget_own(table: str, erasure: Erasure) -> Query[int]:
    """Delete all rows that a table of `OWN`, or the ledger, has of them."""
    return routed(
        f"DELETE FROM {table} WHERE bucket = ANY(:slice) AND recipient_id = :id",
        _theirs(erasure),
        count,
        id=erasure.recipient_id,
    )


def forget_changes(erasure: Erasure) -> Query[int]:
    """Delete profiles of theirs that wait to be drained, or were set aside."""
    return sql(
        "DELETE FROM recipient_changes WHERE recipient_id = :id", count, id=erasure.recipient_id
    )


def forget_told_conversions(erasure: Erasure) -> Query[int]:
    """Delete what they did and waits to be counted, or was set aside."""
    return sql(
        "DELETE FROM conversions_waiting WHERE recipient_id = :id", count, id=erasure.recipient_id
    )


def rename_conversions(erasure: Erasure) -> Query[int]:
    """Keep what they did under the pseudonym: counts stay what they are."""
    return routed(
        "UPDATE conversions SET recipient_id = :name WHERE bucket = ANY(:slice)"
        " AND recipient_id = :id",
        _theirs(erasure),
        count,
        id=erasure.recipient_id,
        name=erasure.pseudonym,
    )


def rename_members(erasure: Erasure) -> Query[int]:
    """Keep that they were in the audience of campaigns, under the pseudonym."""
    return routed(
        "UPDATE campaign_members SET recipient_id = :name WHERE bucket = ANY(:slice)"
        " AND recipient_id = :id",
        _theirs(erasure),
        count,
        id=erasure.recipient_id,
        name=erasure.pseudonym,
    )


def queued(erasure: Erasure, limit: int) -> Query[list[Held]]:
    """Lock what waits for them, and what is being sent."""
    return routed(
        f"""
        SELECT {DUE}, q.token FROM queue q
         WHERE q.bucket = ANY(:slice) AND q.recipient_id = ANY(:ids)
         ORDER BY q.bucket, q.delivery_id LIMIT :limit FOR UPDATE
        """,
        _theirs(erasure),
        lambda result: [Held(due_row(row), row[WIDTH]) for row in result],
        ids=[erasure.recipient_id, erasure.pseudonym],
        limit=limit,
    )


def forget_open_digests(erasure: Erasure) -> Query[int]:
    """Delete their open digests, whose members were taken out."""
    return routed(
        """
        DELETE FROM digests
         WHERE bucket = ANY(:slice) AND recipient_id = :id AND closed_at IS NULL
        """,
        _theirs(erasure),
        count,
        id=erasure.recipient_id,
    )


def empty_members(erasure: Erasure) -> Query[int]:
    """Empty what their closed digests carried; that they carried it stays."""
    return routed(
        """
        UPDATE digest_members m
           SET data = NULL, actor = NULL, thread = NULL, tags = NULL, locale = NULL,
               content = NULL, trace = NULL
          FROM digests d
         WHERE m.bucket = ANY(:slice) AND d.bucket = ANY(:slice) AND d.bucket = m.bucket
           AND d.digest_id = m.digest_id AND d.recipient_id = :id
        """,
        _theirs(erasure),
        count,
        id=erasure.recipient_id,
    )


def rename_digests(erasure: Erasure) -> Query[int]:
    """Let their closed digests be of the pseudonym."""
    return routed(
        """
        UPDATE digests SET recipient_id = :name, grouped = ''
         WHERE bucket = ANY(:slice) AND recipient_id = :id
        """,
        _theirs(erasure),
        count,
        id=erasure.recipient_id,
        name=erasure.pseudonym,
    )


def forget_items(erasure: Erasure, limit: int) -> Query[int]:
    """Delete the first items of their feed that are left."""
    return routed(
        """
        DELETE FROM inbox
         WHERE bucket = ANY(:slice) AND recipient_id = :id
           AND seq IN (SELECT seq FROM inbox WHERE bucket = ANY(:slice) AND recipient_id = :id
                        ORDER BY seq LIMIT :limit)
        """,
        _theirs(erasure),
        count,
        id=erasure.recipient_id,
        limit=limit,
    )


def rename_expansions(erasure: Erasure) -> Query[int]:
    """Let lists of events for thousands name the pseudonym."""
    return routed(
        """
        UPDATE expansions SET recipients = array_replace(recipients, CAST(:id AS text), :name)
         WHERE bucket = ANY(:slice) AND recipients @> ARRAY[CAST(:id AS text)]
        """,
        _theirs(erasure),
        count,
        id=erasure.recipient_id,
        name=erasure.pseudonym,
    )


@dataclass(frozen=True, slots=True)
class Trace:
    """A delivery that still tells something."""

    delivery_id: UUID
    day: date


_TELLS = ("address", "detail", "context", "content_hash", "response")
_EMPTY = "CAST('{}' AS jsonb)"


def telling(erasure: Erasure, limit: int) -> Query[list[Trace]]:
    """Lock the first of their deliveries that still tell something."""
    told = " OR ".join(f"d.{name} IS NOT NULL" for name in _TELLS)
    return routed(
        f"""
        SELECT d.delivery_id, d.day FROM deliveries d
         WHERE d.bucket = ANY(:slice) AND d.recipient_id = ANY(:ids)
           AND (d.recipient_id = :id OR {told} OR d.trace <> {_EMPTY})
         ORDER BY d.bucket, d.delivery_id LIMIT :limit FOR UPDATE
        """,
        _theirs(erasure),
        lambda result: [Trace(*row) for row in result],
        id=erasure.recipient_id,
        ids=[erasure.recipient_id, erasure.pseudonym],
        limit=limit,
    )


_EMPTIED = {
    "attempts": "response = NULL",
    "feedback": """
        detail = (detail - CAST('{recipient,text,raw}' AS text[]))
            || CASE WHEN vendor = :own AND jsonb_typeof(detail -> 'raw') = 'object'
                    THEN jsonb_build_object('raw', (detail -> 'raw') - CAST('source' AS text))
                    ELSE CAST('{}' AS jsonb) END,
        vendor_event_id = CASE WHEN strpos(vendor_event_id, '@') > 0
            THEN encode(sha256(convert_to(vendor_event_id, 'UTF8')), 'hex')
            ELSE vendor_event_id END""",
    "deliveries": f"""
        recipient_id = :name, {", ".join(f"{name} = NULL" for name in _TELLS)},
        trace = CASE WHEN trace IS NOT NULL THEN {_EMPTY} END""",
}


def empty(erasure: Erasure, traces: Sequence[Trace]) -> dict[str, Query[int]]:
    """Table to the statement that empties what it holds of these deliveries."""
    places = {"days": sorted({one.day for one in traces}), "ids": [t.delivery_id for t in traces]}
    told = {"name": erasure.pseudonym, "own": OWN_VENDOR}
    return {
        table: routed(
            f"""
            UPDATE {table} SET {change}
             WHERE bucket = ANY(:slice) AND day = ANY(:days) AND delivery_id = ANY(:ids)
            """,
            _theirs(erasure),
            count,
            **places,
            **{name: value for name, value in told.items() if f":{name}" in change},
        )
        for table, change in _EMPTIED.items()
    }
