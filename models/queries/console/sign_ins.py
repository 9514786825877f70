"""How many sign-ins are tried, and how many people are signed in: for the machines that watch."""

from collections.abc import Mapping
from datetime import datetime

from models.people import Method, SignIn
from models.query import Query, count, sql


def count_sign_in(method: Method, outcome: SignIn) -> Query[int]:
    """Count one that was tried."""
    return sql(
        """
        INSERT INTO sign_in_counts AS c (method, outcome, number) VALUES (:method, :outcome, 1)
        ON CONFLICT (method, outcome) DO UPDATE SET number = c.number + 1
        """,
        count,
        method=method,
        outcome=outcome,
    )


def sign_ins() -> Query[Mapping[tuple[str, str], int]]:
    """How many were tried since the installation, by method and outcome."""
    return sql(
        "SELECT method, outcome, number FROM sign_in_counts",
        lambda result: {(row.method, row.outcome): row.number for row in result},
    )


def signed_in(now: datetime) -> Query[int]:
    """Sessions whose hours are not over; one that rests too long counts until then."""
    return sql(
        "SELECT count(*) FROM sessions WHERE ends_at > :now",
        lambda result: int(result.scalar_one()),
        now=now,
    )
