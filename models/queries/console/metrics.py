"""How things stand and how they went: rollups, latencies, the small hot queue, the workers.

Nothing here counts history: `rollups` and `latencies` hold the counts, and the queue holds only
what is still to be done.
"""

from datetime import datetime, timedelta

from models.counts import FOLDED
from models.queries.routing import EVERYWHERE, routed
from models.query import Query, records, sql
from models.readings.figures import Flow, Period, Speed, Standing, Volume, WorkerSign

_HOUR = timedelta(hours=1)
_MINUTES = """(SELECT minute AS at, r.* FROM rollups r
         WHERE r.bucket = ANY(:slice) AND minute >= :since AND minute < :until) c"""
_HOURS = f"""(SELECT hour AS at, topic, channel, provider, destination, class, state, reason,
               entered, "left" FROM rollup_hours
         WHERE bucket = ANY(:slice) AND hour >= :since AND hour < :until
         UNION ALL
        SELECT minute, topic, channel, provider, destination, class, state, reason,
               entered, "left" FROM rollups
         WHERE bucket = ANY(:slice) AND minute >= :since AND minute < :until
           AND batch <> CAST('{FOLDED}' AS uuid)) c"""


def counted(period: Period) -> str:
    """Where the counts of a period (`c`) are read: its hours if it is cut by hours, else minutes.

    What is not folded yet is in no hour; it is added from where it lies.
    """
    return _MINUTES if period.step % _HOUR else _HOURS


def flows(period: Period) -> Query[list[Flow]]:
    """Moves between states by bin of time, channel, state and reason; oldest first."""
    return routed(
        f"""
        SELECT date_bin(:step, at, :since), channel, state, reason,
               CAST(sum(entered) AS bigint), CAST(sum("left") AS bigint)
          FROM {counted(period)} GROUP BY 1, 2, 3, 4 ORDER BY 1
        """,
        EVERYWHERE,
        records(Flow),
        step=period.step,
        since=period.since,
        until=period.until,
    )


def volumes(since: datetime) -> Query[list[Volume]]:
    """How many deliveries of each topic came into each state since."""
    return routed(
        """
        SELECT topic, state, CAST(sum(entered) AS bigint) FROM rollups
         WHERE bucket = ANY(:slice) AND minute >= :since AND entered > 0 GROUP BY 1, 2
        """,
        EVERYWHERE,
        records(Volume),
        since=since,
    )


def speeds(period: Period) -> Query[list[Speed]]:
    """The histogram of commit → sent by bin of time; oldest first."""
    return routed(
        """
        SELECT date_bin(:step, minute, :since), bin, CAST(sum(count) AS bigint)
          FROM latencies
         WHERE bucket = ANY(:slice) AND minute >= :since AND minute < :until
         GROUP BY 1, 2 ORDER BY 1
        """,
        EVERYWHERE,
        records(Speed),
        step=period.step,
        since=period.since,
        until=period.until,
    )


def standings(now: datetime) -> Query[list[Standing]]:
    """What is in the queue, by state and by what holds it."""
    return routed(
        """
        SELECT state, CASE WHEN due_at > :now THEN held_for END, count(*),
               count(*) FILTER (WHERE token IS NULL AND due_at <= :now),
               min(due_at) FILTER (WHERE token IS NULL AND due_at <= :now),
               min(due_at) FILTER (WHERE due_at > :now AND due_at < 'infinity')
          FROM queue WHERE bucket = ANY(:slice)
         GROUP BY 1, 2
        """,
        EVERYWHERE,
        records(Standing),
        now=now,
    )


def workers(since: datetime) -> Query[list[WorkerSign]]:
    """Workers that were seen since a moment, the ones longest out of sight first."""
    return sql(
        """
        SELECT host, pid, process, version, started_at, seen_at, clock_skew_ms
          FROM workers WHERE seen_at >= :since ORDER BY seen_at
        """,
        records(WorkerSign),
        since=since,
    )


def releases(now: datetime, until: datetime, step: timedelta) -> Query[dict[datetime, int]]:
    """When what is held comes due: bins of time and how many rows."""
    return routed(
        """
        SELECT date_bin(:step, due_at, :now) AS bin, count(*) AS rows FROM queue
         WHERE bucket = ANY(:slice) AND due_at > :now AND due_at < :until
         GROUP BY 1 ORDER BY 1
        """,
        EVERYWHERE,
        lambda result: {row.bin: row.rows for row in result},
        now=now,
        until=until,
        step=step,
    )
