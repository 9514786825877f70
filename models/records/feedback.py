"""What comes back about messages, in one vocabulary for all vendors (django-anymail's words)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Kind(StrEnum):
    """What a vendor says became of a message."""

    QUEUED = "queued"
    """It has it and will try."""
    SENT = "sent"
    """It handed it to the receiving server, which says nothing more."""
    REJECTED = "rejected"
    """It did not try: the address is on its own list, or the message breaks its rules."""
    FAILED = "failed"
    """It could not make or send it, for a reason of its own."""
    BOUNCED = "bounced"
    """The receiving side refused it for good."""
    DEFERRED = "deferred"
    """The receiving side refused it for now; the vendor tries again."""
    DELIVERED = "delivered"
    """The receiving server took it."""
    AUTORESPONDED = "autoresponded"
    """A machine answered it."""
    OPENED = "opened"
    CLICKED = "clicked"
    COMPLAINED = "complained"
    """Its reader called it spam."""
    UNSUBSCRIBED = "unsubscribed"
    """Its reader wants no more, and told the vendor."""
    UNKNOWN = "unknown"
    """A word nobody here knows; the event is kept as it came."""


class Bounce(StrEnum):
    """Why a message came back, as far as it decides what follows."""

    INVALID = "invalid_recipient"
    """There is no such address."""
    DOMAIN = "bad_domain"
    """Its domain does not exist, or takes no mail."""
    INACTIVE = "inactive"
    """The mailbox is there but takes nothing any more."""
    QUOTA = "quota"
    """The mailbox is full."""
    REFUSED = "refused"
    """The mailbox or a filter of its owner's took it not, and does not say clearly why."""
    TRANSIENT = "transient"
    """Network and servers; the same address may work tomorrow."""
    POLICY = "policy"
    """Authentication or policy: our fault, never the address's."""
    CONTENT = "content"
    """The message itself was refused."""
    PROTOCOL = "protocol"
    """Somebody spoke SMTP wrongly."""
    UNKNOWN = "unknown"


class By(StrEnum):
    """Who opened a mail or followed a link."""

    PERSON = "person"
    PROXY = "proxy"
    """A proxy that fetches images when a person opens the mail, as far as one can see."""
    PREFETCH = "prefetch"
    """A program that fetches images ahead, read or not."""
    SCANNER = "scanner"
    """A program that looks at what links lead to: security software, link previews."""


OWN_VENDOR = "tidings"
"""The vendor of what we noticed ourselves."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """One vendor's event about one message.

    Attributes:
        event_id: The vendor's id of it, the same when it comes again.
        delivery_id: Ours; `None` where the event names none.
        recipient: The address it names, as the vendor writes it.
        bounce: Of what came back or was put off: why.
        text: What the receiving server said, or the vendor.
        raw: The event as it came.
    """

    vendor: str
    event_id: str
    kind: Kind
    occurred_at: datetime
    delivery_id: UUID | None
    recipient: str | None
    bounce: Bounce | None
    text: str | None
    raw: Any

    @property
    def detail(self) -> dict[str, Any]:
        """All but its key and its moment, as it is kept."""
        told = {"recipient": self.recipient, "bounce": self.bounce, "text": self.text}
        return {**{name: each for name, each in told.items() if each}, "raw": self.raw}
