"""What is known of somebody's consent and of suppressed addresses, as people read it."""

from collections.abc import Sequence

from models.ids import bucket_of
from models.queries.configuring import catalog
from models.queries.people.categories import categories
from models.queries.routing import EVERYWHERE, routed, slice_of
from models.queries.sending import facts
from models.query import Query, Story, records, sql
from models.readings.consent import ChoiceChange, Consent
from models.readings.recipients import AddressLine
from models.readings.suppressions import SuppressionChange, SuppressionLine
from models.records import Category, Choices, Chosen, Facts, Profile, Topic


def choice_changes(recipient: str, limit: int) -> Query[list[ChoiceChange]]:
    """How a recipient's choices changed, the newest first."""
    return routed(
        """
        SELECT at, category, channel, allowed, until, changed_by, via FROM preference_changes
         WHERE bucket = ANY(:slice) AND recipient_id = :id
         ORDER BY at DESC, category, channel LIMIT :limit
        """,
        slice_of([bucket_of(recipient)]),
        records(ChoiceChange),
        id=recipient,
        limit=limit,
    )


def what_counts(recipient: str) -> Story[Facts]:
    """All that counts when somebody's preferences are merged; addresses are left out."""
    chosen: dict[str, Chosen] = yield facts.preferences([recipient])
    profiles: dict[str, Profile] = yield facts.profiles([recipient])
    profile, own = profiles.get(recipient), chosen.get(recipient, Chosen())
    org = None if profile is None else profile.org
    orgs: dict[str, Choices] = (yield facts.org_preferences([org])) if org else {}
    described: dict[str, Category] = yield categories()
    return Facts(
        profile,
        preferences=own.choices,
        snoozed_until=own.snoozed_until,
        org_preferences=orgs.get(org or "", {}),
        categories=described,
    )


_SUPPRESSION = "channel, address, category, reason, source, expires_at, created_at"


def suppressions_on(addresses: list[str]) -> Query[list[SuppressionLine]]:
    """The suppressions of these addresses, also those that are over."""
    return routed(
        f"""
        SELECT {_SUPPRESSION} FROM suppressions
         WHERE bucket = ANY(:slice) AND address = ANY(:addresses)
         ORDER BY address, category, channel
        """,
        slice_of(bucket_of(address) for address in addresses),
        records(SuppressionLine),
        addresses=addresses,
    )


def newest_suppressions(limit: int) -> Query[list[SuppressionLine]]:
    """The suppressions that came last, also those that are over."""
    return routed(
        f"""
        SELECT {_SUPPRESSION} FROM suppressions WHERE bucket = ANY(:slice)
         ORDER BY created_at DESC, address, category, channel LIMIT :limit
        """,
        EVERYWHERE,
        records(SuppressionLine),
        limit=limit,
    )


def suppression_changes(addresses: list[str], limit: int) -> Query[list[SuppressionChange]]:
    """How the suppressions of these addresses changed, the newest first."""
    return routed(
        """
        SELECT at, change, channel, address, category, reason, source, expires_at
          FROM suppression_changes
         WHERE bucket = ANY(:slice) AND address = ANY(:addresses)
         ORDER BY at DESC, address, category, channel LIMIT :limit
        """,
        slice_of(bucket_of(address) for address in addresses),
        records(SuppressionChange),
        addresses=addresses,
        limit=limit,
    )


_CHANGES = 50
"""Changes of each kind that are read for one recipient."""


def consent_of(recipient: str, addresses: Sequence[AddressLine]) -> Story[Consent]:
    """All that is known of somebody's consent and of the suppressions of their addresses."""
    known: Facts = yield from what_counts(recipient)
    topics: dict[str, Topic] = yield catalog.topics()
    changes: list[ChoiceChange] = yield choice_changes(recipient, _CHANGES)
    where = sorted({line.address for line in addresses})
    stopped: list[SuppressionLine] = (yield suppressions_on(where)) if where else []
    history: list[SuppressionChange] = (yield suppression_changes(where, _CHANGES)) if where else []
    return Consent(known, topics, tuple(changes), tuple(stopped), tuple(history))


def known_categories() -> Query[frozenset[str]]:
    """The categories one may choose about: of a topic, or described."""
    return sql(
        "SELECT category FROM topics UNION SELECT category FROM categories",
        lambda result: frozenset(result.scalars()),
    )
