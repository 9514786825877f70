"""What is known of somebody's consent and of suppressed addresses, as people read it."""

from models.ids import bucket_of
from models.queries.routing import routed, slice_of
from models.query import Query, records
from models.readings.recipients import ChoiceChange, ChoiceLine
from models.readings.suppressions import SuppressionChange, SuppressionLine


def choices_of(recipient: str) -> Query[list[ChoiceLine]]:
    """What a recipient chose."""
    return routed(
        """
        SELECT category, channel, allowed, until, changed_at, changed_by FROM preferences
         WHERE bucket = ANY(:slice) AND recipient_id = :id ORDER BY category, channel
        """,
        slice_of([bucket_of(recipient)]),
        records(ChoiceLine),
        id=recipient,
    )


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
