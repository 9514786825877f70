"""Campaigns as people keep them: read, saved, moved from state to state."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from models.query import Answer, Query, count, sql
from models.records import Campaign
from models.states import CAMPAIGN_MOVES, CampaignState

_COLUMNS = (
    "campaign, title, team, topic, state, document, revision, next_at, why, updated_at, updated_by,"
    " launched_for"
)


def _campaigns(result: Answer) -> list[Campaign]:
    return [_campaign(*row) for row in result]


def _campaign(*values: Any) -> Campaign:
    key, title, team, topic, state, *rest = values
    return Campaign(key, title, team, topic, CampaignState(state), *rest)


def _first(result: Answer) -> Campaign | None:
    return next(iter(_campaigns(result)), None)


def campaigns() -> Query[list[Campaign]]:
    """All campaigns, those last changed first."""
    return sql(f"SELECT {_COLUMNS} FROM campaigns ORDER BY updated_at DESC, campaign", _campaigns)


def campaign(key: str) -> Query[Campaign | None]:
    """One campaign."""
    return sql(f"SELECT {_COLUMNS} FROM campaigns WHERE campaign = :key", _first, key=key)


def states() -> Query[dict[str, int]]:
    """State to how many campaigns are in it."""
    return sql(
        "SELECT state, count(*) AS campaigns FROM campaigns GROUP BY state",
        lambda result: {row.state: row.campaigns for row in result},
    )


def files_in_use() -> Query[dict[str, list[str]]]:
    """File to the campaigns that name it and are not over."""
    return sql(
        """
        SELECT named.file, array_agg(campaign ORDER BY campaign) AS those
          FROM campaigns, jsonb_array_elements_text(document -> 'attachments') AS named (file)
         WHERE state NOT IN ('finished', 'cancelled')
         GROUP BY 1
        """,
        lambda result: {row.file: list(row.those) for row in result},
    )


def audiences_in_use() -> Query[dict[str, list[str]]]:
    """Audience to the campaigns that go to it and are not over."""
    return sql(
        """
        SELECT document ->> 'audience' AS audience, array_agg(campaign ORDER BY campaign) AS those
          FROM campaigns
         WHERE document ->> 'audience' IS NOT NULL AND state NOT IN ('finished', 'cancelled')
         GROUP BY 1
        """,
        lambda result: {row.audience: list(row.those) for row in result},
    )


def owner(key: str) -> Query[str | None]:
    """The team that owns a campaign; `None`: the installation, or there is none."""
    return sql(
        "SELECT team FROM campaigns WHERE campaign = :key",
        lambda result: result.scalar_one_or_none(),
        key=key,
    )


def lock_campaign(key: str) -> Query[Campaign | None]:
    """The same, locked: whoever else wants to change it waits."""
    return sql(
        f"SELECT {_COLUMNS} FROM campaigns WHERE campaign = :key FOR UPDATE", _first, key=key
    )


def lock_due(now: datetime, limit: int) -> Query[list[Campaign]]:
    """Recurring campaigns whose next moment has come, and that nobody else has locked."""
    return sql(
        f"""
        SELECT {_COLUMNS} FROM campaigns
         WHERE next_at <= :now AND state IN ('scheduled', 'running')
         ORDER BY next_at, campaign LIMIT :limit FOR UPDATE SKIP LOCKED
        """,
        _campaigns,
        now=now,
        limit=limit,
    )


def held() -> Query[list[str]]:
    """Campaigns of which nothing may leave: paused ones, and those being cancelled."""
    return sql(
        "SELECT campaign FROM campaigns WHERE state IN ('paused', 'cancelled')"
        " AND (state = 'paused' OR EXISTS (SELECT FROM campaign_runs r"
        " WHERE r.campaign = campaigns.campaign AND r.ended_at IS NULL)) ORDER BY campaign",
        lambda result: list(result.scalars()),
    )


def add(document: Mapping[str, Any], by: str, now: datetime) -> Query[int]:
    """Keep a new campaign as a draft; 0 where there is one of that key."""
    return sql(
        """
        INSERT INTO campaigns (campaign, title, team, topic, document, created_at, updated_at,
                               updated_by)
        VALUES (:key, :title, :team, :topic, CAST(:document AS jsonb), :now, :now, :by)
        ON CONFLICT (campaign) DO NOTHING
        """,
        count,
        **_said(document),
        by=by,
        now=now,
    )


def save(document: Mapping[str, Any], revision: int, by: str, now: datetime) -> Query[int]:
    """Change a campaign that still stands at a revision; 0 when it does not."""
    return sql(
        """
        UPDATE campaigns
           SET title = :title, team = :team, topic = :topic, document = CAST(:document AS jsonb),
               revision = revision + 1, updated_at = :now, updated_by = :by
         WHERE campaign = :key AND revision = :revision
        """,
        count,
        **_said(document),
        revision=revision,
        by=by,
        now=now,
    )


def _said(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "key": document["key"], "title": document["title"], "team": document.get("team"),
        "topic": document["topic"], "document": json.dumps(document),
    }  # fmt: skip


def move(
    key: str, to: CampaignState, now: datetime, by: str | None = None, why: str = ""
) -> Query[int]:
    """Let a campaign come into a state, from those that may; 0 when it cannot.

    Without `by` it is our own doing.
    """
    return sql(
        """
        UPDATE campaigns
           SET state = :to, why = :why, updated_at = :now, updated_by = coalesce(:by, updated_by)
         WHERE campaign = :key AND state = ANY(CAST(:before AS text[]))
        """,
        count,
        key=key,
        to=to,
        why=why,
        now=now,
        by=by,
        before=sorted(_leading_to(to)),
    )


def _leading_to(to: CampaignState) -> Collection[CampaignState]:
    return [before for before, afters in CAMPAIGN_MOVES.items() if to in afters]


def set_next(key: str, at: datetime | None) -> Query[int]:
    """Say when it runs next."""
    return sql("UPDATE campaigns SET next_at = :at WHERE campaign = :key", count, key=key, at=at)


def launched_for(key: str, members: int) -> Query[int]:
    """Keep for about how many it was launched: so many were approved."""
    return sql(
        "UPDATE campaigns SET launched_for = :members WHERE campaign = :key",
        count,
        key=key,
        members=members,
    )


def foretold(key: str, document: Mapping[str, Any]) -> Query[int]:
    """Keep what was foretold of a campaign, instead of what was before."""
    return sql(
        "UPDATE campaigns SET forecast = CAST(:document AS jsonb) WHERE campaign = :key",
        count,
        key=key,
        document=json.dumps(document),
    )


def forecasts() -> Query[dict[str, Mapping[str, Any]]]:
    """Campaign to what was foretold of it last, of those that are not over."""
    return sql(
        "SELECT campaign, forecast FROM campaigns"
        " WHERE forecast IS NOT NULL AND state NOT IN ('finished', 'cancelled')",
        lambda result: {row.campaign: row.forecast for row in result},
    )


def forecast(key: str) -> Query[Mapping[str, Any] | None]:
    """What was foretold of a campaign last; `None`: nothing ever was."""
    return sql(
        "SELECT forecast FROM campaigns WHERE campaign = :key",
        lambda result: result.scalar_one_or_none(),
        key=key,
    )
