"""Addresses that nothing is sent to, as values, and how their copies are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from models.records.consent import EVERY


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
