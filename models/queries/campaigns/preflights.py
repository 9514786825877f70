"""Pre-flights that people asked for: a row each, taken by a worker under a lease, until it is over.

One that is for another revision of its campaign than there is now is over, too: nobody goes on
with it, and nothing of it is kept.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from models.queries.campaigns import campaigns
from models.query import Query, Story, count, sql
from models.records import PreflightAsked

_COLUMNS = "campaign, revision, asked_at, asked_by, done, fault"
_CURRENT = (
    "EXISTS (SELECT FROM campaigns c WHERE c.campaign = p.campaign AND c.revision = p.revision)"
)


def ask(key: str, by: str, now: datetime) -> Query[int]:
    """Ask for one of a campaign as it stands; 0 where just that is under way already."""
    return sql(
        """
        INSERT INTO campaign_preflights (campaign, revision, asked_at, asked_by)
        SELECT campaign, revision, :now, :by FROM campaigns WHERE campaign = :key
        ON CONFLICT (campaign) DO UPDATE
           SET revision = excluded.revision, asked_at = excluded.asked_at,
               asked_by = excluded.asked_by, claim = NULL, leased_until = NULL, done = 0,
               fault = ''
         WHERE campaign_preflights.revision <> excluded.revision
            OR campaign_preflights.fault <> ''
        """,
        count,
        key=key,
        by=by,
        now=now,
    )


def asked(key: str) -> Query[PreflightAsked | None]:
    """The one that was asked for and is not over, or found no end; `None`: there is none."""
    return sql(
        f"SELECT {_COLUMNS} FROM campaign_preflights WHERE campaign = :key",
        lambda result: next((PreflightAsked(*row) for row in result), None),
        key=key,
    )


def cancel(key: str) -> Query[int]:
    """Ask for it no more; 0 where there is none."""
    return sql("DELETE FROM campaign_preflights WHERE campaign = :key", count, key=key)


def claim(worker: UUID, now: datetime, until: datetime) -> Query[PreflightAsked | None]:
    """Take the one that waits longest, or whose worker was heard of no more; `None`: none is."""
    return sql(
        f"""
        UPDATE campaign_preflights SET claim = :worker, leased_until = :until, done = 0
         WHERE campaign = (SELECT campaign FROM campaign_preflights
                            WHERE fault = '' AND (leased_until IS NULL OR leased_until < :now)
                            ORDER BY asked_at, campaign LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING {_COLUMNS}
        """,
        lambda result: next((PreflightAsked(*row) for row in result), None),
        worker=worker,
        now=now,
        until=until,
    )


def go_on(one: PreflightAsked, worker: UUID, done: int, until: datetime) -> Query[int]:
    """Say how far it came, and keep it; 0 where it is not ours any more, or its draft changed."""
    return sql(
        f"""
        UPDATE campaign_preflights p SET done = :done, leased_until = :until
         WHERE p.campaign = :key AND p.revision = :revision AND p.claim = :worker AND {_CURRENT}
        """,
        count,
        key=one.campaign,
        revision=one.revision,
        worker=worker,
        done=done,
        until=until,
    )


def fail(one: PreflightAsked, worker: UUID, fault: str) -> Query[int]:
    """Say why there is none; 0 where it is not ours any more."""
    return sql(
        """
        UPDATE campaign_preflights SET fault = :fault
         WHERE campaign = :key AND revision = :revision AND claim = :worker
        """,
        count,
        key=one.campaign,
        revision=one.revision,
        worker=worker,
        fault=fault,
    )


def release(one: PreflightAsked, worker: UUID) -> Query[int]:
    """Leave it to another worker at once; 0 where it is not ours any more."""
    return sql(
        """
        UPDATE campaign_preflights SET claim = NULL, leased_until = NULL
         WHERE campaign = :key AND revision = :revision AND claim = :worker
        """,
        count,
        key=one.campaign,
        revision=one.revision,
        worker=worker,
    )


def finish(one: PreflightAsked, worker: UUID, document: Mapping[str, Any]) -> Story[bool]:
    """Keep what it found with its campaign; `False` where it is not ours, or its draft changed."""
    current: int = yield go_on(one, worker, 100, one.asked_at)
    if current:
        yield campaigns.foretold(one.campaign, document)
    yield drop(one, worker)
    return bool(current)


def drop(one: PreflightAsked, worker: UUID) -> Query[int]:
    """End it; 0 where it is not ours any more."""
    return sql(
        """
        DELETE FROM campaign_preflights
         WHERE campaign = :key AND revision = :revision AND claim = :worker
        """,
        count,
        key=one.campaign,
        revision=one.revision,
        worker=worker,
    )
