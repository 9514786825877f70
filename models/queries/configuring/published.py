"""Documents of which each version is published and kept; the newest one is in force."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.people import AuditEntry
from models.queries.console import people
from models.query import Query, Story, count, records, sql
from models.records import StoredDocument

COLUMNS = "version, document, note, published_at, published_by"


class OvertakenError(ValueError):
    """Somebody else published meanwhile: what they changed would be undone unseen."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What somebody wants to be in force.

    Attributes:
        document: One that was read without fault.
        counters: The names of all counters that its caps need.
        base: The version it was made from; `None`: whichever is in force.
    """

    document: dict[str, Any]
    counters: Collection[str]
    note: str
    by: str
    now: datetime
    base: int | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """The versions in one table."""

    table: str

    def newest(self, limit: int, before: int | None = None) -> Query[list[StoredDocument]]:
        """The newest versions, or those below one; the first of all is the one in force."""
        return sql(
            f"""
            SELECT {COLUMNS} FROM {self.table}
             WHERE CAST(:before AS bigint) IS NULL OR version < :before
             ORDER BY version DESC LIMIT :limit
            """,
            records(StoredDocument),
            limit=limit,
            before=before,
        )

    def insert(self, version: StoredDocument) -> Query[int]:
        """Keep a version that follows the newest one; 0 when it does not (any more)."""
        return sql(
            f"""
            INSERT INTO {self.table} (version, document, note, published_at, published_by)
            SELECT :version, CAST(:document AS jsonb), :note, CAST(:at AS timestamptz), :by
             WHERE :version = (SELECT coalesce(max(version), 0) + 1 FROM {self.table})
            ON CONFLICT (version) DO NOTHING
            """,
            count,
            version=version.version,
            document=json.dumps(version.document),
            note=version.note,
            at=version.published_at,
            by=version.published_by,
        )

    def follows(self, wanted: Publication) -> Story[StoredDocument | None]:
        """The version that is wanted, numbered; `None` when just this is in force already.

        Raises:
            OvertakenError: It was not made from what is in force.
        """
        found: list[StoredDocument] = yield self.newest(1)
        live = found[0].version if found else 0
        if wanted.base is not None and wanted.base != live:
            raise OvertakenError(f"version {live} was published meanwhile: look at it, then again")
        if found and found[0].document == wanted.document:
            return None
        return StoredDocument(live + 1, wanted.document, wanted.note, wanted.now, wanted.by)

    def put_in_force(self, wanted: Publication, did: str) -> Story[int | None]:
        """Publish with its audit entry; `None` when just this is in force already.

        Args:
            wanted: What, and made from which version.
            did: What the audit calls it.

        Raises:
            OvertakenError: It was not made from what is in force, or another came first.
        """
        version = yield from self.follows(wanted)
        if version is None:
            return None
        if not (yield self.insert(version)):
            raise OvertakenError("somebody published at the same moment: look at it, then again")
        subject = f"version {version.version}"
        entry = AuditEntry(wanted.now, wanted.by, did, subject, {}, why=wanted.note)
        yield people.write_audit(entry)
        return version.version
