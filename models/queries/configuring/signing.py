"""Sending domains and their keys: written by people and by the tick that saw a record in DNS."""

from dataclasses import dataclass
from datetime import datetime

from models.queries.configuring.accounts import all_accounts
from models.query import Answer, Query, Story, count, records, sql
from models.records import Algorithm, SendingDomain, SigningKey

_KEY = "domain, selector, algorithm, public_key, made_at, signs_since, ended_at, sealed"


def domains() -> Query[list[SendingDomain]]:
    """All sending domains, by name."""
    return sql(
        "SELECT domain, added_at, retired_at FROM sending_domains ORDER BY domain",
        records(SendingDomain),
    )


@dataclass(frozen=True, slots=True)
class Roster:
    """All domains, all keys, and whether mail leaves by an account that somebody named."""

    domains: tuple[SendingDomain, ...]
    keys: tuple[SigningKey, ...]
    accounts: bool


def roster() -> Story[Roster]:
    """Who sends in which name."""
    found = yield domains()
    signing = yield keys()
    named = yield all_accounts()
    return Roster(tuple(found), tuple(signing), any(one.channel == "email" for one in named))


def lock_domain(domain: str) -> Query[list[SendingDomain]]:
    """One domain, locked; none when there is none."""
    return sql(
        "SELECT domain, added_at, retired_at FROM sending_domains WHERE domain = :domain"
        " FOR UPDATE",
        records(SendingDomain),
        domain=domain,
    )


def add_domain(domain: str, now: datetime) -> Query[int]:
    """Make a domain known, or take a retired one back; 0 when it is there already."""
    return sql(
        """
        INSERT INTO sending_domains (domain, added_at) VALUES (:domain, :now)
        ON CONFLICT (domain) DO UPDATE SET retired_at = NULL, added_at = excluded.added_at
         WHERE sending_domains.retired_at IS NOT NULL
        """,
        count,
        domain=domain,
        now=now,
    )


def retire_domain(domain: str, now: datetime) -> Story[int]:
    """Sign nothing more in a domain's name; how many keys that ended."""
    yield sql(
        """
        UPDATE sending_domains SET retired_at = :now WHERE domain = :domain
           AND retired_at IS NULL
        """,
        count,
        domain=domain,
        now=now,
    )
    ended: int = yield sql(
        """
        UPDATE signing_keys SET ended_at = :now, sealed = NULL
         WHERE domain = :domain AND ended_at IS NULL
        """,
        count,
        domain=domain,
        now=now,
    )
    return ended


def keys() -> Query[list[SigningKey]]:
    """All keys, those of a domain in the order in which they were made."""
    return sql(f"SELECT {_KEY} FROM signing_keys ORDER BY domain, made_at, selector", _keys)


def keys_of(domain: str) -> Query[list[SigningKey]]:
    """The keys of a domain in the order in which they were made."""
    return sql(
        f"SELECT {_KEY} FROM signing_keys WHERE domain = :domain ORDER BY made_at, selector",
        _keys,
        domain=domain,
    )


def public_keys() -> Query[list[SigningKey]]:
    """All keys without their private halves, for whoever only looks."""
    return sql(
        f"SELECT {_KEY.replace('sealed', 'NULL')} FROM signing_keys"
        " ORDER BY domain, made_at, selector",
        _keys,
    )


def _keys(result: Answer) -> list[SigningKey]:
    return [SigningKey(row[0], row[1], Algorithm(row[2]), *row[3:]) for row in result]


def add_key(key: SigningKey) -> Query[int]:
    """Keep a new key; 0 when its selector is taken."""
    return sql(
        """
        INSERT INTO signing_keys (domain, selector, algorithm, public_key, made_at, sealed)
        VALUES (:domain, :selector, :algorithm, :public, :at, :sealed)
        ON CONFLICT (domain, selector) DO NOTHING
        """,
        count,
        domain=key.domain,
        selector=key.selector,
        algorithm=key.algorithm,
        public=key.public_key,
        at=key.made_at,
        sealed=key.sealed,
    )


def begin_signing(key: SigningKey, now: datetime) -> Story[bool]:
    """Let a waiting key sign from now on, in the place of those of its algorithm.

    Whether it did; twice is once.
    """
    begun: int = yield sql(
        """
        UPDATE signing_keys SET signs_since = :now
         WHERE domain = :domain AND selector = :selector
           AND signs_since IS NULL AND ended_at IS NULL
        """,
        count,
        domain=key.domain,
        selector=key.selector,
        now=now,
    )
    if begun:
        yield sql(
            """
            UPDATE signing_keys SET ended_at = :now, sealed = NULL
             WHERE domain = :domain AND algorithm = :algorithm AND selector <> :selector
               AND signs_since IS NOT NULL AND ended_at IS NULL
            """,
            count,
            domain=key.domain,
            algorithm=key.algorithm,
            selector=key.selector,
            now=now,
        )
    return bool(begun)


def end_key(domain: str, selector: str, now: datetime) -> Query[int]:
    """Let a key sign nothing more; 0 when it did not."""
    return sql(
        """
        UPDATE signing_keys SET ended_at = :now, sealed = NULL
         WHERE domain = :domain AND selector = :selector AND ended_at IS NULL
        """,
        count,
        domain=domain,
        selector=selector,
        now=now,
    )


def forget_key(key: SigningKey) -> Story[None]:
    """Forget an ended key, and its domain when that is retired and has none left."""
    yield sql(
        """
        DELETE FROM signing_keys
         WHERE domain = :domain AND selector = :selector AND ended_at IS NOT NULL
        """,
        count,
        domain=key.domain,
        selector=key.selector,
    )
    left = yield keys_of(key.domain)
    if not left:
        yield sql(
            "DELETE FROM sending_domains WHERE domain = :domain AND retired_at IS NOT NULL",
            count,
            domain=key.domain,
        )
