"""Ids that are computed, not drawn, and the bucket a thing lives in. Frozen for ever.

An id is a UUIDv8 (RFC 9562, section 5.8): 16 bits day, 10 bits bucket, the rest SHA-256 over
length-prefixed, kind-tagged fields. So every id names its partition and its bucket, and the
same fields always give the same id: a step that runs twice writes the same row twice.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID
from zlib import crc32

BUCKETS = 1024
"""How many buckets there are; the distribution column of every big table."""

_EPOCH = date(1970, 1, 1)
_HASH_BITS = 96
"""Of 128: 16 day, 10 bucket, 4 version, 2 variant."""


class Place(NamedTuple):
    """Where a row lives: its bucket and its day partition (UTC)."""

    bucket: int
    day: date


def bucket_of(text: str) -> int:
    """The bucket of a recipient id, a normalised address or a key, 0 to 1023."""
    return crc32(text.encode()) & (BUCKETS - 1)


def day_of(moment: datetime) -> date:
    """The UTC day of an aware moment."""
    return moment.astimezone(UTC).date()


def place_of(identifier: UUID) -> Place:
    """The bucket and day that one of our ids names.

    Raises:
        ValueError: It is not an id made here.
    """
    if identifier.version != 8:  # noqa: PLR2004
        raise ValueError(f"{identifier} is not an id of ours: expected a UUIDv8")
    value = identifier.int
    day = value >> 112
    bucket = (value >> 102) & (BUCKETS - 1)
    return Place(bucket, _EPOCH + timedelta(days=day))


def _make(place: Place, kind: bytes, *fields: bytes) -> UUID:
    digest = sha256()
    for field in (kind, *fields):
        digest.update(len(field).to_bytes(4, "big"))
        digest.update(field)
    noise = int.from_bytes(digest.digest()[:12], "big")
    # 48 bits before the version nibble: 16 day, 10 bucket, 22 of the hash; then 12 and 62.
    high = ((place.day - _EPOCH).days << 32) | (place.bucket << 22) | (noise >> 74)
    middle = (noise >> 62) & 0xFFF
    low = noise & ((1 << 62) - 1)
    return UUID(int=(high << 80) | (0x8 << 76) | (middle << 64) | (0b10 << 62) | low)


def row_key(outbox_id: UUID) -> str:
    """The key that says "this very outbox row was seen"."""
    return f"r:{outbox_id}"


def dedup_key(key: str) -> str:
    """The key a producer chose, kept apart from row keys."""
    return f"k:{key}"


def key_bucket(source: UUID, key: str) -> int:
    """The bucket of an event key; an event lives in the bucket of its row key."""
    return crc32(source.bytes + key.encode()) & (BUCKETS - 1)


@lru_cache(maxsize=4096)  # planning a row asks three times
def event_id(source: UUID, outbox_id: UUID, day: date) -> UUID:
    """The id of the event that one outbox row of one source becomes."""
    bucket = key_bucket(source, row_key(outbox_id))
    return _make(Place(bucket, day), b"event", source.bytes, outbox_id.bytes)


def delivery_id(event: UUID, recipient: str, channel: str, step: str) -> UUID:
    """The id of one message: an event, to one recipient, over one channel, in one step."""
    place = Place(bucket_of(recipient), place_of(event).day)
    return _make(
        place, b"delivery", event.bytes, recipient.encode(), channel.encode(), step.encode()
    )


def campaign_run_id(campaign: str, number: int) -> UUID:
    """The id of a campaign's run: the first, the second; the same launch is the same run."""
    return UUID(bytes=sha256(f"campaign\0{number}\0{campaign}".encode()).digest()[:16])


def campaign_step_id(run: UUID, step: str) -> UUID:
    """What stands for the outbox row of a step of a campaign's run.

    It makes the step an event like any other; so what goes to somebody in a step of a run has one
    delivery id for each channel, whoever computes it and however often.
    """
    return UUID(bytes=sha256(b"campaign step\0" + run.bytes + step.encode()).digest()[:16])


def digest_id(kind: str, opened_by: UUID, opened_at: datetime) -> UUID:
    """The id of a digest: of its kind, and the delivery that opened it, at a moment.

    It lies beside that delivery, which may open another one later: when it was taken out.
    """
    at = opened_at.astimezone(UTC).isoformat()
    return _make(place_of(opened_by), b"digest", kind.encode(), opened_by.bytes, at.encode())


def digest_message_id(digest: UUID, channel: str, day: date) -> UUID:
    """The id of the message of a digest; its day is the one on which the digest closed."""
    place = Place(place_of(digest).bucket, day)
    return _make(place, b"digest message", digest.bytes, channel.encode())


def outbox_id(source: UUID, key: str, body_hash: bytes) -> UUID:
    """The outbox id of an event posted with an Idempotency-Key: the same post, the same row."""
    return UUID(bytes=sha256(b"outbox\0" + source.bytes + body_hash + key.encode()).digest()[:16])


def conversion_id(source: UUID, recipient: str, key: str) -> UUID:
    """The id of a conversion: what one source tells of a recipient under one key is one."""
    told = b"\0".join((b"conversion", source.bytes, recipient.encode(), key.encode()))
    return UUID(bytes=sha256(told).digest()[:16])
