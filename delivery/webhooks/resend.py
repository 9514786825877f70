"""Resend: Standard Webhooks under svix's names; one event a post, in `type` and `data`."""

from collections.abc import Mapping
from datetime import datetime

from delivery.ports import Posted, Secrets
from delivery.posts import standard
from delivery.posts.words import (
    TAG,
    event_id,
    items,
    kept,
    members,
    moment,
    ours,
    text_of,
    why,
    word,
)
from models.records import Bounce, Feedback, Kind

VENDOR = "resend"

_KINDS: Mapping[str, Kind] = {
    "email.sent": Kind.QUEUED,
    "email.scheduled": Kind.QUEUED,
    "email.delivered": Kind.DELIVERED,
    "email.delivery_delayed": Kind.DEFERRED,
    "email.bounced": Kind.BOUNCED,
    "email.complained": Kind.COMPLAINED,
    "email.opened": Kind.OPENED,
    "email.clicked": Kind.CLICKED,
    "email.failed": Kind.FAILED,
    "email.suppressed": Kind.REJECTED,
}
_BOUNCES: Mapping[tuple[str, str], Bounce] = {
    ("Permanent", "General"): Bounce.INACTIVE,
    ("Permanent", "NoEmail"): Bounce.INVALID,
    ("Transient", "MailboxFull"): Bounce.QUOTA,
    ("Transient", "MessageTooLarge"): Bounce.CONTENT,
    ("Transient", "ContentRejected"): Bounce.CONTENT,
    ("Transient", "AttachmentRejected"): Bounce.CONTENT,
    ("Transient", "General"): Bounce.TRANSIENT,
}
"""Type and subtype of a bounce; they are Amazon SES's."""
_NOT_SENT = "Suppressed"
"""Subtype of what Resend did not try, because the address is on its own list."""


def verify(posted: Posted, secrets: Secrets, now: datetime) -> None:
    """Check the signature over id, timestamp and body."""
    standard.verify(posted, secrets, now, "svix")


def read(posted: Posted) -> list[Feedback]:
    """The one event of a post; `svix-id` stays the same when it comes again."""
    body = members(posted.json())
    data = members(body.get("data"))
    bounce = members(data.get("bounce"))
    text = text_of(bounce.get("message"), members(data.get("failed")).get("reason"))
    whom = text_of(*items(data.get("to")))
    told = _BOUNCES.get((word(bounce.get("type")), word(bounce.get("subType"))))
    kind = _KINDS.get(word(body.get("type")), Kind.UNKNOWN)
    if kind is Kind.BOUNCED and bounce.get("subType") == _NOT_SENT:
        kind = Kind.REJECTED
    return [
        Feedback(
            vendor=VENDOR,
            event_id=event_id(posted.header("svix-id"), raw=posted.body),
            kind=kind,
            occurred_at=moment(body.get("created_at")),
            delivery_id=ours(*_names(data)),
            recipient=whom,
            bounce=why(None, text, told or Bounce.UNKNOWN, whom) if kind is Kind.BOUNCED else None,
            text=text,
            raw=kept(body),
        )
    ]


def _names(data: Mapping[str, object]) -> list[object]:
    """What may name our delivery: our tag, then our headers, then the Message-ID."""
    tags = data.get("tags")
    listed = [members(tag) for tag in items(tags)]
    tagged = [tag.get("value") for tag in listed if tag.get("name") == TAG]
    headers = [members(header).get("value") for header in items(data.get("headers"))]
    return [members(tags).get(TAG), *tagged, data.get("message_id"), *headers]
