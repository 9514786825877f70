"""A recipient's profile on its way in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from models.ids import bucket_of

FIELDS = ("name", "locale", "timezone", "org", "quiet_hours", "digest", "attributes")
"""What a profile says besides addresses."""


@dataclass(frozen=True, slots=True)
class NewAddress:
    """An address in the form it is stored and compared in."""

    channel: str
    address: str
    preferred: bool


@dataclass(frozen=True, slots=True)
class NewProfile:
    """What is to be written about a recipient.

    Attributes:
        said: Of `FIELDS`, those that are written; the others stay as they are.
        channels: Channels whose addresses are replaced by those in `addresses`.
    """

    recipient_id: str
    said: Mapping[str, Any] = field(default_factory=dict)
    channels: frozenset[str] = frozenset()
    addresses: tuple[NewAddress, ...] = ()

    @property
    def bucket(self) -> int:
        """Where everything about the recipient lives."""
        return bucket_of(self.recipient_id)

    def then(self, later: "NewProfile") -> "NewProfile":
        """Both written as one: what `later` says wins, what it leaves out stays."""
        kept = tuple(each for each in self.addresses if each.channel not in later.channels)
        return NewProfile(
            self.recipient_id,
            {**self.said, **later.said},
            self.channels | later.channels,
            kept + later.addresses,
        )
