"""API keys that people make and put in the place of old ones: by the console and by commands."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from models.queries.configuring import keys
from models.queries.configuring.keys import ApiKey, NewKey, Scope
from models.query import Story

LONGEST = timedelta(days=30)
"""How long an old key may go on beside the new one."""


def source_of(name: str, now: datetime) -> Story[UUID]:
    """The source of this name; made when there is none, for events that come over HTTP.

    Raises:
        ValueError: It was removed at this very moment.
    """
    yield keys.add_api_source(name, now)
    found: UUID | None = yield keys.source_named(name)
    if found is None:
        raise ValueError(f"the source {name} was removed just now: try again")
    return found


def rotate(old: UUID, new: NewKey, keep: timedelta, now: datetime) -> Story[ApiKey]:
    """Keep a new key with what the old one has; that one ends after a while.

    Args:
        old: The old key's id.
        new: The new one's secret, and who makes it; everything else is as it was.
        keep: How long the old one goes on, up to `LONGEST`; zero: it ends now.
        now: When it is done.

    Raises:
        ValueError: The old one opens nothing any more, or the while is too long.
    """
    if not timedelta() <= keep <= LONGEST:
        raise ValueError(f"keep the old key for 0 to {LONGEST.days} days")
    found: ApiKey | None = yield keys.lock_key(old)
    if found is None or not found.is_live(now):
        raise ValueError("the key opens nothing any more: make a new one")
    scopes = tuple(scope for scope in Scope if scope in found.scopes)
    same = replace(
        new, name=found.name, source=found.source, scopes=scopes, expires_at=found.expires_at
    )
    yield keys.add_key(same, now)
    yield keys.end_key(old, now + keep)
    return found
