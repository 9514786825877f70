"""Amazon SES through SNS over HTTP: RSA over canonical lines, and a list of topics to believe.

Whoever has an account at Amazon can have SNS sign for a topic of theirs: so the topic must be
one of ours (the secrets here are their ARNs), and the certificate must be Amazon's, which its
address says. The edge gets it; see `certificate_url`.
"""

import json
import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.x509 import load_pem_x509_certificate

from delivery.errors import BadSignatureError, UnreadableError
from delivery.ports import Posted, Secrets
from delivery.posts.moments import LONG, recent
from delivery.posts.words import (
    HEADER,
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
)  # fmt: skip
from models.records import Bounce, Feedback, Kind

VENDOR = "amazon_ses"

_KINDS: Mapping[str, Kind] = {
    "Send": Kind.QUEUED,
    "Delivery": Kind.DELIVERED,
    "Bounce": Kind.BOUNCED,
    "Complaint": Kind.COMPLAINED,
    "Reject": Kind.REJECTED,
    "Open": Kind.OPENED,
    "Click": Kind.CLICKED,
    "DeliveryDelay": Kind.DEFERRED,
    "Rendering Failure": Kind.FAILED,
    "Subscription": Kind.UNSUBSCRIBED,
}
_BOUNCES: Mapping[tuple[str, str], tuple[Kind, Bounce | None]] = {
    ("Permanent", "NoEmail"): (Kind.BOUNCED, Bounce.INVALID),
    ("Permanent", "General"): (Kind.BOUNCED, Bounce.INACTIVE),
    ("Permanent", "Suppressed"): (Kind.REJECTED, None),
    ("Permanent", "OnAccountSuppressionList"): (Kind.REJECTED, None),
    ("Permanent", "UnsubscribedRecipient"): (Kind.REJECTED, None),
    ("Transient", "General"): (Kind.BOUNCED, Bounce.TRANSIENT),
    ("Transient", "MailboxFull"): (Kind.BOUNCED, Bounce.QUOTA),
    ("Transient", "MessageTooLarge"): (Kind.BOUNCED, Bounce.CONTENT),
    ("Transient", "ContentRejected"): (Kind.BOUNCED, Bounce.CONTENT),
    ("Transient", "AttachmentRejected"): (Kind.BOUNCED, Bounce.CONTENT),
}
_CONFIRMS = ("SubscriptionConfirmation", "UnsubscribeConfirmation")
_SIGNED: Mapping[str, tuple[str, ...]] = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    **dict.fromkeys(
        _CONFIRMS,
        ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    ),
}
_HASHES: Mapping[str, type[HashAlgorithm]] = {"1": SHA1, "2": SHA256}
_HOST = re.compile(r"sns\.[a-z]{2}(-[a-z]+){1,3}-[0-9]{1,2}\.amazonaws\.com(\.cn)?")
_LATE = timedelta(minutes=5)


def certificate_url(posted: Posted, secrets: Secrets) -> str:
    """Where the certificate is that the post says it is signed with.

    Raises:
        BadSignatureError: The post is from no topic of ours, or the address is not Amazon's.
    """
    message = _message(posted)
    if message.get("TopicArn") not in secrets:
        raise BadSignatureError("its topic is not on the list")
    return _amazons(message.get("SigningCertURL"), ".pem")


def confirmation_url(posted: Posted) -> str | None:
    """What to open so that a verified topic begins to post; `None`: nothing is asked."""
    message = _message(posted)
    if message.get("Type") != _CONFIRMS[0]:
        return None
    return _amazons(message.get("SubscribeURL"), "/")


def _amazons(url: object, ending: str) -> str:
    text = word(url)
    if not text.isascii() or not _is_amazons(text, ending):
        raise BadSignatureError("an address in it is not Amazon's")
    return text


