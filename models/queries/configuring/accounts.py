"""Provider accounts, their limits and new sending domains: written by people."""

from datetime import date, datetime
from decimal import Decimal

from models.query import Query, count, records, sql
from models.records import Account, AccountLimit


def all_accounts() -> Query[list[Account]]:
    """Provider accounts, best first; also those that are not enabled."""
    return sql(
        """
        SELECT account, provider, channel, url, priority, weight, enabled, price
          FROM provider_accounts
         ORDER BY priority DESC, account
        """,
        records(Account),
    )


def add_account(account: Account, now: datetime) -> Query[int]:
    """Make an account known; 0 when one of this name is there already."""
    return sql(
        """
        INSERT INTO provider_accounts (account, provider, channel, url, priority, weight, enabled,
                                       updated_at)
        VALUES (:key, :provider, :channel, :url, :priority, :weight, :enabled, :now)
        ON CONFLICT (account) DO NOTHING
        """,
        count,
        **_values(account, now),
    )


def change_account(account: Account, now: datetime) -> Query[int]:
    """Change everything about an account but its name; 0 when there is none."""
    return sql(
        """
        UPDATE provider_accounts
           SET provider = :provider, channel = :channel, url = :url, priority = :priority,
               weight = :weight, enabled = :enabled, updated_at = :now
         WHERE account = :key
        """,
        count,
        **_values(account, now),
    )


def set_price(account: str, price: Decimal | None) -> Query[int]:
    """Say what a thousand messages over an account cost; 0 where there is none."""
    return sql(
        "UPDATE provider_accounts SET price = CAST(:price AS numeric) WHERE account = :account",
        count,
        account=account,
        price=price,
    )


def _values(account: Account, now: datetime) -> dict[str, object]:
    return {
        "key": account.key,
        "provider": account.provider,
        "channel": account.channel,
        "url": account.url,
        "priority": account.priority,
        "weight": account.weight,
        "enabled": account.enabled,
        "now": now,
    }


def set_limit(limit: AccountLimit) -> Query[int]:
    """Set the most a minute over an account to a destination."""
    return sql(
        """
        INSERT INTO account_limits (account, destination, per_minute)
        VALUES (:account, :destination, :per_minute)
        ON CONFLICT (account, destination) DO UPDATE SET per_minute = excluded.per_minute
        """,
        count,
        account=limit.account,
        destination=limit.destination,
        per_minute=limit.per_minute,
    )


def lift_limit(account: str, destination: str) -> Query[int]:
    """Take a limit away; 0 when there is none."""
    return sql(
        """
        DELETE FROM account_limits WHERE account = :account AND destination = :destination
        """,
        count,
        account=account,
        destination=destination,
    )


def begin_warm_up(domain: str, first_day: date) -> Query[int]:
    """Let a sending domain grow from this day on."""
    return sql(
        """
        INSERT INTO warm_ups (domain, first_day) VALUES (:domain, :first_day)
        ON CONFLICT (domain) DO UPDATE SET first_day = excluded.first_day
        """,
        count,
        domain=domain,
        first_day=first_day,
    )


def end_warm_up(domain: str) -> Query[int]:
    """Let a domain send what it likes; 0 when it does already."""
    return sql("DELETE FROM warm_ups WHERE domain = :domain", count, domain=domain)
