"""What else comes to the same people in the same days."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from models.ids import bucket_of
from models.queries.routing import routed, slice_of
from models.query import Answer, Query, Story


def others(
    recipients: Collection[str], campaign: str, since: datetime, until: datetime
) -> Story[Counter[tuple[str, str]]]:
    """Topic and campaign of other news that is due between, to how many of these it comes."""
    found: Counter[tuple[str, str]] = Counter()
    found.update((yield _queued(recipients, campaign, since, until)))
    found.update((yield _frozen(recipients, campaign, since, until)))
    return found


def _by_news(result: Answer) -> dict[tuple[str, str], int]:
    return {(row.topic, row.campaign): row.people for row in result}


def _queued(
    recipients: Collection[str], campaign: str, since: datetime, until: datetime
) -> Query[dict[tuple[str, str], int]]:
    return routed(
        """
        SELECT q.topic, coalesce(q.campaign, '') AS campaign,
               count(DISTINCT q.recipient_id) AS people
          FROM queue q
         WHERE q.bucket = ANY(:slice) AND q.recipient_id = ANY(CAST(:recipients AS text[]))
           AND q.due_at >= :since AND q.due_at < :until
           AND q.campaign IS DISTINCT FROM CAST(:campaign AS text)
         GROUP BY 1, 2
        """,
        slice_of(map(bucket_of, recipients)),
        _by_news,
        recipients=sorted(recipients),
        campaign=campaign,
        since=since,
        until=until,
    )


def _frozen(
    recipients: Collection[str], campaign: str, since: datetime, until: datetime
) -> Query[dict[tuple[str, str], int]]:
    """The same of runs that are frozen, but of which nothing is queued yet."""
    return routed(
        """
        SELECT c.topic, c.campaign, count(DISTINCT m.recipient_id) AS people
          FROM campaign_members m
          JOIN campaign_runs r ON r.run = m.run JOIN campaigns c ON c.campaign = r.campaign
         WHERE m.bucket = ANY(:slice) AND m.recipient_id = ANY(CAST(:recipients AS text[]))
           AND m.excluded IS NULL AND r.state = 'frozen' AND r.campaign <> :campaign
           AND r.starts_at >= :since AND r.starts_at < :until
         GROUP BY c.topic, c.campaign
        """,
        slice_of(map(bucket_of, recipients)),
        _by_news,
        recipients=sorted(recipients),
        campaign=campaign,
        since=since,
        until=until,
    )
