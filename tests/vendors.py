"""Vendors as they post: each signs in its own way, with secrets made here."""

import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zlib import crc32

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from httpx import AsyncClient, Response

TOPIC = "arn:aws:sns:eu-west-1:123456789012:mail"
CERTIFICATE_URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"
SUBSCRIBE_URL = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
_RSA = rsa.generate_private_key(65537, 2048)
_EC, _OTHER_EC = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))


def _certificate() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    begins = datetime(2025, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_RSA.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=3650))
        .sign(_RSA, SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def _shown(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> str:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(der).decode()


def _whsec(text: str) -> str:
    return "whsec_" + b64encode(text.encode()).decode()


CERTIFICATE = _certificate()
ED25519_KEY = _shown(ed25519.Ed25519PrivateKey.generate())
GENERIC_SECRET = _whsec("a generic secret, long enough...")
RESEND_SECRET = _whsec("the secret that Resend signs with")
MAILGUN_KEY = "a key of Mailgun's"
POSTMARK_LOGIN = "tidings:a password with: signs"
SECRETS: dict[str, tuple[str, ...]] = {
    "amazon_ses": (TOPIC,),
    "generic": (GENERIC_SECRET,),
    "mailgun": (MAILGUN_KEY,),
    "postmark": (POSTMARK_LOGIN,),
    "resend": (RESEND_SECRET,),
    "sendgrid": (_shown(_EC),),
}
OTHERS: dict[str, tuple[str, ...]] = {
    "amazon_ses": ("arn:aws:sns:eu-west-1:123456789012:another",),
    "generic": (_whsec("another secret"),),
    "mailgun": ("another key",),
    "postmark": ("tidings:another",),
    "resend": (_whsec("another secret"),),
    "sendgrid": (_shown(_OTHER_EC),),
}
"""Of the same form, and not what is signed with."""


@dataclass(frozen=True)
class Post:
    """One POST as a vendor makes it."""

    provider: str
    headers: dict[str, str]
    body: bytes

    async def to(self, http: AsyncClient) -> Response:
        return await http.post(
            f"/feedback/{self.provider}", content=self.body, headers=self.headers
        )


def standard(provider: str, prefix: str, secret: str, body: Any, now: datetime) -> Post:
    """Signed as Standard Webhooks 1.0 has it."""
    content = json.dumps(body).encode()
    name = f"msg_{crc32(content)}"
    stamp = str(int(now.timestamp()))
    signed = f"{name}.{stamp}.".encode() + content
    mac = hmac.digest(b64decode(secret.removeprefix("whsec_")), signed, "sha256")
    headers = {
        f"{prefix}-id": name,
        f"{prefix}-timestamp": stamp,
        f"{prefix}-signature": f"v1,{b64encode(b'of an older key').decode()} "
        f"v1,{b64encode(mac).decode()}",
        "content-type": "application/json",
    }
    return Post(provider, headers, content)


def generic(body: Any, now: datetime) -> Post:
    return standard("generic", "webhook", GENERIC_SECRET, body, now)


def resend(body: Any, now: datetime) -> Post:
    return standard("resend", "svix", RESEND_SECRET, body, now)


def sendgrid(body: Any, now: datetime) -> Post:
    content, stamp = json.dumps(body).encode(), str(int(now.timestamp()))
    signature = _EC.sign(stamp.encode() + content, ec.ECDSA(SHA256()))
    head = "x-twilio-email-event-webhook-"
    headers = {f"{head}signature": b64encode(signature).decode(), f"{head}timestamp": stamp}
    return Post("sendgrid", headers, content)


def mailgun(event: Any, now: datetime) -> Post:
    stamp, token = str(int(now.timestamp())), f"token-{crc32(json.dumps(event).encode())}"
    signature = hmac.digest(MAILGUN_KEY.encode(), f"{stamp}{token}".encode(), "sha256").hex()
    block = {"timestamp": stamp, "token": token, "signature": signature}
    return Post("mailgun", {}, json.dumps({"signature": block, "event-data": event}).encode())


def postmark(body: Any, login: str = POSTMARK_LOGIN) -> Post:
    basic = "Basic " + b64encode(login.encode()).decode()
    return Post("postmark", {"authorization": basic}, json.dumps(body).encode())


def sns(told: Any, now: datetime, version: str = "2", **changed: Any) -> Post:
    """A notification; `changed` is signed too, as somebody could who has a topic of theirs."""
    message = {
        "Type": "Notification",
        "Message": told if isinstance(told, str) else json.dumps(told),
        **changed,
    }
    return _signed(message, now, version)


def sns_confirmation(now: datetime, **changed: Any) -> Post:
    message = {
        "Type": "SubscriptionConfirmation", "Message": "You have chosen to subscribe",
        "Token": "t", "SubscribeURL": SUBSCRIBE_URL, "Subject": "never signed", **changed,
    }  # fmt: skip
    return _signed(message, now, "1")


def _signed(message: dict[str, Any], now: datetime, version: str) -> Post:
    whole = {
        "MessageId": f"id-{crc32(json.dumps(message).encode())}", "TopicArn": TOPIC,
        "Timestamp": now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "SigningCertURL": CERTIFICATE_URL, "SignatureVersion": version, **message,
    }  # fmt: skip
    notified = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
    confirmed = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
    names = notified if whole["Type"] == "Notification" else confirmed
    lines = "".join(f"{name}\n{whole[name]}\n" for name in names if name in whole)
    algorithm = SHA1() if version == "1" else SHA256()
    signature = _RSA.sign(lines.encode(), PKCS1v15(), algorithm)
    whole["Signature"] = b64encode(signature).decode()
    headers = {"content-type": "text/plain; charset=UTF-8"}
    return Post("amazon_ses", headers, json.dumps(whole).encode())
