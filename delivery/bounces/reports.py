"""The words in which everything that comes back is told."""

from dataclasses import dataclass
from enum import StrEnum

from models.reasons import Explained


class Kind(StrEnum):
    """What a report means for the message it speaks of."""

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    AUTOREPLY = "autoreply"
    UNKNOWN = "unknown"


class Reason(Explained):
    """Why it came back."""

    INVALID_RECIPIENT = "invalid_recipient", "There is no such mailbox."
    BAD_DOMAIN = "bad_domain", "The domain does not exist or takes no mail."
    MOVED = "moved", "The mailbox has moved to another address."
    INACTIVE = "inactive", "The mailbox exists but is disabled, suspended or unused."
    QUOTA = "quota", "The mailbox or its disk is full."
    REFUSED = "refused", "The recipient or a filter of theirs refused it, without a clear reason."
    TRANSIENT = "transient", "The way there or the receiving system failed; it may pass."
    POLICY = "policy", "A rule or a check of the sender failed: our side, not the recipient's."
    REPUTATION = "reputation", "Our address, domain or mail is thought to be spam or too much."
    CONTENT = "content", "The message itself was refused: size, form or what is in it."
    PROTOCOL = "protocol", "The servers did not understand each other."
    COMPLAINT = "complaint", "The recipient reported the message as spam."
    AUTO_REPLY = "auto_reply", "A program answered in the recipient's place."
    CHALLENGE = "challenge", "A program asks the sender to prove to be a person."
    DELIVERED = "delivered", "The other side says that it was delivered."
    UNKNOWN = "unknown", "The report does not say why, or not in words known here."


PERMANENT = frozenset({Reason.INVALID_RECIPIENT, Reason.BAD_DOMAIN, Reason.MOVED})
"""Reasons that no later try can cure: these alone make a bounce hard."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one message says about one recipient.

    Attributes:
        recipient: The address it speaks of; empty where it was redacted.
        status: RFC 3463 code, derived from reason and reply code where none was written.
        code: SMTP reply code as it was written; empty where there is none.
        kind: What it means.
        reason: Why.
        diagnostic: The evidence: the other side's words, in one line.
    """

    recipient: str
    status: str
    code: str
    kind: Kind
    reason: Reason
    diagnostic: str


@dataclass(frozen=True, slots=True)
class Origins:
    """What a message says about the message it answers; nothing of it is verified.

    Attributes:
        deliveries: Ids from `X-Tidings-Delivery`, in the order they appear.
        message_ids: Message-IDs of what came back, without angle brackets.
        return_paths: VERP envelope senders it was returned to; their MAC is still to be checked.
    """

    deliveries: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    return_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """All a message says: no reports when it is an ordinary mail."""

    reports: tuple[Report, ...]
    origins: Origins
