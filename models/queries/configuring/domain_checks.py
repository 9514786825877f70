"""When sending domains are checked and how that went. One node holds it."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from models.query import Answer, Query, count, sql
from models.records import DomainCheck

_COLUMNS = "domain, due_at, checked_at, verdicts"


def _checks(result: Answer) -> list[DomainCheck]:
    return [DomainCheck(row[0], row[1], row[2], tuple(row[3])) for row in result]


def checks() -> Query[list[DomainCheck]]:
    """How all domains fared the last time, by name."""
    return sql(f"SELECT {_COLUMNS} FROM domain_checks ORDER BY domain", _checks)


def expect(domains: Collection[str], now: datetime) -> Query[int]:
    """Have these domains checked; those that are already stay as they are."""
    return sql(
        """
        INSERT INTO domain_checks (domain, due_at, verdicts)
        SELECT unnest(CAST(:domains AS text[])), :now, '[]' ON CONFLICT (domain) DO NOTHING
        """,
        count,
        domains=sorted(domains),
        now=now,
    )


def forget_others(domains: Collection[str]) -> Query[int]:
    """Forget how all but these domains fared."""
    return sql(
        "DELETE FROM domain_checks WHERE domain <> ALL(CAST(:domains AS text[]))",
        count,
        domains=sorted(domains),
    )


def claim(now: datetime, again: datetime) -> Query[list[DomainCheck]]:
    """Take a domain whose check is due; if whoever takes it is lost, it is due `again`."""
    return sql(
        f"""
        UPDATE domain_checks SET due_at = :again
         WHERE domain = (SELECT domain FROM domain_checks WHERE due_at <= :now
                          ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING {_COLUMNS}
        """,
        _checks,
        now=now,
        again=again,
    )


def lock(domain: str) -> Query[list[DomainCheck]]:
    """How one domain fared, locked."""
    return sql(
        f"SELECT {_COLUMNS} FROM domain_checks WHERE domain = :domain FOR UPDATE",
        _checks,
        domain=domain,
    )


def hurry(domain: str, now: datetime) -> Query[int]:
    """Have a domain checked at once."""
    return sql(
        "UPDATE domain_checks SET due_at = :now WHERE domain = :domain AND due_at > :now",
        count,
        domain=domain,
        now=now,
    )


def record(
    domain: str, verdicts: Sequence[Mapping[str, Any]], at: datetime, due: datetime
) -> Query[int]:
    """Keep how a check went."""
    return sql(
        """
        UPDATE domain_checks
           SET verdicts = CAST(:verdicts AS jsonb), checked_at = :at, due_at = :due
         WHERE domain = :domain
        """,
        count,
        domain=domain,
        verdicts=json.dumps(list(verdicts)),
        at=at,
        due=due,
    )
