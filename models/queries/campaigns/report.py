"""What became of a campaign's messages: from counts that were made as it happened."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from models.queries.routing import EVERYWHERE, routed
from models.query import Query, rows


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


def settled_since(campaign: str, since: datetime) -> Query[int]:
    """How many of its messages ended since: its rate just now."""
    return routed(
        """
        SELECT coalesce(sum(entered), 0) FROM rollups
         WHERE bucket = ANY(:slice) AND campaign = :campaign AND minute >= :since
           AND state IN ('sent', 'skipped', 'failed', 'bounced', 'expired', 'in_doubt')
        """,
        EVERYWHERE,
        lambda result: int(result.scalar_one()),
        campaign=campaign,
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
