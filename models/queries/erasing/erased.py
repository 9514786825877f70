"""Erasures as people read them, what one would take, and those that a restore forgot."""

from datetime import datetime

from models.ids import bucket_of
from models.pseudonyms import Pseudonyms
from models.queries.routing import EVERYWHERE, routed, slice_of
from models.query import Answer, Query, count, records
from models.records import ErasureLine


def oldest_open() -> Query[datetime | None]:
    """When the oldest erasure was asked for that is not finished."""

    def oldest(result: Answer) -> datetime | None:
        asked: datetime | None = result.scalar_one()
        return asked

    return routed(
        "SELECT min(requested_at) FROM erasures WHERE bucket = ANY(:slice) AND finished_at IS NULL",
        EVERYWHERE,
        oldest,
    )


_WEIGHT = """
    SELECT (SELECT count(*) FROM queue WHERE bucket = ANY(:slice) AND recipient_id = :id)
           + (SELECT count(*) FROM digest_members m
                JOIN digests g ON g.bucket = m.bucket AND g.digest_id = m.digest_id
               WHERE m.bucket = ANY(:slice) AND g.bucket = ANY(:slice)
                 AND g.recipient_id = :id AND g.closed_at IS NULL) AS waiting,
           (SELECT count(*) FROM addresses WHERE bucket = ANY(:slice) AND recipient_id = :id)
               AS addresses,
           (SELECT count(*) FROM inbox WHERE bucket = ANY(:slice) AND recipient_id = :id) AS items,
           (SELECT count(*) FROM deliveries WHERE bucket = ANY(:slice) AND recipient_id = :id)
               AS deliveries
"""


def weight(recipient: str) -> Query[dict[str, int]]:
    """What the erasure of a recipient would take, counted."""
    slice_ = slice_of([bucket_of(recipient)])
    return routed(_WEIGHT, slice_, lambda result: result.rows[0]._asdict(), id=recipient)


def remember(pseudonym: str, by: str, reason: str, now: datetime) -> Query[int]:
    """Say that somebody was erased of whom nothing is here; what is known stays as it is."""
    said = {"bucket": bucket_of(pseudonym), "pseudonym": pseudonym, "by": by, "reason": reason}
    return Query(_REMEMBER, count, {**said, "now": now})


_REMEMBER = """
    INSERT INTO erasures (bucket, pseudonym, requested_at, requested_by, reason, sweep, step,
                          place, done, due_at, finished_at)
    VALUES (:bucket, :pseudonym, :now, :by, :reason, 2, '', '', CAST('{}' AS jsonb), :now, :now)
    ON CONFLICT (bucket, pseudonym) DO NOTHING
"""


def everybody(bucket: int) -> Query[list[str]]:
    """The ids of all recipients of a bucket, known ones and those who were only written to."""
    return routed(
        """
        SELECT recipient_id FROM recipients WHERE bucket = ANY(:slice)
         UNION SELECT recipient_id FROM deliveries WHERE bucket = ANY(:slice)
        """,
        slice_of([bucket]),
        lambda result: list(result.scalars()),
    )


_LINE = "pseudonym, requested_at, requested_by, reason, step, sweep, done, finished_at, returned_at"


def lines() -> Query[list[ErasureLine]]:
    """All erasures there were, the oldest first; who it was nobody can read from them."""
    return routed(
        f"SELECT {_LINE} FROM erasures WHERE bucket = ANY(:slice) ORDER BY requested_at, pseudonym",
        EVERYWHERE,
        records(ErasureLine),
    )


def line(recipient: str, names: Pseudonyms) -> Query[list[ErasureLine]]:
    """How the erasure of a recipient stands; nothing where there was none."""
    return routed(
        f"""
        SELECT {_LINE} FROM erasures
         WHERE bucket = ANY(:slice) AND pseudonym = ANY(:names) AND returned_at IS NULL
        """,
        slice_of([bucket_of(recipient)]),
        records(ErasureLine),
        names=list(names.recipient(recipient)),
    )
