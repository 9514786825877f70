"""Files that mails may carry: kept by key, never changed."""

from datetime import datetime

from models.query import Answer, Query, count, records, sql
from models.records import File


def add(file: File, by: str, now: datetime) -> Query[int]:
    """Keep a file; 0 where there is one with its key."""
    return sql(
        """
        INSERT INTO files (file, name, kind, octets, added_at, added_by, expires_at)
        VALUES (:file, :name, :kind, :octets, :now, :by, :expires_at)
        ON CONFLICT (file) DO NOTHING
        """,
        count,
        file=file.key,
        name=file.name,
        kind=file.kind,
        octets=file.octets,
        expires_at=file.expires_at,
        by=by,
        now=now,
    )


def find(key: str) -> Query[File | None]:
    """A file with its octets."""
    return sql(
        """
        SELECT file, name, kind, octet_length(octets) AS size, expires_at, octets
          FROM files WHERE file = :file
        """,
        _found,
        file=key,
    )


def _found(result: Answer) -> File | None:
    rows = [
        File(row.file, row.name, row.kind, row.size, row.expires_at, bytes(row.octets))
        for row in result
    ]
    return rows[0] if rows else None


def listed() -> Query[list[File]]:
    """All files, without their octets."""
    return sql(
        """
        SELECT file AS key, name, kind, octet_length(octets) AS size, expires_at
          FROM files ORDER BY file
        """,
        records(File),
    )


def keys() -> Query[frozenset[str]]:
    """The keys of all files."""
    return sql("SELECT file FROM files", lambda result: frozenset(result.scalars()))


def remove(key: str) -> Query[int]:
    """Forget a file."""
    return sql("DELETE FROM files WHERE file = :file", count, file=key)


def purge(now: datetime) -> Query[int]:
    """Forget files that nobody needs any more."""
    return sql("DELETE FROM files WHERE expires_at <= :now", count, now=now)
