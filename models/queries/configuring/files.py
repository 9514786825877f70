"""Files that mails may carry: kept by key, never changed."""

from collections.abc import Collection
from datetime import datetime

from models.queries.arrays import array
from models.query import Answer, Query, count, records, sql
from models.readings.files import FileLine
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


def newest(limit: int) -> Query[list[FileLine]]:
    """The files that were kept last."""
    return sql(
        """
        SELECT file AS key, name, octet_length(octets) AS size, added_at, added_by, expires_at
          FROM files ORDER BY added_at DESC, file LIMIT :limit
        """,
        records(FileLine),
        limit=limit,
    )


def line(key: str) -> Query[FileLine | None]:
    """One of them; `None`: there is none."""
    return sql(
        """
        SELECT file AS key, name, octet_length(octets) AS size, added_at, added_by, expires_at
          FROM files WHERE file = :key
        """,
        lambda result: next(iter(records(FileLine)(result)), None),
        key=key,
    )


def there(keys: Collection[str]) -> Query[frozenset[str]]:
    """Those of these keys under which a file is kept."""
    return sql(
        "SELECT file FROM files WHERE file = ANY(CAST(:keys AS text[]))",
        lambda result: frozenset(result.scalars()),
        keys=array(keys),
    )


def remove(key: str) -> Query[int]:
    """Forget a file."""
    return sql("DELETE FROM files WHERE file = :file", count, file=key)


def purge(now: datetime) -> Query[int]:
    """Forget files that nobody needs any more."""
    return sql("DELETE FROM files WHERE expires_at <= :now", count, now=now)
