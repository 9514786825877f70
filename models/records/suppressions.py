"""Addresses that nothing is sent to, as values, and how their copies are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import md5
from typing import Any

from models.ids import bucket_of
from models.records.consent import EVERY


class Change(StrEnum):
    """What happened to a suppression; counted beside the states of deliveries."""

    SUPPRESSED = "suppressed"
    LIFTED = "lifted"


class Cause(StrEnum):
    """What kind of reason suppresses an address; what a person writes is free, and `by_hand`."""

    ADDRESS_REFUSED = "address_refused"
    MAILBOX_INACTIVE = "mailbox_inactive"
    SOFT_BOUNCES = "soft_bounces"
    COMPLAINT = "complaint"
    UNSUBSCRIBED = "unsubscribed"
    BY_HAND = "by_hand"


def cause_of(reason: str) -> Cause:
    """The kind of a suppression's reason."""
    return Cause(reason) if reason in set(Cause) else Cause.BY_HAND


def _mark(channel: str, category: str) -> str:
    """The name of a scope in the copies."""
    return f"{channel}/{category}"


@dataclass(frozen=True, slots=True)
class Block:
    """Why nothing is sent to an address; as it is copied onto the addresses of recipients.

    Attributes:
        channel: `*` when the address is blocked on every channel.
        category: `*` when nothing at all is sent there.
        until: `None` for good.
    """

    channel: str
    category: str
    reason: str
    until: datetime | None = None

    @property
    def mark(self) -> str:
        """Its name in the copies."""
        return _mark(self.channel, self.category)

    def is_live(self, now: datetime) -> bool:
        """Whether it is not over."""
        return self.until is None or self.until > now

    def stops(self, category: str, now: datetime) -> bool:
        """Whether it stands in the way of news of this category."""
        return self.is_live(now) and self.category in {EVERY, category}


@dataclass(frozen=True, slots=True)
class Place:
    """An address, as far as a suppression stops it."""

    channel: str
    address: str
    category: str = EVERY

    @property
    def mark(self) -> str:
        """Its name in the copies."""
        return _mark(self.channel, self.category)

    @property
    def bucket(self) -> int:
        """Where it is kept."""
        return bucket_of(self.address)

    @property
    def digest(self) -> str:
        """What names it where the address itself must not stand, as in a URL."""
        named = f"{self.channel}/{self.address}/{self.category}"
        return md5(named.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why nothing is sent to an address.

    Attributes:
        channel: `*` for every channel.
        address: In the form its channel accepts it.
        source: Who or what said so.
        expires_at: Until when; `None` for good.
        category: `*` for every category.
    """

    channel: str
    address: str
    reason: str
    source: str
    expires_at: datetime | None = None
    category: str = EVERY

    @property
    def mark(self) -> str:
        """Its name in the copies."""
        return self.place.mark

    @property
    def entry(self) -> dict[str, str | None]:
        """What the copies say of it; moments as text that sorts as they do."""
        ends = self.expires_at
        until = None if ends is None else ends.astimezone(UTC).isoformat(timespec="microseconds")
        return {"reason": self.reason, "until": until}

    @property
    def place(self) -> Place:
        """What it stops."""
        return Place(self.channel, self.address, self.category)


def blocks_of(copy: Mapping[str, Any] | None) -> tuple[Block, ...]:
    """What a copy on an address says, the widest scope first."""
    found = [_block(mark, **entry) for mark, entry in (copy or {}).items()]
    return tuple(sorted(found, key=lambda block: (block.category != EVERY, block.category)))


def _block(mark: str, reason: str, until: str | None) -> Block:
    channel, _, category = mark.partition("/")
    return Block(channel, category, reason, _moment(until))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
