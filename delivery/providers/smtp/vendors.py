"""Our id in the words of the vendor a mail goes through, so that its events name the delivery.

Vendors rewrite Message-IDs and tell of our own header seldom or never; each has a header field
of its own for what a sender wants told back. They are written above the signed message, in
fields that DKIM does not sign. Resend documents none for SMTP: its events carry our header. Pure.

Sources: Postmark "Custom metadata" and "Message streams"; SendGrid "X-SMTPAPI, unique
arguments"; Mailgun "Attaching data to messages"; Amazon SES "Specifying a configuration set" and
"Message tags".
"""

import json
import re
from dataclasses import replace
from enum import StrEnum

from delivery.messages import Message
from delivery.posts.words import TAG


class Vendor(StrEnum):
    """Vendors who take mail over SMTP; each is the key of its webhook."""

    POSTMARK = "postmark"
    SENDGRID = "sendgrid"
    MAILGUN = "mailgun"
    AMAZON_SES = "amazon_ses"
    RESEND = "resend"


_HOSTS = (
    (r"smtp(-broadcasts)?\.postmarkapp\.com", Vendor.POSTMARK),
    (r"smtp(\.eu)?\.sendgrid\.net", Vendor.SENDGRID),
    (r"smtp(\.eu)?\.mailgun\.org", Vendor.MAILGUN),
    (r"email-smtp(-fips)?\.[a-z0-9-]+\.amazonaws\.com(\.cn)?", Vendor.AMAZON_SES),
    (r"smtp\.resend\.com", Vendor.RESEND),
)
_STREAMS = {
    Vendor.POSTMARK: "X-PM-Message-Stream",
    Vendor.AMAZON_SES: "X-SES-CONFIGURATION-SET",
}
"""Where a vendor is told which of its streams, or sets of settings, a mail belongs to."""
STREAMED = frozenset(_STREAMS)


def vendor_at(host: str) -> Vendor | None:
    """Whose server this is, as far as its name says."""
    return next((vendor for name, vendor in _HOSTS if re.fullmatch(name, host.lower())), None)


def named(message: Message, vendor: Vendor | None, stream: str = "") -> Message:
    """The message with the vendor's own fields above it; the same where there are none."""
    fields = _fields(vendor, str(message.delivery_id), stream) if vendor else {}
    if not fields:
        return message
    lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return replace(message, payload=lines.encode() + message.payload)


def _fields(vendor: Vendor, delivery: str, stream: str) -> dict[str, str]:
    told = json.dumps({TAG: delivery})
    own = {
        Vendor.POSTMARK: {f"X-PM-Metadata-{TAG}": delivery},
        Vendor.SENDGRID: {"X-SMTPAPI": json.dumps({"unique_args": {TAG: delivery}})},
        Vendor.MAILGUN: {"X-Mailgun-Variables": told},
        Vendor.AMAZON_SES: {"X-SES-MESSAGE-TAGS": f"{TAG}={delivery}"},
        Vendor.RESEND: {},
    }[vendor]
    return {**own, **({_STREAMS[vendor]: stream} if stream else {})}
