"""What an erasure changes beside the rows of its recipient: their addresses, and who names them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.ids import bucket_of
from models.queries.routing import EVERYWHERE, routed, slice_of
from models.query import Query, count, sql
from models.records import Erasure

_NAMING = ("queue", "digest_members", "inbox")
"""Tables in which others' rows name who caused them."""


def rename_actors(erasure: Erasure) -> dict[str, Query[int]]:
    """Let the news of others name the pseudonym as who caused it; what it says is theirs."""
    return {
        table: routed(
            f"UPDATE {table} SET actor = :name WHERE bucket = ANY(:slice) AND actor = :id",
            EVERYWHERE,
            count,
            id=erasure.recipient_id,
            name=erasure.pseudonym,
        )
        for table in _NAMING
    }


def empty_strays(erasure: Erasure) -> Query[int]:
    """Empty feedback that could not be matched and names one of their addresses."""
    return routed(
        """
        UPDATE feedback_unmatched SET detail = CAST('{}' AS jsonb)
         WHERE bucket = ANY(:slice)
           AND EXISTS (SELECT FROM unnest(CAST(:words AS text[])) word
                        WHERE strpos(lower(CAST(detail AS text)), lower(word)) > 0)
        """,
        EVERYWHERE,
        count,
        words=list(erasure.veil.addresses),
    )


def forget_soft_bounces(erasure: Erasure) -> Query[int]:
    """Delete what came back for now from their addresses."""
    addresses = list(erasure.veil.addresses)
    return routed(
        "DELETE FROM soft_bounces WHERE bucket = ANY(:slice) AND address = ANY(:addresses)",
        slice_of(map(bucket_of, addresses)),
        count,
        addresses=addresses,
    )


def shared(erasure: Erasure) -> Query[set[str]]:
    """Of their addresses those that others have, too."""
    return routed(
        """
        SELECT DISTINCT address FROM addresses
         WHERE bucket = ANY(:slice) AND address = ANY(:addresses) AND recipient_id <> :id
        """,
        EVERYWHERE,
        lambda result: set(result.scalars()),
        id=erasure.recipient_id,
        addresses=list(erasure.veil.addresses),
    )


AGAINST: Mapping[str, tuple[str, ...]] = {
    "suppressions": ("channel", "category", "source", "expires_at", "created_at"),
    "suppression_changes": ("channel", "category", "at", "change", "source", "expires_at"),
}
"""Tables of what stands or stood against addresses, to what of it is kept as it is."""
_WORDS = """CASE WHEN reason ~ '^[a-z_]{1,40}$' THEN reason ELSE 'said by a person' END"""


def hash_suppressions(table: str, address: str, name: str) -> tuple[Query[int], Query[int]]:
    """Keep what stands against an address under its pseudonym; a table of suppressions or changes.

    Where the pseudonym has such a row already, that one stays: first copy, then delete.
    """
    columns = AGAINST[table]
    place = {"address": address}
    slice_ = slice_of([bucket_of(address)])
    copied = routed(
        f"""
        INSERT INTO {table} (bucket, address, {", ".join(columns)}, reason)
        SELECT bucket, CAST(:name AS text), {", ".join(columns)}, {_WORDS} FROM {table}
         WHERE bucket = ANY(:slice) AND address = :address
        ON CONFLICT DO NOTHING
        """,
        slice_,
        count,
        name=name,
        **place,
    )
    gone = f"DELETE FROM {table} WHERE bucket = ANY(:slice) AND address = :address"
    return copied, routed(gone, slice_, count, **place)


@dataclass(frozen=True, slots=True)
class Entry:
    """An audit entry that may name them.

    Attributes:
        said: Its detail, before, after and why.
    """

    audit_id: UUID
    subject: str
    said: list[Any]


def audited(erasure: Erasure) -> Query[list[Entry]]:
    """Audit entries in which their id or an address of theirs occurs."""
    return sql(
        """
        SELECT audit_id, subject, said
          FROM audit a, LATERAL (SELECT jsonb_build_array(detail, before, after, why) AS said) s
         WHERE EXISTS (SELECT FROM unnest(CAST(:words AS text[])) word
                        WHERE strpos(lower(subject), lower(word)) > 0
                           OR strpos(lower(CAST(said AS text)), lower(word)) > 0)
         ORDER BY audit_id FOR UPDATE OF a
        """,
        lambda result: [Entry(*row) for row in result],
        words=sorted(erasure.veil.exact),
    )


def rewrite_entry(entry: Entry, subject: str, said: str, now: datetime) -> Query[int]:
    """Let an audit entry say the same without them; the database notes that it happened."""
    return sql(
        """
        UPDATE audit SET subject = :subject, redacted_at = :now,
               detail = CAST(:said AS jsonb) -> 0,
               before = nullif(CAST(:said AS jsonb) -> 1, CAST('null' AS jsonb)),
               after = nullif(CAST(:said AS jsonb) -> 2, CAST('null' AS jsonb)),
               why = CAST(:said AS jsonb) ->> 3
         WHERE audit_id = :audit_id
        """,
        count,
        audit_id=entry.audit_id,
        subject=subject,
        said=said,
        now=now,
    )
