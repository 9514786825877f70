"""What is asked before a mail that came back is kept: whom it means, what was heard already."""

from uuid import UUID

from models.ids import bucket_of, place_of
from models.queries.routing import routed, slice_of
from models.query import Query
from models.records import Via


def recipients_like(bucket: int, digest: bytes) -> Query[list[str]]:
    """Recipients of a bucket the SHA-256 of whose id begins with these octets."""
    return routed(
        """
        SELECT r.recipient_id FROM recipients r
         WHERE r.bucket = ANY(:slice)
           AND substr(sha256(convert_to(r.recipient_id, 'UTF8')), 1, :length) = :digest
        """,
        slice_of([bucket]),
        lambda result: list(result.scalars()),
        digest=digest,
        length=len(digest),
    )


def was_heard(recipient: str, by: str) -> Query[bool]:
    """Whether a mail changed a choice of a recipient before."""
    return routed(
        """
        SELECT count(*) > 0 FROM preference_changes c
         WHERE c.bucket = ANY(:slice) AND c.recipient_id = :id AND c.via = :via
           AND c.changed_by = :by
        """,
        slice_of([bucket_of(recipient)]),
        lambda result: bool(result.scalar_one()),
        id=recipient,
        via=Via.MAIL,
        by=by,
    )


def heard_of(delivery: UUID, vendor: str) -> Query[int]:
    """How many events one vendor told of a delivery, folded or waiting."""
    place = place_of(delivery)
    return routed(
        """
        SELECT (SELECT count(*) FROM feedback f
                 WHERE f.bucket = ANY(:slice) AND f.day = :day AND f.delivery_id = :id
                   AND f.vendor = :vendor)
             + (SELECT count(*) FROM feedback_waiting w
                 WHERE w.bucket = ANY(:slice) AND w.vendor = :vendor AND w.delivery_id = :id)
        """,
        slice_of([place.bucket]),
        lambda result: int(result.scalar_one()),
        day=place.day,
        id=delivery,
        vendor=vendor,
    )
