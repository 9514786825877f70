"""Failed sign-ins, counted where all processes of the console see them."""

from collections.abc import Sequence
from datetime import datetime

from models.people import Tries
from models.query import Query, Story, count, records, sql


def tries_of(whos: Sequence[bytes], now: datetime) -> Story[dict[bytes, Tries]]:
    """How often these failed, locked: of two who try at once, the second sees the first."""
    yield sql(
        """
        INSERT INTO sign_in_tries (who, failures, last_at, free_at)
        SELECT who, 0, :now, :now FROM unnest(CAST(:whos AS bytea[])) who ORDER BY who
        ON CONFLICT (who) DO NOTHING
        """,
        count,
        whos=list(whos),
        now=now,
    )
    found: list[Tries] = yield sql(
        """
        SELECT who, failures, last_at, free_at FROM sign_in_tries WHERE who = ANY(:whos)
         ORDER BY who FOR UPDATE
        """,
        records(Tries),
        whos=list(whos),
    )
    return {each.who: each for each in found}


def save_tries(tries: Tries) -> Query[int]:
    """Write what became of one that is locked."""
    return sql(
        """
        UPDATE sign_in_tries SET failures = :failures, last_at = :last_at, free_at = :free_at
         WHERE who = :who
        """,
        count,
        who=tries.who,
        failures=tries.failures,
        last_at=tries.last_at,
        free_at=tries.free_at,
    )


def forget_tries(who: bytes) -> Query[int]:
    """Let somebody begin anew."""
    return sql("DELETE FROM sign_in_tries WHERE who = :who", count, who=who)


def forget_old_tries(before: datetime) -> Query[int]:
    """Remove what nobody added to since a moment."""
    return sql("DELETE FROM sign_in_tries WHERE last_at < :before", count, before=before)
