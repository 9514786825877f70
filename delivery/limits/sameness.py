"""What was said to somebody lately: the same content within a window is one message. Pure.

A ledger remembers the contents that were said as records of 24 bytes: 12 of the content's hash,
8 of the delivery that said it, 4 of the second from which it may be said again. So a recipient
costs a few hundred bytes, and nothing that could be read.
"""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from uuid import UUID

from models.records import Class, StoredEvent, Topic

WINDOW = timedelta(hours=1)
"""Where the topic says nothing. It is asked of events without a dedup key alone: who gives keys
says with them what is the same."""
REMEMBERED = 256
"""Contents of one recipient that are remembered at most: the newest."""

_RECORD = struct.Struct(">12s8sI")
_HASH = 12


def content_of(event: StoredEvent, data: str | None, topic: Topic) -> bytes | None:
    """The hash of what an event says, whoever it is for; `None` where it may be said twice.

    Critical messages are never held to be the same, what is secret is not hashed (a code of six
    digits is found by trying), and a test is a test.
    """
    if topic.klass is Class.CRITICAL or topic.sensitive or event.test:
        return None
    if topic.same_content is None and event.keyed:
        return None
    if topic.same_content == timedelta():
        return None
    said = (event.topic, event.actor, event.thread, event.tenant, event.locale, data or "{}")
    return _hash(*said)


def of_step(content: bytes, step: str, channel: str) -> bytes:
    """The hash of the content as it goes out in one step, over one channel."""
    return _hash(content.hex(), step, channel)


def _hash(*fields: str | None) -> bytes:
    digest = blake2b(digest_size=_HASH)
    for field in fields:
        raw = b"" if field is None else field.encode(errors="surrogatepass")
        digest.update(b"-" if field is None else b"%d:" % len(raw))
        digest.update(raw)
    return digest.digest()


def said_until(said: bytes, content: bytes, by_others_than: UUID, now: datetime) -> datetime | None:
    """Until when it counts as said by another delivery; `None` where it does not."""
    for known, who, second in _records(said):
        if known == content and who != _short(by_others_than) and second > now.timestamp():
            return datetime.fromtimestamp(second, UTC)
    return None


def say(said: bytes, content: bytes, by: UUID, window: timedelta, now: datetime) -> bytes:
    """What is remembered once a delivery says it; what is over is forgotten."""
    until = -int(-(now + window).timestamp() // 1)
    others = [
        record for record in _records(said) if record[0] != content and record[2] > now.timestamp()
    ]
    kept = [*others, (content, _short(by), until)][-REMEMBERED:]
    return b"".join(_RECORD.pack(*record) for record in kept)


def unsay(said: bytes, by: UUID) -> bytes:
    """What is remembered when a delivery said nothing after all."""
    short = _short(by)
    if short not in said:
        return said
    return b"".join(_RECORD.pack(*record) for record in _records(said) if record[1] != short)


def _records(said: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    return _RECORD.iter_unpack(said)


def _short(delivery: UUID) -> bytes:
    """The half of its id that is nothing but hash."""
    return delivery.bytes[8:]
