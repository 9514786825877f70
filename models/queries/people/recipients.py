"""Writing recipients: who they are and where they are reached, and the changes that wait."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from models.profiles import FIELDS
from models.queries.people.staging import Staged, given
from models.queries.routing import routed
from models.query import Query, count, records, sql


def write_profiles(staged: Staged, now: datetime) -> list[Query[int]]:
    """Statements for one transaction: recipients, their ledgers, their addresses, what waits.

    The second one locks the recipients in key order until the end of the transaction, so two
    writers neither deadlock nor mix the addresses of one person.
    """
    statements = [_LEDGERS, _LOCK, _FIELDS, _FORGET_ADDRESSES, _ADDRESSES, _WAKE]
    sources = {"p": staged.profiles, "c": staged.channels, "a": staged.addresses}
    return [
        routed(statement.format(**sources), staged.slice, count, now=now, **staged.parameters)
        for statement in statements
    ]


_LEDGERS = """
    INSERT INTO ledger (bucket, recipient_id)
    SELECT p.bucket, p.recipient_id FROM {p} WHERE p.bucket = ANY(:slice)
     ORDER BY p.bucket, p.recipient_id
    ON CONFLICT (bucket, recipient_id) DO NOTHING
"""
_LOCK = """
    INSERT INTO recipients (bucket, recipient_id, name, locale, timezone, org, quiet_hours,
                            digest, attributes, created_at, updated_at)
    SELECT p.bucket, p.recipient_id, p.name, p.locale, p.timezone, p.org, p.quiet_hours,
           p.digest, p.attributes, :now, :now
      FROM {p} WHERE p.bucket = ANY(:slice)
     ORDER BY p.bucket, p.recipient_id
    ON CONFLICT (bucket, recipient_id) DO UPDATE SET updated_at = excluded.updated_at
"""
_FIELDS = f"""
    UPDATE recipients r
       SET {", ".join(f"{f} = CASE WHEN {given(f)} THEN p.{f} ELSE r.{f} END" for f in FIELDS)}
      FROM {{p}}
     WHERE r.bucket = ANY(:slice) AND r.bucket = p.bucket AND r.recipient_id = p.recipient_id
       AND ({" OR ".join(f"{given(f)} AND r.{f} IS DISTINCT FROM p.{f}" for f in FIELDS)})
"""
_FORGET_ADDRESSES = """
    DELETE FROM addresses old USING {c}
     WHERE old.bucket = ANY(:slice) AND old.bucket = c.bucket
       AND old.recipient_id = c.recipient_id AND old.channel = c.channel
       AND NOT EXISTS (SELECT FROM {a}
                        WHERE a.bucket = old.bucket AND a.recipient_id = old.recipient_id
                          AND a.channel = old.channel AND a.address = old.address)
"""
_ADDRESSES = """
    INSERT INTO addresses AS old (bucket, recipient_id, channel, address, preferred, created_at)
    SELECT a.bucket, a.recipient_id, a.channel, a.address, a.preferred, :now
      FROM {a} WHERE a.bucket = ANY(:slice)
     ORDER BY a.bucket, a.recipient_id, a.channel, a.address
    ON CONFLICT (bucket, recipient_id, channel, address) DO UPDATE
       SET preferred = excluded.preferred
     WHERE old.preferred <> excluded.preferred
"""
_WAKE = f"""
    UPDATE queue q SET due_at = :now FROM {{p}}
     WHERE q.bucket = ANY(:slice) AND q.bucket = p.bucket AND q.recipient_id = p.recipient_id
       AND q.held_for = 'quiet_hours' AND q.token IS NULL AND q.due_at > :now
       AND ({" OR ".join(map(given, ("timezone", "org", "quiet_hours")))})
"""
# Who moved, or changed their hours, may be told now what was held for the morning elsewhere.


@dataclass(frozen=True, slots=True)
class Change:
    """A profile that a product wrote in SQL."""

    id: UUID
    recipient_id: str
    profile: Any


def drain_alone() -> Query[bool]:
    """Whether nobody else drains changes right now.

    It spares the others the wait for the rows that `waiting_changes` locks. Those locks, and
    none skipped, are what keeps the changes of one recipient in order.
    """
    return sql(
        "SELECT pg_try_advisory_xact_lock(hashtext('recipient_changes'))",
        lambda result: bool(result.scalar_one()),
    )


def waiting_changes(limit: int) -> Query[list[Change]]:
    """Lock the oldest changes that were not set aside."""
    return sql(
        """
        SELECT id, recipient_id, profile FROM recipient_changes WHERE problem IS NULL
         ORDER BY created_at, id LIMIT :limit FOR UPDATE
        """,
        records(Change),
        limit=limit,
    )


def delete_changes(ids: Sequence[UUID]) -> Query[int]:
    """Remove changes that are applied by this transaction."""
    return sql("DELETE FROM recipient_changes WHERE id = ANY(:ids)", count, ids=list(ids))


def set_aside(problems: Mapping[UUID, str]) -> Query[int]:
    """Keep changes that cannot be applied, and say why."""
    return sql(
        """
        UPDATE recipient_changes c SET problem = u.problem
          FROM unnest(CAST(:ids AS uuid[]), CAST(:problems AS text[])) u (id, problem)
         WHERE c.id = u.id
        """,
        count,
        ids=list(problems),
        problems=list(problems.values()),
    )


def write_change(recipient_id: str, profile: Mapping[str, Any]) -> Query[int]:
    """A profile to be drained, as products write it in SQL."""
    return sql(
        """
        INSERT INTO recipient_changes (recipient_id, profile)
        VALUES (:recipient_id, CAST(:profile AS jsonb))
        """,
        count,
        recipient_id=recipient_id,
        profile=json.dumps(profile),
    )
