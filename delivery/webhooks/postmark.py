"""Postmark: basic auth, no signature, one event a post.

It sends no timestamp to check: a repeated post has the same id and does nothing.
"""

import hmac
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from delivery.errors import BadSignatureError
from delivery.ports import Posted, Secrets
from delivery.posts.words import TAG, event_id, kept, members, moment, ours, text_of, why, word
from models.records import Bounce, Feedback, Kind

VENDOR = "postmark"

_RECORDS: Mapping[str, Kind] = {
    "Delivery": Kind.DELIVERED,
    "Open": Kind.OPENED,
    "Click": Kind.CLICKED,
    "SpamComplaint": Kind.COMPLAINED,
}
_BOUNCES: Mapping[str, tuple[Kind, Bounce | None]] = {
    "HardBounce": (Kind.BOUNCED, Bounce.INACTIVE),
    "SoftBounce": (Kind.BOUNCED, Bounce.TRANSIENT),
    "Transient": (Kind.DEFERRED, Bounce.TRANSIENT),
    "DnsError": (Kind.DEFERRED, Bounce.TRANSIENT),
    "Blocked": (Kind.BOUNCED, Bounce.POLICY),
    "DMARCPolicy": (Kind.BOUNCED, Bounce.POLICY),
    "VirusNotification": (Kind.BOUNCED, Bounce.CONTENT),
    "BadEmailAddress": (Kind.REJECTED, Bounce.INVALID),
    "ManuallyDeactivated": (Kind.REJECTED, None),
    "Unconfirmed": (Kind.REJECTED, None),
    "SMTPApiError": (Kind.FAILED, None),
    "TemplateRenderingFailed": (Kind.FAILED, None),
    "SpamNotification": (Kind.BOUNCED, Bounce.CONTENT),
    "SpamComplaint": (Kind.COMPLAINED, None),
    "AutoResponder": (Kind.AUTORESPONDED, None),
    "AddressChange": (Kind.AUTORESPONDED, None),
    "ChallengeVerification": (Kind.AUTORESPONDED, None),
    "OpenRelayTest": (Kind.AUTORESPONDED, None),
    "Unsubscribe": (Kind.UNSUBSCRIBED, None),
}
"""The `Type` of a bounce."""
_OPT_OUTS = {"ManualSuppression": Kind.UNSUBSCRIBED, "SpamComplaint": Kind.COMPLAINED}
"""Why Postmark stopped sending there; of a bounce it has told before."""
_MOMENTS = ("BouncedAt", "DeliveredAt", "ReceivedAt", "ChangedAt")


def verify(posted: Posted, secrets: Secrets, now: datetime) -> None:  # noqa: ARG001 - it sends no time
    """Check user and password."""
    given = posted.header("authorization").encode(errors="surrogatepass")
    right = [b"Basic " + b64encode(login.encode()) for login in secrets]
    if True not in [hmac.compare_digest(one, given) for one in right]:
        raise BadSignatureError("user or password is wrong")


def read(posted: Posted) -> list[Feedback]:
    """The one event of a post."""
    body = members(posted.json())
    record = body.get("RecordType")
    kind, told = _meaning(body)
    text = text_of(body.get("Details"), body.get("Description"))
    when = next((body[name] for name in _MOMENTS if body.get(name)), None)
    recipient = body.get("Email") or body.get("Recipient")
    parts = (record, body.get("MessageID"), recipient, when)
    name = (record, body["ID"]) if isinstance(body.get("ID"), int) else parts
    return [
        Feedback(
            vendor=VENDOR,
            event_id=event_id(*name, raw=posted.body),
            kind=kind,
            occurred_at=moment(when),
            delivery_id=ours(_tag(members(body.get("Metadata"))), body.get("MessageID")),
            recipient=text_of(recipient),
            bounce=_why(text, told, recipient) if kind is Kind.BOUNCED else None,
            text=text,
            raw=kept(body),
        )
    ]


def _tag(metadata: Mapping[str, Any]) -> object:
    """Our id; what was given as a header field may come back spelled another way."""
    named = {name.lower().replace("-", "_"): value for name, value in metadata.items()}
    return named.get(TAG)


def _meaning(body: Mapping[str, Any]) -> tuple[Kind, Bounce | None]:
    record = word(body.get("RecordType"))
    if record == "Bounce":
        return _BOUNCES.get(word(body.get("Type")), (Kind.UNKNOWN, None))
    if record == "SubscriptionChange" and body.get("SuppressSending") is True:
        return _OPT_OUTS.get(word(body.get("SuppressionReason")), Kind.UNKNOWN), None
    return _RECORDS.get(record, Kind.UNKNOWN), None


def _why(text: str | None, told: Bounce | None, recipient: object) -> Bounce | None:
    """Why; what Postmark calls blocked is about us, whatever code it came with."""
    said = why(None, text, told or Bounce.UNKNOWN, recipient)
    return told if told in {Bounce.POLICY, Bounce.CONTENT} else said
