"""Where events come from: outboxes that are drained, and producers that post."""

from datetime import datetime
from uuid import UUID

from models.query import Query, count, records, sql
from models.records import Source

OWN_SOURCE = UUID("00000000-0000-8000-8000-000000000001")
"""The source that is our own database's outbox."""


def drained_sources() -> Query[list[Source]]:
    """Enabled sources that have an outbox of their own; ours first."""
    return sql(
        """
        SELECT source, name, url, keep_for FROM sources
         WHERE enabled AND (url IS NOT NULL OR source = :own) ORDER BY url NULLS FIRST, name
        """,
        records(Source),
        own=OWN_SOURCE,
    )


def add_source(source: Source, now: datetime) -> Query[int]:
    """Make a source known; its name or URL may be changed by adding it again."""
    return sql(
        """
        INSERT INTO sources (source, name, url, enabled, created_at, keep_for)
        VALUES (:source, :name, :url, true, :now, :keep_for)
        ON CONFLICT (source) DO UPDATE SET name = excluded.name, url = excluded.url
        """,
        count,
        source=source.source,
        name=source.name,
        url=source.url,
        keep_for=source.keep_for,
        now=now,
    )


def all_sources() -> Query[list[Source]]:
    """Every source, also those that only post over HTTP."""
    return sql("SELECT source, name, url, keep_for FROM sources ORDER BY name", records(Source))


def try_outbox() -> Query[int]:
    """Lock nothing, but need every right that draining needs; fails where one is missing."""
    return sql("SELECT 1 FROM outbox LIMIT 0 FOR UPDATE SKIP LOCKED", count)


def move_source(name: str, new_name: str, url: str | None) -> Query[int]:
    """Rename a source or give it another URL; its keys stay taken."""
    return sql(
        """
        UPDATE sources SET name = :new_name, url = coalesce(:url, url) WHERE name = :name
        """,
        count,
        name=name,
        new_name=new_name,
        url=url,
    )
