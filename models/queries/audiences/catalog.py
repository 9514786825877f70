"""Saved audiences: their versions, which one is in force, and how many belong."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.query import Answer, Query, Story, count, records, sql
from models.records.audiences import StoredAudience

_STORED = """
    a.audience, v.version, v.title, v.document, v.list, a.team, v.note, v.changed_at, v.changed_by
"""


def lock() -> Query[int]:
    """Let nobody else write audiences until the end; everybody may go on reading them."""
    return sql("LOCK TABLE audiences IN SHARE ROW EXCLUSIVE MODE", count)


def audiences() -> Query[dict[str, StoredAudience]]:
    """All audiences by key, each in the version that is in force."""
    return sql(
        f"""
        SELECT {_STORED} FROM audiences a
          JOIN audience_versions v ON v.audience = a.audience AND v.version = a.version
         ORDER BY a.audience
        """,
        lambda result: {row.audience: StoredAudience(*row) for row in result},
    )


def pinned(versions: Mapping[str, int]) -> Query[dict[str, StoredAudience]]:
    """Audiences by key, each in the version that is named."""
    return sql(
        f"""
        SELECT {_STORED}
          FROM unnest(CAST(:keys AS text[]), CAST(:versions AS bigint[])) u (audience, version)
          JOIN audiences a ON a.audience = u.audience
          JOIN audience_versions v ON v.audience = u.audience AND v.version = u.version
        """,
        lambda result: {row.audience: StoredAudience(*row) for row in result},
        keys=list(versions),
        versions=list(versions.values()),
    )


def versions(key: str) -> Query[list[StoredAudience]]:
    """All versions of an audience, the newest first."""
    return sql(
        f"""
        SELECT {_STORED} FROM audiences a JOIN audience_versions v ON v.audience = a.audience
         WHERE a.audience = :key ORDER BY v.version DESC
        """,
        records(StoredAudience),
        key=key,
    )


def keys() -> Query[frozenset[str]]:
    """The audiences there are."""
    return sql("SELECT audience FROM audiences", lambda result: frozenset(result.scalars()))


def in_force() -> Query[dict[str, int]]:
    """The audiences there are, and the version of each that is in force."""
    return sql(
        "SELECT audience, version FROM audiences",
        lambda result: {row.audience: row.version for row in result},
    )


@dataclass(frozen=True, slots=True)
class Size:
    """How many belonged to an audience when they were last counted."""

    members: int
    counted_at: datetime


def sizes() -> Query[dict[str, Size]]:
    """Audience to its size, of those that were counted."""
    return sql(
        "SELECT audience, size, counted_at FROM audiences WHERE counted_at IS NOT NULL",
        lambda result: {row.audience: Size(row.size, row.counted_at) for row in result},
    )


def saved(key: str) -> Query[tuple[int, int | None] | None]:
    """The version of an audience, and how many belong where they were counted."""

    def found(result: Answer) -> tuple[int, int | None] | None:
        row = result.one_or_none()
        return None if row is None else (row.version, row.size)

    return sql(
        """
        SELECT version, CASE WHEN counted_at IS NOT NULL THEN size END AS size
          FROM audiences WHERE audience = :key
        """,
        found,
        key=key,
    )


def note_size(key: str, size: Size) -> Query[int]:
    """Remember how many belong."""
    return sql(
        "UPDATE audiences SET size = :size, counted_at = :at WHERE audience = :key",
        count,
        key=key,
        size=size.members,
        at=size.counted_at,
    )


@dataclass(frozen=True, slots=True)
class Saving:
    """What somebody wants an audience to be.

    Attributes:
        document: As people write it, checked.
        list: Which list it shows; `None`: it is no list.
        team: Whose it is, of a new one.
    """

    key: str
    title: str
    document: dict[str, Any]
    list: int | None
    note: str
    by: str
    now: datetime
    team: str | None = None


def save(wanted: Saving, before: StoredAudience | None) -> Story[int]:
    """Write the next version and put it in force; the caller holds the lock and read `before`.

    Returns:
        Its number; `before`'s when nothing would change.
    """
    said = (wanted.title, wanted.document, wanted.list)
    if before is not None and (before.title, before.document, before.list) == said:
        return before.version
    version = 1 if before is None else (yield _newest(wanted.key)) + 1
    yield _put_in_force(wanted, version)
    yield _insert(wanted, version)
    return version


def remove(key: str) -> Story[None]:
    """Forget an audience with all its versions, but not its lists; the caller holds the lock."""
    yield sql("DELETE FROM audience_versions WHERE audience = :key", count, key=key)
    yield sql("DELETE FROM audiences WHERE audience = :key", count, key=key)


def _newest(key: str) -> Query[int]:
    return sql(
        "SELECT max(version) FROM audience_versions WHERE audience = :key",
        lambda result: int(result.scalar_one()),
        key=key,
    )


def _put_in_force(wanted: Saving, version: int) -> Query[int]:
    return sql(
        """
        INSERT INTO audiences (audience, team, version) VALUES (:key, :team, :version)
        ON CONFLICT (audience) DO UPDATE SET version = excluded.version
        """,
        count,
        key=wanted.key,
        team=wanted.team,
        version=version,
    )


def _insert(wanted: Saving, version: int) -> Query[int]:
    return sql(
        """
        INSERT INTO audience_versions
            (audience, version, title, document, list, note, changed_at, changed_by)
        VALUES (:key, :version, :title, CAST(:document AS jsonb), :list, :note, :now, :by)
        """,
        count,
        key=wanted.key,
        version=version,
        title=wanted.title,
        document=json.dumps(wanted.document),
        list=wanted.list,
        note=wanted.note,
        now=wanted.now,
        by=wanted.by,
    )
