"""What came back: bounces, complaints, confirmations, and how fast; from counts alone."""

from datetime import datetime
from typing import Any

from models.counts import FOLDED
from models.queries.console.metrics import counted
from models.queries.routing import EVERYWHERE, routed
from models.query import Answer, Query, records
from models.readings.figures import Period
from models.readings.returns import Change, Course, Delay, Facets
from models.records import Change as Changed

_NOT_THESE = ("scheduled", "sending", "skipped", "cancelled", "expired", "collected", "digested")
"""States that nothing comes back from: not read."""


def _where(facets: Facets) -> str:
    """What facets say of a row, each with AND; the feed has no outside to come back from."""
    conditions = "".join(f" AND {column} = :of_{column}" for column in _asked(facets))
    return conditions if facets.channel else f"{conditions} AND channel <> 'in_app'"


def _asked(facets: Facets) -> dict[str, str]:
    named = {
        "topic": facets.topic, "class": facets.klass, "channel": facets.channel,
        "provider": facets.provider, "destination": facets.destination,
    }  # fmt: skip
    return {column: value for column, value in named.items() if value is not None}


def _parameters(period: Period, facets: Facets) -> dict[str, Any]:
    asked = {f"of_{column}": value for column, value in _asked(facets).items()}
    return {"since": period.since, "until": period.until, **asked}


def courses(period: Period, facets: Facets) -> Query[list[Course]]:
    """Moves by bin of time, provider, destination, state and reason; in no order."""
    return routed(
        f"""
        SELECT date_bin(:step, at, :since), provider, destination, state, reason,
               CAST(sum(entered) AS bigint), CAST(sum("left") AS bigint)
          FROM {counted(period)}
         WHERE state <> ALL(:never) {_where(facets)}
         GROUP BY 1, 2, 3, 4, 5
        """,
        EVERYWHERE,
        records(Course),
        step=period.step,
        never=[*_NOT_THESE, *Changed],
        **_parameters(period, facets),
    )


def delays(period: Period, facets: Facets) -> Query[list[Delay]]:
    """How long after the hand-over things came back; of every topic and class."""
    of = Facets(None, None, facets.channel, facets.provider, facets.destination)
    return routed(
        f"""
        SELECT date_bin(:step, slot, :since), kind, bin, CAST(sum(count) AS bigint)
          FROM reaction_times
         WHERE bucket = ANY(:slice) AND slot >= :since AND slot < :until {_where(of)}
         GROUP BY 1, 2, 3
        """,
        EVERYWHERE,
        records(Delay),
        step=period.step,
        **_parameters(period, of),
    )


def changes(period: Period, channel: str | None) -> Query[list[Change]]:
    """Suppressions that were added and lifted, by bin of time and cause."""
    of = Facets(channel=channel)
    return routed(
        f"""
        SELECT date_bin(:step, at, :since), state, reason, CAST(sum(entered) AS bigint)
          FROM {counted(period)}
         WHERE state IN ('suppressed', 'lifted') {_where(of)}
         GROUP BY 1, 2, 3
        """,
        EVERYWHERE,
        records(Change),
        step=period.step,
        **_parameters(period, of),
    )


def endings(period: Period, channel: str | None, now: datetime) -> Query[list[Change]]:
    """Suppressions that ended by themselves and were not renewed, by bin of time and reason."""
    of = Facets(channel=channel)
    return routed(
        f"""
        SELECT date_bin(:step, expires_at, :since), 'ended', reason, count(*)
          FROM suppressions
         WHERE bucket = ANY(:slice) AND expires_at >= :since AND expires_at < :until
           AND expires_at <= :now {_where(of)}
         GROUP BY 1, 2, 3
        """,
        EVERYWHERE,
        records(Change),
        step=period.step,
        now=now,
        **_parameters(period, of),
    )


def known_facets(since: datetime) -> Query[dict[str, list[str]]]:
    """The providers and destinations that were counted since."""
    return routed(
        """
        SELECT DISTINCT provider, destination FROM rollup_hours
         WHERE bucket = ANY(:slice) AND hour >= :since
         UNION
        SELECT DISTINCT provider, destination FROM rollups
         WHERE bucket = ANY(:slice) AND minute >= :since AND batch <> :folded
        """,
        EVERYWHERE,
        _facets,
        since=since,
        folded=FOLDED,
    )


def _facets(result: Answer) -> dict[str, list[str]]:
    pairs = list(result)
    return {
        name: sorted({row[place] for row in pairs if row[place]})
        for place, name in enumerate(("provider", "destination"))
    }
