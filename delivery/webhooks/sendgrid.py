"""SendGrid: ECDSA over P-256 and SHA-256 of timestamp and raw body; batches of events."""

import json
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from delivery.errors import BadSignatureError, UnreadableError
from delivery.ports import Posted, Secrets
from delivery.posts.moments import LONG, recent
from delivery.posts.words import TAG, event_id, kept, members, moment, ours, text_of, why, word
from models.records import Bounce, Feedback, Kind

VENDOR = "sendgrid"

_KINDS: Mapping[str, Kind] = {
    "processed": Kind.QUEUED,
    "dropped": Kind.REJECTED,
    "deferred": Kind.DEFERRED,
    "delivered": Kind.DELIVERED,
    "bounce": Kind.BOUNCED,
    "open": Kind.OPENED,
    "click": Kind.CLICKED,
    "spamreport": Kind.COMPLAINED,
    "unsubscribe": Kind.UNSUBSCRIBED,
    "group_unsubscribe": Kind.UNSUBSCRIBED,
}
_CLASSES: Mapping[str, Bounce] = {
    "Invalid Address": Bounce.INVALID,
    "Mailbox Unavailable": Bounce.INACTIVE,
    "Technical": Bounce.TRANSIENT,
    "Content": Bounce.CONTENT,
    "Reputation": Bounce.POLICY,
    "Frequency or Volume Too High": Bounce.POLICY,
}
"""Its `bounce_classification`."""
_HEAD = "x-twilio-email-event-webhook-"


def verify(posted: Posted, secrets: Secrets, now: datetime) -> None:
    """Check the signature over timestamp and body."""
    stamp = posted.header(f"{_HEAD}timestamp")
    try:
        signature = b64decode(posted.header(f"{_HEAD}signature"), validate=True)
    except (Base64Error, ValueError) as error:
        raise BadSignatureError("its signature is not base64") from error
    signed = stamp.encode(errors="surrogatepass") + posted.body
    if not any(_fits(_key(secret), signature, signed) for secret in secrets):
        raise BadSignatureError("no signature fits")
    recent(stamp, now, LONG)


@lru_cache(maxsize=16)
def _key(secret: str) -> EllipticCurvePublicKey:
    """The public key as SendGrid shows it: base64 of DER."""
    try:
        key = load_der_public_key(b64decode(secret))
    except (Base64Error, ValueError) as error:
        raise BadSignatureError("our own TIDINGS_SENDGRID_KEY is no key: mend it") from error
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        raise BadSignatureError("our own TIDINGS_SENDGRID_KEY is no P-256 key: mend it")
    return key


def _fits(key: EllipticCurvePublicKey, signature: bytes, signed: bytes) -> bool:
    try:
        key.verify(signature, signed, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def read(posted: Posted) -> list[Feedback]:
    """The events of a batch."""
    body = posted.json()
    if not isinstance(body, list):
        raise UnreadableError("a batch is a list of events")
    return [_event(members(one)) for one in body]


def _event(one: Mapping[str, Any]) -> Feedback:
    kind = _KINDS.get(word(one.get("event")), Kind.UNKNOWN)
    text = text_of(one.get("reason"), one.get("response"))
    return Feedback(
        vendor=VENDOR,
        event_id=event_id(one.get("sg_event_id"), raw=json.dumps(one, sort_keys=True).encode()),
        kind=kind,
        occurred_at=moment(one.get("timestamp")),
        delivery_id=ours(one.get(TAG), one.get("smtp-id")),
        recipient=text_of(one.get("email")),
        bounce=_bounce(one, text) if kind is Kind.BOUNCED else None,
        text=text,
        raw=kept(one),
    )


def _bounce(one: Mapping[str, Any], text: str | None) -> Bounce | None:
    """Why; `blocked` is refused for now or for what we are, whatever its status says."""
    blocked = one.get("type") == "blocked"
    told = _CLASSES.get(word(one.get("bounce_classification")))
    otherwise = told or (Bounce.POLICY if blocked else Bounce.UNKNOWN)
    said = why(one.get("status"), text, otherwise, one.get("email"))
    gentle = {Bounce.INVALID, Bounce.DOMAIN, Bounce.INACTIVE}
    return Bounce.POLICY if blocked and said in gentle else said
