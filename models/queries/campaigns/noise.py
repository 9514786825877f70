"""What a run's people got besides it, and whether they had enough afterwards."""

from datetime import datetime
from uuid import UUID

from models.ids import day_of
from models.queries.console.wanted import SLACK
from models.queries.routing import EVERYWHERE, Slice, routed
from models.query import Answer, Query
from models.readings.figures import Period


def besides(run: UUID, campaign: str, slice_: Slice, period: Period) -> Query[dict[int, int]]:
    """How many other messages reached people of a run in a period, to how many of them.

    Args:
        run: The run.
        campaign: Its campaign, whose messages are not counted.
        slice_: Whose people: some buckets are a fair sample, as ids are hashed.
        period: From when to when.
    """
    return routed(
        """
        SELECT n.messages, count(*) AS people
          FROM (SELECT m.recipient_id,
                       (SELECT count(*) FROM deliveries d
                         WHERE d.bucket = ANY(:slice) AND d.bucket = m.bucket
                           AND d.recipient_id = m.recipient_id AND d.channel <> 'in_app'
                           AND d.created_at >= :since AND d.created_at < :until
                           AND d.day >= :first_day
                           AND d.campaign IS DISTINCT FROM CAST(:campaign AS text)
                           AND d.state IN ('sent', 'delivered', 'bounced', 'in_doubt')) AS messages
                  FROM campaign_members m
                 WHERE m.bucket = ANY(:slice) AND m.run = :run AND m.excluded IS NULL) n
         GROUP BY n.messages ORDER BY n.messages
        """,
        slice_,
        lambda result: {row.messages: row.people for row in result},
        run=run,
        campaign=campaign,
        first_day=day_of(period.since - SLACK),
        since=period.since,
        until=period.until,
    )


_MEMBER = """
    EXISTS (SELECT FROM campaign_members m
             WHERE m.bucket = ANY(:slice) AND m.bucket = {bucket} AND m.run = :run
               AND m.recipient_id = {recipient} AND m.excluded IS NULL)
"""


def _by_bin(result: Answer) -> dict[datetime, int]:
    return {row.at: row.people for row in result}


def opted_out(run: UUID, period: Period) -> Query[dict[datetime, int]]:
    """How many people of a run turned something off, by bin of time."""
    return routed(
        f"""
        SELECT date_bin(:step, c.at, :since) AS at, count(DISTINCT c.recipient_id) AS people
          FROM preference_changes c
         WHERE c.bucket = ANY(:slice) AND c.at >= :since AND c.at < :until AND NOT c.allowed
           AND {_MEMBER.format(bucket="c.bucket", recipient="c.recipient_id")}
         GROUP BY 1
        """,
        EVERYWHERE,
        _by_bin,
        run=run,
        step=period.step,
        since=period.since,
        until=period.until,
    )


def complained(run: UUID, period: Period) -> Query[dict[datetime, int]]:
    """How many complaints came from people of a run, about whatever, by bin of time."""
    return routed(
        f"""
        SELECT date_bin(:step, f.occurred_at, :since) AS at, count(*) AS people
          FROM feedback f
         CROSS JOIN LATERAL (
               SELECT i.recipient_id FROM deliveries i
                WHERE i.bucket = ANY(:slice) AND i.bucket = f.bucket AND i.day = f.day
                  AND i.delivery_id = f.delivery_id OFFSET 0) d
         WHERE f.bucket = ANY(:slice) AND f.kind = 'complained'
           AND f.occurred_at >= :since AND f.occurred_at < :until
           AND {_MEMBER.format(bucket="f.bucket", recipient="d.recipient_id")}
         GROUP BY 1
        """,
        EVERYWHERE,
        _by_bin,
        run=run,
        step=period.step,
        since=period.since,
        until=period.until,
    )
