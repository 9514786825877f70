"""How scopes fare with receivers: what was counted, what was concluded, what a person said."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from models.queries.arrays import array
from models.queries.routing import EVERYWHERE, routed
from models.query import Answer, Query, Story, count, records, sql
from models.records import (
    Counted,
    Counts,
    Level,
    Measure,
    Rate,
    Reputation,
    Trust,
    Window,
)

KEPT = timedelta(days=35)
"""How long hours are kept: the course that pages show."""
_COUNTS = tuple(each.name for each in fields(Counts))


def judge_alone() -> Query[bool]:
    """Whether nobody else judges right now; until the end of the transaction nobody will."""
    return sql(
        "SELECT pg_try_advisory_xact_lock(hashtext('reputations'))",
        lambda result: bool(result.scalar_one()),
    )


def judged_at() -> Query[datetime | None]:
    """When the scopes were judged last."""
    return sql("SELECT max(judged_at) FROM reputations", lambda result: result.scalar_one())


def counted_until() -> Query[datetime | None]:
    """The newest hour that was counted."""
    return sql("SELECT max(hour) FROM reputation_hours", lambda result: result.scalar_one())


def counted(
    states: Iterable[str], since: datetime, until: datetime, step: timedelta
) -> Query[list[Counted]]:
    """What mail moved into and out of these states, by bins of time that begin with the first."""
    return routed(
        """
        SELECT date_bin(:step, minute, :since), sender, account, campaign, topic, destination,
               state, reason, CAST(sum(entered) AS bigint), CAST(sum("left") AS bigint)
          FROM rollups
         WHERE bucket = ANY(:slice) AND minute >= :since AND minute < :until AND channel = 'email'
           AND state = ANY(CAST(:states AS text[]))
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        """,
        EVERYWHERE,
        records(Counted),
        states=sorted(states),
        since=since,
        until=until,
        step=step,
    )


Hours = Mapping[tuple[str, datetime], Counts]
"""What was counted in each scope and hour."""


def write_hours(hours: Hours) -> Query[int]:
    """Keep what was counted in whole hours; counted again it replaces what was."""
    columns = ", ".join(_COUNTS)
    arrays = ", ".join(f"CAST(:{name} AS bigint[])" for name in _COUNTS)
    return sql(
        f"""
        INSERT INTO reputation_hours (scope, hour, {columns})
        SELECT * FROM unnest(CAST(:scopes AS text[]), CAST(:hours AS timestamptz[]), {arrays})
        ON CONFLICT (scope, hour) DO UPDATE
           SET {", ".join(f"{name} = excluded.{name}" for name in _COUNTS)}
        """,
        count,
        scopes=array(scope for scope, _ in hours),
        hours=array(hour for _, hour in hours),
        **{name: array(getattr(each, name) for each in hours.values()) for name in _COUNTS},
    )


def forget_hours(before: datetime) -> Query[int]:
    """Delete hours that nobody looks at any more."""
    return sql("DELETE FROM reputation_hours WHERE hour < :before", count, before=before)


def summed(since: datetime) -> Query[dict[str, Counts]]:
    """What was counted in each scope since an hour, but for what is forgiven there."""
    sums = ", ".join(f"CAST(sum(h.{name}) AS bigint)" for name in _COUNTS)
    return sql(
        f"""
        SELECT h.scope, {sums}
          FROM reputation_hours h LEFT JOIN reputations r ON r.scope = h.scope
         WHERE h.hour >= :since AND (r.forgiven_at IS NULL OR h.hour >= r.forgiven_at)
         GROUP BY h.scope
        """,
        lambda result: {row[0]: Counts(*row[1:]) for row in result},
        since=since,
    )


def course(since: datetime) -> Query[dict[str, dict[datetime, Counts]]]:
    """What was counted in each scope, hour by hour."""

    def found(result: Answer) -> dict[str, dict[datetime, Counts]]:
        by_scope: dict[str, dict[datetime, Counts]] = {}
        for row in result:
            by_scope.setdefault(row[0], {})[row[1]] = Counts(*row[2:])
        return by_scope

    return sql(
        f"""
        SELECT scope, hour, {", ".join(_COUNTS)} FROM reputation_hours
         WHERE hour >= :since ORDER BY scope, hour
        """,
        found,
        since=since,
    )


_REPUTATION = "scope, state, since, until, trips, forgiven_at, why, set_by, rates, judged_at, told"


def reputations() -> Query[list[Reputation]]:
    """All scopes that are known."""
    return sql(f"SELECT {_REPUTATION} FROM reputations ORDER BY scope", _reputations)


def stopped_or_slow() -> Query[dict[str, Trust]]:
    """The scopes in which promotional mail waits or goes slowly."""
    return sql(
        "SELECT scope, state FROM reputations WHERE state <> ALL(CAST(:free AS text[]))",
        lambda result: {row.scope: _trust(row.state) for row in result},
        free=[Trust.OK, Trust.WATCH],
    )


def make(scopes: Collection[str], now: datetime) -> Query[int]:
    """Have a row for each scope."""
    return sql(
        """
        INSERT INTO reputations (scope, state, since)
        SELECT u.scope, 'ok', CAST(:now AS timestamptz)
          FROM unnest(CAST(:scopes AS text[])) u (scope) ORDER BY u.scope
        ON CONFLICT (scope) DO NOTHING
        """,
        count,
        scopes=array(sorted(scopes)),
        now=now,
    )


def lock(scopes: Collection[str]) -> Query[list[Reputation]]:
    """Lock scopes, in one order."""
    return sql(
        f"""
        SELECT {_REPUTATION} FROM reputations WHERE scope = ANY(CAST(:scopes AS text[]))
         ORDER BY scope FOR UPDATE
        """,
        _reputations,
        scopes=array(sorted(scopes)),
    )


def lock_untold() -> Query[list[Reputation]]:
    """Lock the scopes of whose trip nobody was told, but for those that somebody tells of now."""
    return sql(
        f"""
        SELECT {_REPUTATION} FROM reputations WHERE NOT told
         ORDER BY scope FOR UPDATE SKIP LOCKED
        """,
        _reputations,
    )


_WRITTEN = {
    "scope": "text", "trust": "text", "since": "timestamptz", "until": "timestamptz",
    "trips": "bigint", "forgiven_at": "timestamptz", "why": "text", "set_by": "text",
    "judged_at": "timestamptz", "told": "boolean",
}  # fmt: skip


def write(found: Sequence[Reputation]) -> Query[int]:
    """Store locked scopes."""
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in _WRITTEN.items())
    return sql(
        f"""
        UPDATE reputations r
           SET state = u.trust, since = u.since, until = u.until, trips = u.trips,
               forgiven_at = u.forgiven_at, why = u.why, set_by = u.set_by,
               judged_at = u.judged_at, told = u.told, rates = u.rates
          FROM unnest({arrays}, CAST(:rates AS jsonb[])) u ({", ".join(_WRITTEN)}, rates)
         WHERE r.scope = u.scope
        """,
        count,
        rates=array(json.dumps(_stored(one.rates)) for one in found),
        **{name: array(getattr(one, name) for one in found) for name in _WRITTEN},
    )


def change(
    scope: str, becomes: Callable[[Reputation], Reputation], now: datetime
) -> Story[Reputation]:
    """Let a scope, known or not, become what somebody wants it to be."""
    yield make([scope], now)
    (before,) = yield lock([scope])
    after = becomes(before)
    yield write([after])
    return after


def forget(scopes: Collection[str]) -> Query[int]:
    """Forget locked scopes of which there is nothing to tell any more."""
    return sql(
        "DELETE FROM reputations WHERE scope = ANY(CAST(:scopes AS text[]))",
        count,
        scopes=array(sorted(scopes)),
    )


def _stored(rates: Iterable[Rate]) -> dict[str, Any]:
    return {
        "rates": [{each.name: getattr(rate, each.name) for each in fields(Rate)} for rate in rates]
    }


def _reputations(result: Answer) -> list[Reputation]:
    return [_reputation(*row) for row in result]


def _reputation(scope: str, state: str, *rest: Any) -> Reputation:
    since, until, trips, forgiven_at, why, set_by, rates, judged_at, told = rest
    return Reputation(
        scope, _trust(state), since, until, trips, forgiven_at, why, set_by,
        tuple(_rate(**one) for one in (rates or {}).get("rates", ())), judged_at, told,
    )  # fmt: skip


def _rate(measure: str, window: str, level: str, **figures: Any) -> Rate:
    return Rate(measure=Measure(measure), window=Window(window), level=Level(level), **figures)


def _trust(state: str) -> Trust:
    """A state that nobody knows holds promotional mail until a person looks."""
    return Trust(state) if state in set(Trust) else Trust.HELD
