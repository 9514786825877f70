"""The published versions of the installation-wide rules."""

import json

from models.query import Query, count, records, sql
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


def publish(book: StoredRulebook) -> Query[int]:
    """Put a version in force that follows the newest one; 0 when it does not (any more)."""
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
