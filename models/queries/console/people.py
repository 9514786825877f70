"""People, their one-time sign-in links, and the record of what they did.

Only the SHA-256 of a link's token is stored and looked up. The token is 256 random bits, so
what an attacker could learn from the time of an index lookup is a prefix of a hash he cannot
choose: the comparison needs no further care.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from models.people import AuditEntry, LinkState, Person, Role
from models.query import Answer, Query, count, records, sql

PERSON = """
    p.person, p.email, p.name, p.roles, p.active, p.created_at, p.joined_at,
    (SELECT jsonb_object_agg(m.team, to_jsonb(m.roles)) FROM memberships m
      WHERE m.person = p.person) AS teams
"""


def _person(row: Any) -> Person:
    teams = {team: frozenset(roles) for team, roles in (row.teams or {}).items()}
    return Person(
        row.person, row.email, row.name, frozenset(row.roles), row.active, row.created_at, teams,
        row.joined_at,
    )  # fmt: skip


def _people(result: Answer) -> list[Person]:
    return [_person(row) for row in result]


def one_person(result: Answer) -> Person | None:
    """The shape of a query for one person."""
    row = result.one_or_none()
    return None if row is None else _person(row)


def all_people() -> Query[list[Person]]:
    """Everybody, the closed ones last."""
    return sql(f"SELECT {PERSON} FROM people p ORDER BY p.active DESC, lower(p.name)", _people)


def person_by_id(person: UUID) -> Query[Person | None]:
    """One person, closed or not."""
    return sql(f"SELECT {PERSON} FROM people p WHERE p.person = :person", one_person, person=person)


def person_by_email(email: str) -> Query[Person | None]:
    """One person by their address, which is kept in lower case."""
    return sql(
        f"SELECT {PERSON} FROM people p WHERE p.email = :email", one_person, email=email.lower()
    )


def add_person(email: str, name: str, roles: Iterable[Role], now: datetime) -> Query[int]:
    """Add somebody; nothing happens when the address is known already.

    Returns:
        1 when somebody was added, else 0.
    """
    return sql(
        """
        INSERT INTO people (person, email, name, roles, active, created_at)
        VALUES (gen_random_uuid(), :email, :name, :roles, true, :now)
        ON CONFLICT (email) DO NOTHING
        """,
        count,
        email=email.lower(),
        name=name,
        roles=sorted(roles),
        now=now,
    )


def set_roles(person: UUID, roles: Iterable[Role]) -> Query[int]:
    """Give a person exactly these roles."""
    return sql(
        "UPDATE people SET roles = :roles WHERE person = :person",
        count,
        person=person,
        roles=sorted(roles),
    )


def set_active(person: UUID, *, active: bool) -> Query[int]:
    """Close a person's access, or open it again."""
    return sql(
        "UPDATE people SET active = :active WHERE person = :person",
        count,
        person=person,
        active=active,
    )


def lock_admins() -> Query[list[UUID]]:
    """The active admins, locked: of two changes at once, the second sees what the first did.

    Who was invited and never came is none yet: perhaps they never get their link.
    """
    return sql(
        """
        SELECT person FROM people WHERE active AND joined_at IS NOT NULL AND :admin = ANY(roles)
         ORDER BY person FOR UPDATE
        """,
        lambda result: list(result.scalars()),
        admin=Role.ADMIN,
    )


def hash_of(token: str) -> bytes:
    """What is kept of a link's token."""
    return sha256(token.encode()).digest()


def issue_link(person: UUID, token: str, expires_at: datetime) -> Query[int]:
    """Make a one-time link usable."""
    return sql(
        "INSERT INTO sign_ins (token_hash, person, expires_at) VALUES (:hash, :person, :expires)",
        count,
        hash=hash_of(token),
        person=person,
        expires=expires_at,
    )


def drop_links(person: UUID) -> Query[int]:
    """End the links made for somebody that nobody used yet."""
    return sql(
        "DELETE FROM sign_ins WHERE person = :person AND used_at IS NULL", count, person=person
    )


def invited_until() -> Query[dict[UUID, datetime]]:
    """Until when each of those who were invited can use their newest link."""
    return sql(
        """
        SELECT s.person, max(s.expires_at) FROM sign_ins s JOIN people p USING (person)
         WHERE s.used_at IS NULL AND p.active AND p.joined_at IS NULL GROUP BY s.person
        """,
        lambda result: {row[0]: row[1] for row in result},
    )


def joined(person: UUID, now: datetime) -> Query[int]:
    """Somebody came in; only the first time is kept."""
    return sql(
        "UPDATE people SET joined_at = :now WHERE person = :person AND joined_at IS NULL",
        count,
        person=person,
        now=now,
    )


def forget_links(before: datetime) -> Query[int]:
    """Remove links that ended before a moment."""
    return sql("DELETE FROM sign_ins WHERE expires_at < :before", count, before=before)


def redeem(token: str, now: datetime) -> Query[Person | None]:
    """Use a link up: of two who come at once, one gets the person."""
    return sql(
        f"""
        UPDATE sign_ins s SET used_at = :now FROM people p
         WHERE s.token_hash = :hash AND s.used_at IS NULL AND s.expires_at > :now
           AND p.person = s.person AND p.active
        RETURNING {PERSON}
        """,
        one_person,
        hash=hash_of(token),
        now=now,
    )


def link_state(token: str, now: datetime) -> Query[LinkState]:
    """What a link is worth, without using it."""

    def state(result: Answer) -> LinkState:
        row = result.one_or_none()
        if row is None or not row.active:
            return LinkState.UNKNOWN
        if row.used_at is not None:
            return LinkState.USED
        return LinkState.GOOD if row.expires_at > now else LinkState.EXPIRED

    return sql(
        """
        SELECT s.used_at, s.expires_at, p.active FROM sign_ins s JOIN people p USING (person)
         WHERE s.token_hash = :hash
        """,
        state,
        hash=hash_of(token),
    )


def write_audit(entry: AuditEntry) -> Query[int]:
    """Keep what a person did, in the transaction that does it."""
    return sql(
        """
        INSERT INTO audit (audit_id, at, actor, action, subject, detail, before, after, why)
        VALUES (gen_random_uuid(), :at, :actor, :action, :subject, CAST(:detail AS jsonb),
                CAST(:before AS jsonb), CAST(:after AS jsonb), :why)
        """,
        count,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject=entry.subject,
        detail=json.dumps(entry.detail),
        before=None if entry.before is None else json.dumps(entry.before),
        after=None if entry.after is None else json.dumps(entry.after),
        why=entry.why,
    )


def read_audit(limit: int) -> Query[list[AuditEntry]]:
    """What people did last."""
    return sql(
        """
        SELECT at, actor, action, subject, detail, before, after, why FROM audit
         ORDER BY at DESC, audit_id LIMIT :limit
        """,
        records(AuditEntry),
        limit=limit,
    )