def _is_amazons(text: str, ending: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    ours = parts.scheme == "https" and _HOST.fullmatch(parts.netloc) is not None
    return ours and parts.path.endswith(ending)


def verify(posted: Posted, secrets: Secrets, now: datetime) -> None:
    """Check topic, certificate, signature and age; `posted.certificate` must have been got."""
    certificate_url(posted, secrets)
    message = _message(posted)
    algorithm, names = (
        _HASHES.get(word(message.get("SignatureVersion"))),
        _SIGNED.get(message["Type"]),
    )
    if algorithm is None or names is None:
        raise BadSignatureError("its type or its signature's version is unknown")
    try:
        signature = b64decode(str(message.get("Signature")), validate=True)
        key = _key(posted.certificate or b"", now)
        key.verify(signature, _canonical(message, names), PKCS1v15(), algorithm())
    except (Base64Error, ValueError, InvalidSignature) as error:
        raise BadSignatureError("no signature fits") from error
    recent(str(_signed_at(message).timestamp()), now, LONG)


def _signed_at(message: Mapping[str, Any]) -> datetime:
    try:
        return moment(message.get("Timestamp"))
    except UnreadableError as error:
        raise BadSignatureError("its timestamp is no moment") from error


def _key(pem: bytes, now: datetime) -> RSAPublicKey:
    try:
        certificate = load_pem_x509_certificate(pem)
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadSignatureError("its certificate cannot be read") from error
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if not begins - _LATE <= now <= ends + _LATE or not isinstance(key, RSAPublicKey):
        raise BadSignatureError("its certificate is not valid now")
    return key


def _canonical(message: Mapping[str, Any], names: tuple[str, ...]) -> bytes:
    """The lines that are signed: names and values; a subject only where there is one."""
    lines = [f"{name}\n{message[name]}\n" for name in names if message.get(name) is not None]
    return "".join(lines).encode(errors="surrogatepass")


def _message(posted: Posted) -> Mapping[str, Any]:
    try:
        message = members(posted.json())
    except UnreadableError as error:
        raise BadSignatureError("there is no signature in it") from error
    if not isinstance(message.get("Type"), str):
        raise BadSignatureError("it is no message of SNS")
    return message


def read(posted: Posted) -> list[Feedback]:
    """The event in a notification; none in what confirms or tests a subscription."""
    message = _message(posted)
    if message["Type"] != "Notification":
        return []
    try:
        told = json.loads(str(message.get("Message")))
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):  # "Successfully validated SNS topic for …"
        return []
    return [_event(message, told)]


def _event(message: Mapping[str, Any], told: Mapping[str, Any]) -> Feedback:
    name = word(told.get("eventType") or told.get("notificationType"))
    of_kind = members(told.get(_member(name)))
    mail = members(told.get("mail"))
    whom = _recipient(of_kind, mail)
    text = text_of(
        whom.get("diagnosticCode"), of_kind.get("smtpResponse"), of_kind.get("reason"),
        of_kind.get("errorMessage"),
    )  # fmt: skip
    kind, bounce = _meaning(name, of_kind)
    return Feedback(
        vendor=VENDOR,
        event_id=event_id(message.get("MessageId"), raw=str(message.get("Message")).encode()),
        kind=kind,
        occurred_at=moment(of_kind.get("timestamp") or message.get("Timestamp")),
        delivery_id=ours(*_names(mail)),
        recipient=text_of(whom.get("emailAddress")),
        bounce=_why(whom, text, bounce) if kind is Kind.BOUNCED else None,
        text=text,
        raw=kept(told),
    )


def _why(whom: Mapping[str, Any], text: str | None, told: Bounce | None) -> Bounce | None:
    otherwise = told or Bounce.UNKNOWN
    return why(whom.get("status"), text, otherwise, whom.get("emailAddress"))


def _member(name: str) -> str:
    """Where an event says more of its kind."""
    if name == "Rendering Failure":
        return "failure"
    return name[:1].lower() + name[1:]


def _meaning(name: str, of_kind: Mapping[str, Any]) -> tuple[Kind, Bounce | None]:
    kind = _KINDS.get(name, Kind.UNKNOWN)
    if kind is Kind.BOUNCED:
        pair = (word(of_kind.get("bounceType")), word(of_kind.get("bounceSubType")))
        return _BOUNCES.get(pair, (kind, None))
    if kind is Kind.UNSUBSCRIBED and not _opts_out(of_kind):
        return Kind.UNKNOWN, None
    return kind, None


def _opts_out(of_kind: Mapping[str, Any]) -> bool:
    return members(of_kind.get("newTopicPreferences")).get("unsubscribeAll") is True


def _recipient(of_kind: Mapping[str, Any], mail: Mapping[str, Any]) -> Mapping[str, Any]:
    """Whom it is about: we send one recipient a message, so the first is the only one."""
    names = ("bouncedRecipients", "complainedRecipients", "delayedRecipients")
    for one in (each for name in names for each in items(of_kind.get(name))):
        return members(one)
    sent_to = [*items(of_kind.get("recipients")), *items(mail.get("destination"))]
    return {"emailAddress": next(iter(sent_to), None)}


def _names(mail: Mapping[str, Any]) -> list[object]:
    """What may name our delivery: our tag, our header, then the Message-ID."""
    headers = [members(each) for each in items(mail.get("headers"))]
    by_name = {str(each.get("name")).lower(): each.get("value") for each in headers}
    tagged = list(items(members(mail.get("tags")).get(TAG)))
    common = members(mail.get("commonHeaders"))
    return [*tagged, by_name.get(HEADER), by_name.get("message-id"), common.get("messageId")]
