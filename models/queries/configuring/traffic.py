"""What bounds accounts: breakers, moments of their paces, days of warm-up. One node holds it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.query import Answer, Query, count, records, sql
from models.records import AccountLimit, Breaker, BreakerState, Pace

_BREAKER = "account, state, failures, openings, changed_at, retry_at, last_error, last_error_at"


def _breakers(result: Answer) -> list[Breaker]:
    return [Breaker(row[0], BreakerState(row[1]), *row[2:]) for row in result]


def breakers() -> Query[list[Breaker]]:
    """All breakers that ever had something to tell."""
    return sql(f"SELECT {_BREAKER} FROM breakers ORDER BY account", _breakers)


def lock_breaker(account: str) -> Query[list[Breaker]]:
    """One breaker, locked; none when there is none yet."""
    return sql(
        f"SELECT {_BREAKER} FROM breakers WHERE account = :account FOR UPDATE",
        _breakers,
        account=account,
    )


def make_breaker(account: str, now: datetime) -> Query[int]:
    """Have a closed breaker for an account, unless it has one."""
    return sql(
        """
        INSERT INTO breakers (account, state, failures, openings, changed_at)
        VALUES (:account, 'closed', 0, 0, :now) ON CONFLICT (account) DO NOTHING
        """,
        count,
        account=account,
        now=now,
    )


def write_breaker(breaker: Breaker) -> Query[int]:
    """Store a locked breaker."""
    return sql(
        """
        UPDATE breakers
           SET state = :state, failures = :failures, openings = :openings,
               changed_at = :changed_at, retry_at = :retry_at, last_error = :last_error,
               last_error_at = :last_error_at
         WHERE account = :account
        """,
        count,
        account=breaker.account,
        state=breaker.state,
        failures=breaker.failures,
        openings=breaker.openings,
        changed_at=breaker.changed_at,
        retry_at=breaker.retry_at,
        last_error=breaker.last_error,
        last_error_at=breaker.last_error_at,
    )


def lessons() -> Query[list[Pace]]:
    """The paces that deferrals taught."""
    return sql(
        """
        SELECT account, destination, next_at, per_minute, slowed_at, last_error FROM paces
         WHERE per_minute IS NOT NULL ORDER BY account, destination
        """,
        records(Pace),
    )


def lock_pace(account: str, destination: str) -> Query[list[Pace]]:
    """One pace, locked; none when there is none yet."""
    return sql(
        """
        SELECT account, destination, next_at, per_minute, slowed_at, last_error FROM paces
         WHERE account = :account AND destination = :destination FOR UPDATE
        """,
        records(Pace),
        account=account,
        destination=destination,
    )


def make_pace(account: str, destination: str, now: datetime) -> Query[int]:
    """Have a pace for a destination, unless there is one."""
    return sql(
        """
        INSERT INTO paces (account, destination, next_at) VALUES (:account, :destination, :now)
        ON CONFLICT (account, destination) DO NOTHING
        """,
        count,
        account=account,
        destination=destination,
        now=now,
    )


def teach(pace: Pace) -> Query[int]:
    """Store the lesson of a locked pace."""
    return sql(
        """
        UPDATE paces SET per_minute = :per_minute, slowed_at = :at, last_error = :error
         WHERE account = :account AND destination = :destination
        """,
        count,
        account=pace.account,
        destination=pace.destination,
        per_minute=pace.per_minute,
        at=pace.slowed_at,
        error=pace.last_error,
    )


@dataclass(frozen=True, slots=True)
class Moments:
    """What was taken of a pace: so many messages may go now, and when the next one might."""

    taken: int
    next_at: datetime


def take_moments(
    pace: tuple[str, str], want: int, every: timedelta, since: datetime, now: datetime
) -> Query[Moments]:
    """Take moments that have come, for as many messages: nobody else gets the same.

    Args:
        pace: Account and destination; there must be a row.
        want: At most so many.
        every: The time between two.
        since: Moments before it are gone, used or not.
        now: Later ones have not come.
    """
    return sql(
        """
        UPDATE paces p SET next_at = b.first + b.number * CAST(:every AS interval)
          FROM (SELECT greatest(next_at, CAST(:since AS timestamptz)) AS first,
                       greatest(0, least(:want, 1 + floor(
                           extract(epoch FROM CAST(:now AS timestamptz)
                                   - greatest(next_at, CAST(:since AS timestamptz)))
                           / extract(epoch FROM CAST(:every AS interval))))) AS number
                  FROM paces WHERE account = :account AND destination = :destination
                   FOR UPDATE) b
         WHERE p.account = :account AND p.destination = :destination
        RETURNING CAST(b.number AS int), p.next_at
        """,
        lambda result: records(Moments)(result)[0],
        account=pace[0],
        destination=pace[1],
        want=want,
        every=every,
        since=since,
        now=now,
    )


def limits() -> Query[list[AccountLimit]]:
    """The limits that people set."""
    return sql(
        """
        SELECT account, destination, per_minute FROM account_limits
         ORDER BY account, destination
        """,
        records(AccountLimit),
    )


def warm_ups() -> Query[dict[str, date]]:
    """The domains that are new, and their first days."""
    return sql(
        "SELECT domain, first_day FROM warm_ups",
        lambda result: {row.domain: row.first_day for row in result},
    )


def make_warm_up_day(domain: str, day: date) -> Query[int]:
    """Have a count for a domain's day, unless it has one."""
    return sql(
        """
        INSERT INTO warm_up_days (domain, day, used) VALUES (:domain, :day, 0)
        ON CONFLICT (domain, day) DO NOTHING
        """,
        count,
        domain=domain,
        day=day,
    )


def take_share(domain: str, day: date, ask: tuple[int, int], ceiling: int) -> Query[int]:
    """Use some of a day's ceiling; how much of what may be refused was granted.

    Args:
        domain: Its count for the day must be there.
        day: UTC.
        ask: How many go in any case, and how many would like to.
        ceiling: The most of the day.
    """
    return sql(
        """
        UPDATE warm_up_days w SET used = b.used + :must + b.granted
          FROM (SELECT used, greatest(0, least(:want, :ceiling - used - :must)) AS granted
                  FROM warm_up_days WHERE domain = :domain AND day = :day FOR UPDATE) b
         WHERE w.domain = :domain AND w.day = :day
        RETURNING CAST(b.granted AS int)
        """,
        lambda result: int(result.scalar_one()),
        domain=domain,
        day=day,
        must=ask[0],
        want=ask[1],
        ceiling=ceiling,
    )


def used_today(day: date) -> Query[dict[str, int]]:
    """What new domains have used of a day."""
    return sql(
        "SELECT domain, used FROM warm_up_days WHERE day = :day",
        lambda result: {row.domain: row.used for row in result},
        day=day,
    )
