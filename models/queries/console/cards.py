"""Everything kept about one recipient, as people read it."""

from uuid import UUID

from models.ids import bucket_of
from models.queries.routing import Slice, routed, slice_of
from models.query import Query, records, rows
from models.readings.recipients import AddressLine, Card, FeedCounts, FeedLine
from models.records import blocks_of


def _slice(recipient: str) -> Slice:
    return slice_of([bucket_of(recipient)])


def card(recipient: str) -> Query[list[Card]]:
    """Who a recipient is, or nothing when nobody told us."""
    return routed(
        """
        SELECT recipient_id, name, locale, timezone, org, quiet_hours, digest, attributes,
               created_at, updated_at
          FROM recipients WHERE bucket = ANY(:slice) AND recipient_id = :id
        """,
        _slice(recipient),
        records(Card),
        id=recipient,
    )


def addresses_of(recipient: str) -> Query[list[AddressLine]]:
    """A recipient's addresses, the preferred ones first."""
    return routed(
        """
        SELECT channel, address, preferred, suppressed, created_at
          FROM addresses WHERE bucket = ANY(:slice) AND recipient_id = :id
         ORDER BY channel, preferred DESC, created_at
        """,
        _slice(recipient),
        lambda result: [
            AddressLine(channel, address, preferred, blocks_of(suppressed), created_at)
            for channel, address, preferred, suppressed, created_at in rows(result)
        ],
        id=recipient,
    )


def feed_counts(recipient: str) -> Query[FeedCounts]:
    """How much of a recipient's feed was looked at; archived items do not count."""
    return routed(
        """
        SELECT count(*), count(*) FILTER (WHERE seen_at IS NULL),
               count(*) FILTER (WHERE read_at IS NULL)
          FROM inbox
         WHERE bucket = ANY(:slice) AND recipient_id = :id AND archived_at IS NULL
        """,
        _slice(recipient),
        lambda result: records(FeedCounts)(result)[0],
        id=recipient,
    )


_ITEM = "seq, delivery_id, topic, title, body, url, created_at, seen_at, read_at, archived_at"


def feed_of(recipient: str, limit: int) -> Query[list[FeedLine]]:
    """The newest items of a recipient's feed."""
    return routed(
        f"""
        SELECT {_ITEM} FROM inbox WHERE bucket = (:slice)[1] AND recipient_id = :id
         ORDER BY seq DESC LIMIT :limit
        """,
        _slice(recipient),
        records(FeedLine),
        id=recipient,
        limit=limit,
    )


def feed_item(recipient: str, delivery: UUID) -> Query[list[FeedLine]]:
    """The item a delivery became, unless it is gone."""
    return routed(
        f"""
        SELECT {_ITEM} FROM inbox
         WHERE bucket = ANY(:slice) AND recipient_id = :id AND delivery_id = :delivery
        """,
        _slice(recipient),
        records(FeedLine),
        id=recipient,
        delivery=delivery,
    )
