"""What a vendor is told in its own header fields comes back in its events, and names the delivery.

Each double here does to a mail what the vendor documents, and posts what it documents.
"""

import json
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message as Mail
from uuid import UUID

import pytest

from delivery.errors import AccountError
from delivery.messages import Message
from delivery.ports import Posted
from delivery.providers.smtp.letters import write_letter
from delivery.providers.smtp.target import read_target
from delivery.providers.smtp.vendors import Vendor, named, vendor_at
from delivery.registry import all_webhooks
from delivery.rendering.dkim import sign
from models.records import Feedback
from tests import vendors
from tests.unit.rendering.test_dkim import KEYS, valid

ID = UUID("50850000-0000-8000-8000-00000000002a")
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SIGNED = sign(
    b"From: News <news@example.com>\r\nTo: anna@example.org\r\nSubject: Hi\r\n"
    b"Message-ID: <ours@example.com>\r\n\r\nHello\r\n",
    KEYS[:1],
)
MESSAGE = Message(ID, "anna@example.org", "b@example.com", SIGNED)
AT = "2026-01-31T11:59:00Z"


def postmark(mail: Mail) -> vendors.Post:
    head = "x-pm-metadata-"
    told = {
        name.lower().removeprefix(head): value
        for name, value in mail.items()
        if name.lower().startswith(head)
    }
    theirs = {"RecordType": "Delivery", "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483"}
    return vendors.postmark({**theirs, "Metadata": told, "DeliveredAt": AT})


def sendgrid(mail: Mail) -> vendors.Post:
    told = json.loads(mail["X-SMTPAPI"])["unique_args"]
    theirs = {"event": "delivered", "timestamp": 1769860740, "sg_event_id": "a", "smtp-id": "<b@c>"}
    return vendors.sendgrid([{**theirs, **told}], NOW)


def mailgun(mail: Mail) -> vendors.Post:
    told = json.loads(mail["X-Mailgun-Variables"])
    message = {"headers": {"message-id": "theirs@mailgun.org"}}
    event = {"event": "delivered", "timestamp": 1769860740.5, "message": message}
    return vendors.mailgun({**event, "user-variables": told}, NOW)


def amazon_ses(mail: Mail) -> vendors.Post:
    pairs = (pair.split("=") for pair in mail["X-SES-MESSAGE-TAGS"].split(", "))
    tags = {name: [value] for name, value in pairs}
    theirs = {"messageId": "0102018e", "tags": {"ses:from-domain": ["example.com"], **tags}}
    return vendors.sns({"eventType": "Delivery", "mail": theirs, "delivery": {}}, NOW)


DOUBLES = {
    Vendor.POSTMARK: postmark,
    Vendor.SENDGRID: sendgrid,
    Vendor.MAILGUN: mailgun,
    Vendor.AMAZON_SES: amazon_ses,
}


def read(post: vendors.Post) -> list[Feedback]:
    webhook = all_webhooks()[post.provider]
    return webhook.read(Posted(post.headers, post.body))


@pytest.mark.parametrize("vendor", DOUBLES)
def test_a_vendors_event_names_the_delivery_by_what_the_mail_carried(vendor: Vendor):
    carried = write_letter(named(MESSAGE, vendor)).payload
    mail = message_from_bytes(carried)
    assert mail["X-Tidings-Delivery"] is None, "it must be the vendor's own field that does it"
    assert [event.delivery_id for event in read(DOUBLES[vendor](mail))] == [ID]


@pytest.mark.parametrize("vendor", Vendor)
def test_the_signature_is_as_good_as_before(vendor: Vendor):
    stream = "news" if vendor in {Vendor.POSTMARK, Vendor.AMAZON_SES} else ""
    carried = named(MESSAGE, vendor, stream).payload
    assert carried.endswith(SIGNED)
    assert valid(carried)
    assert max(map(len, carried.split(b"\r\n"))) < 998


def test_nothing_is_added_where_it_is_nobodys_server():
    assert named(MESSAGE, None) is MESSAGE
    assert named(MESSAGE, Vendor.RESEND) is MESSAGE
    assert {str(vendor) for vendor in Vendor} <= all_webhooks().keys()


@pytest.mark.parametrize(
    ("host", "vendor"),
    [
        ("smtp.postmarkapp.com", Vendor.POSTMARK),
        ("smtp-broadcasts.postmarkapp.com", Vendor.POSTMARK),
        ("SMTP.SendGrid.net", Vendor.SENDGRID),
        ("smtp.eu.mailgun.org", Vendor.MAILGUN),
        ("email-smtp.eu-west-1.amazonaws.com", Vendor.AMAZON_SES),
        ("email-smtp-fips.us-east-1.amazonaws.com", Vendor.AMAZON_SES),
        ("smtp.resend.com", Vendor.RESEND),
        ("smtp.postmarkapp.com.evil.example", None),
        ("smtp.example.com", None),
        ("127.0.0.1", None),
    ],
)
def test_a_host_tells_whose_it_is(host: str, vendor: Vendor | None):
    assert vendor_at(host) is vendor
    assert read_target(f"smtp://{host}").vendor is vendor


def test_an_account_may_say_whose_it_is_and_which_stream():
    relay = read_target("smtp://relay.example.com?vendor=postmark&stream=broadcast")
    assert (relay.vendor, relay.stream) == (Vendor.POSTMARK, "broadcast")
    assert read_target("smtp://smtp.sendgrid.net?vendor=none").vendor is None
    mail = message_from_bytes(named(MESSAGE, relay.vendor, relay.stream).payload)
    assert mail["X-PM-Message-Stream"] == "broadcast"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("smtp://a.example?vendor=pigeon", "vendor must be one of postmark"),
        ("smtp://a.example?stream=news", "stream is for amazon_ses and postmark alone"),
        ("smtp://smtp.mailgun.org?stream=news", "stream is for"),
        ("smtp://smtp.postmarkapp.com?stream=a%0d%0ab", "stream must be 1 to 64 letters"),
        ("smtp://smtp.postmarkapp.com?stream=", "stream must be 1 to 64 letters"),
    ],
)
def test_what_makes_no_sense_is_told(url: str, why: str):
    with pytest.raises(AccountError, match=why):
        read_target(url)
