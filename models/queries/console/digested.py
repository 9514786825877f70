"""Digests as the console reads them."""

from uuid import UUID

from models.ids import place_of
from models.queries.routing import routed, slice_of
from models.query import Query, records
from models.readings.digests import Carried, Carrier


def carried_by(digest: UUID, limit: int) -> Query[list[Carried]]:
    """What a digest holds, the oldest first; nothing where it is no digest's id."""
    return routed(
        """
        SELECT delivery_id, created_at, actor FROM digest_members
         WHERE bucket = ANY(:slice) AND digest_id = :digest
         ORDER BY created_at, delivery_id LIMIT :limit
        """,
        slice_of([place_of(digest).bucket]),
        records(Carried),
        digest=digest,
        limit=limit,
    )


def carrier_of(delivery: UUID) -> Query[list[Carrier]]:
    """The digest that a delivery is in; none where it never was in one, or left it."""
    return routed(
        """
        SELECT g.closes_at, g.closed_at, g.message_id, coalesce(q.state, d.state),
               coalesce(q.held_for, d.reason)
          FROM digest_members m
          JOIN digests g ON g.bucket = m.bucket AND g.digest_id = m.digest_id
          LEFT JOIN deliveries d ON d.bucket = g.bucket AND d.delivery_id = g.message_id
          LEFT JOIN queue q ON q.bucket = d.bucket AND q.delivery_id = d.delivery_id
         WHERE m.bucket = ANY(:slice) AND m.delivery_id = :delivery
        """,
        slice_of([place_of(delivery).bucket]),
        records(Carrier),
        delivery=delivery,
    )
