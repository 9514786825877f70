"""What became of a campaign's messages: from counts that were made as it happened."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from models.queries.routing import EVERYWHERE, Slice, routed
from models.query import Query, records, rows
from models.readings.campaigns import Course, Group
from models.readings.figures import Period
from models.records import Run


def counts(campaign: str, cohorts: str = "") -> Query[Sequence[Any]]:
    """Cohort, channel, state, reason, entered and left, of cohorts that begin so: `3/`."""
    return routed(
        """
        SELECT cohort, channel, state, reason, CAST(sum(entered) AS bigint),
               CAST(sum("left") AS bigint)
          FROM rollups
         WHERE bucket = ANY(:slice) AND campaign = :campaign AND starts_with(cohort, :cohorts)
         GROUP BY cohort, channel, state, reason ORDER BY cohort, channel, state, reason
        """,
        EVERYWHERE,
        rows,
        campaign=campaign,
        cohorts=cohorts,
    )


@dataclass(frozen=True, slots=True)
class Pace:
    """How many of a campaign's messages wait no more, and of how many that came lately."""

    settled: int = 0
    lately: int = 0


def paces(campaigns: Collection[str], since: datetime) -> Query[dict[str, Pace]]:
    """Campaign to how far it came, and how much of that since a moment; without those at 0."""
    return routed(
        """
        SELECT campaign,
               CAST(sum(entered - "left") AS bigint) AS settled,
               CAST(coalesce(sum(entered) FILTER
                    (WHERE minute >= :since AND state <> 'delivered'), 0) AS bigint) AS lately
          FROM rollups
         WHERE bucket = ANY(:slice) AND campaign = ANY(CAST(:campaigns AS text[]))
           AND state IN ('sent', 'delivered', 'skipped', 'failed', 'bounced', 'expired',
                         'cancelled', 'in_doubt')
         GROUP BY campaign
        """,
        EVERYWHERE,
        lambda result: {row.campaign: Pace(row.settled, row.lately) for row in result},
        campaigns=sorted(campaigns),
        since=since,
    )


def waiting(campaign: str) -> Query[dict[str, int]]:
    """Why how many of its messages wait; `due` are those that nothing holds."""
    return routed(
        """
        SELECT coalesce(held_for, 'due') AS reason, count(*) AS messages FROM queue
         WHERE bucket = ANY(:slice) AND campaign = :campaign GROUP BY 1
        """,
        EVERYWHERE,
        lambda result: {row.reason: row.messages for row in result},
        campaign=campaign,
    )


def course(campaign: str, period: Period) -> Query[list[Course]]:
    """Moves of a campaign's messages by bin of time; the oldest first."""
    return routed(
        """
        SELECT date_bin(:step, minute, :since), state, reason,
               CAST(sum(entered) AS bigint), CAST(sum("left") AS bigint)
          FROM rollups
         WHERE bucket = ANY(:slice) AND campaign = :campaign
           AND minute >= :since AND minute < :until
         GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
        EVERYWHERE,
        records(Course),
        campaign=campaign,
        step=period.step,
        since=period.since,
        until=period.until,
    )


def groups(run: Run, slice_: Slice, goal: str, until: datetime) -> Query[list[Group]]:
    """Variants and holdouts of a run: their people, and those who did the goal since it began.

    Some buckets are a fair sample of all, as ids are hashed.

    All who were to get it count, also those it did not reach: who was reached is no chance.
    """
    return routed(
        """
        SELECT coalesce(m.excluded, '') AS held_out,
               CASE WHEN m.excluded IS NULL THEN coalesce(nullif(m.variant, ''), :winner)
                    ELSE '' END AS variant,
               count(*), count(c.recipient_id)
          FROM campaign_members m
          LEFT JOIN (SELECT DISTINCT bucket, recipient_id FROM conversions
                      WHERE bucket = ANY(:slice) AND name = :goal
                        AND occurred_at >= :since AND occurred_at < :until) c
            ON c.bucket = m.bucket AND c.recipient_id = m.recipient_id
         WHERE m.bucket = ANY(:slice) AND m.run = :run
           AND (m.excluded IS NULL OR m.excluded IN ('holdout', 'global_holdout'))
         GROUP BY 1, 2 ORDER BY 1, 2
        """,
        slice_,
        records(Group),
        run=run.run,
        winner=run.winner or "",
        goal=goal,
        since=run.starts_at,
        until=until,
    )
