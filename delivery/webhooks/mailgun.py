"""Mailgun: HMAC-SHA256 over timestamp and token, which say nothing of the event beside them.

Nobody but Mailgun has the key; still a signature that was seen could be put beside another
event. So the token is the event's id: once it is known, nothing else counts under it.
"""

import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from delivery.errors import BadSignatureError, UnreadableError
from delivery.ports import Posted, Secrets
from delivery.posts.moments import LONG, recent
from delivery.posts.words import TAG, event_id, kept, members, moment, ours, text_of, why, word
from models.records import Bounce, Feedback, Kind

VENDOR = "mailgun"

_KINDS: Mapping[str, Kind] = {
    "accepted": Kind.QUEUED,
    "rejected": Kind.REJECTED,
    "delivered": Kind.DELIVERED,
    "failed": Kind.BOUNCED,
    "opened": Kind.OPENED,
    "clicked": Kind.CLICKED,
    "unsubscribed": Kind.UNSUBSCRIBED,
    "complained": Kind.COMPLAINED,
}
_REASONS: Mapping[str, tuple[Kind, Bounce | None]] = {
    "suppress-bounce": (Kind.REJECTED, None),
    "suppress-complaint": (Kind.REJECTED, None),
    "suppress-unsubscribe": (Kind.REJECTED, None),
    "bounce": (Kind.BOUNCED, Bounce.INACTIVE),
    "old": (Kind.BOUNCED, Bounce.TRANSIENT),
    "espblock": (Kind.BOUNCED, Bounce.POLICY),
    "generic": (Kind.BOUNCED, Bounce.UNKNOWN),
}
"""Why it failed for good: the word beside `severity: permanent`."""


def verify(posted: Posted, secrets: Secrets, now: datetime) -> None:
    """Check timestamp, token and signature of the post's own signature block."""
    signature = _signature(posted)
    stamp, token = str(signature.get("timestamp", "")), str(signature.get("token", ""))
    given = str(signature.get("signature", "")).encode(errors="surrogatepass")
    signed = f"{stamp}{token}".encode(errors="surrogatepass")
    right = [hmac.digest(key.encode(), signed, "sha256").hex().encode() for key in secrets]
    if not token or True not in [hmac.compare_digest(one, given) for one in right]:
        raise BadSignatureError("no signature fits")
    recent(stamp, now, LONG)


def _signature(posted: Posted) -> Mapping[str, Any]:
    try:
        return members(members(posted.json()).get("signature"))
    except UnreadableError as error:
        raise BadSignatureError("there is no signature in it") from error


def read(posted: Posted) -> list[Feedback]:
    """The one event of a post."""
    body = members(posted.json())
    data = members(body.get("event-data"))
    headers = members(members(data.get("message")).get("headers"))
    status = members(data.get("delivery-status"))
    text = text_of(status.get("message"), status.get("description"))
    kind, told = _meaning(data)
    whom = text_of(data.get("recipient"))
    code = status.get("enhanced-code") or status.get("bounce-code")
    return [
        Feedback(
            vendor=VENDOR,
            event_id=event_id(_signature(posted).get("token"), raw=posted.body),
            kind=kind,
            occurred_at=moment(data.get("timestamp")),
            delivery_id=ours(
                members(data.get("user-variables")).get(TAG), headers.get("message-id")
            ),
            recipient=whom,
            bounce=why(code, text, told or Bounce.UNKNOWN, whom) if kind is Kind.BOUNCED else None,
            text=text,
            raw=kept(data),
        )
    ]


def _meaning(data: Mapping[str, Any]) -> tuple[Kind, Bounce | None]:
    kind = _KINDS.get(word(data.get("event")), Kind.UNKNOWN)
    if kind is not Kind.BOUNCED:
        return kind, None
    if data.get("severity") == "temporary":
        return Kind.DEFERRED, None
    return _REASONS.get(word(data.get("reason")), (kind, None))
