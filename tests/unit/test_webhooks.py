"""Every vendor's posts in the shapes their documentation gives, believed only when they sign."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from delivery.errors import BadSignatureError, UnreadableError
from delivery.ports import Posted
from delivery.registry import all_webhooks
from delivery.webhooks import amazon_ses, mailgun, postmark, sendgrid
from models.ids import delivery_id
from models.records import Bounce, Feedback, Kind
from tests import vendors
from tests.vendors import Post

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ID = delivery_id(UUID("000100ac-0000-8000-8000-000000000000"), "anna", "email", "email")
WEBHOOKS = all_webhooks()


def posted(post: Post) -> Posted:
    return Posted(post.headers, post.body, vendors.CERTIFICATE)


def read(post: Post) -> list[Feedback]:
    """Its events, once it is verified."""
    webhook = WEBHOOKS[post.provider]
    webhook.verify(posted(post), vendors.SECRETS[post.provider], NOW)
    return webhook.read(posted(post))


def one(post: Post) -> tuple[Kind, Bounce | None, str | None]:
    """Kind, bounce and recipient of its only event, which names our delivery."""
    (event,) = read(post)
    assert event.delivery_id == ID
    assert event.vendor == post.provider
    return event.kind, event.bounce, event.recipient


ANNA = "anna@example.com"
MESSAGE_ID = f"{ID}@example.com"


def ses(word: str, member: str, more: dict[str, Any], **top: Any) -> Post:
    mail = {
        "timestamp": "2026-01-31T11:59:00.000Z", "messageId": "0102018e", "destination": [ANNA],
        "headers": [{"name": "X-Tidings-Delivery", "value": str(ID)}],
        "commonHeaders": {"messageId": f"<{MESSAGE_ID}>", "to": [ANNA], "subject": "Hello"},
    }  # fmt: skip
    return vendors.sns({"eventType": word, "mail": mail, member: more, **top}, NOW)


def bounced(kind: str, sub: str, **recipient: str) -> dict[str, Any]:
    return {
        "bounceType": kind, "bounceSubType": sub, "timestamp": "2026-01-31T11:59:30.000Z",
        "bouncedRecipients": [{"emailAddress": ANNA, "action": "failed", **recipient}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("post", "meaning"),
    [
        (("Send", "send", {}), (Kind.QUEUED, None)),
        (("Delivery", "delivery", {"recipients": [ANNA], "smtpResponse": "250 ok"}),
         (Kind.DELIVERED, None)),
        (("Bounce", "bounce", bounced("Permanent", "General", status="5.1.1",
          diagnosticCode="smtp; 550 5.1.1 user unknown")), (Kind.BOUNCED, Bounce.INVALID)),
        (("Bounce", "bounce", bounced("Permanent", "General")), (Kind.BOUNCED, Bounce.INACTIVE)),
        (("Bounce", "bounce", bounced("Permanent", "General", status="5.7.1",
          diagnosticCode="smtp; 550 5.7.1 DMARC policy")), (Kind.BOUNCED, Bounce.POLICY)),
        (("Bounce", "bounce", bounced("Permanent", "NoEmail")), (Kind.BOUNCED, Bounce.INVALID)),
        (("Bounce", "bounce", bounced("Permanent", "OnAccountSuppressionList")),
         (Kind.REJECTED, None)),
        (("Bounce", "bounce", bounced("Transient", "MailboxFull")), (Kind.BOUNCED, Bounce.QUOTA)),
        (("Bounce", "bounce", bounced("Undetermined", "Undetermined")),
         (Kind.BOUNCED, Bounce.UNKNOWN)),
        (("Complaint", "complaint", {"complainedRecipients": [{"emailAddress": ANNA}],
          "complaintFeedbackType": "abuse", "timestamp": "2026-01-31T11:59:30.000Z"}),
         (Kind.COMPLAINED, None)),
        (("Reject", "reject", {"reason": "Bad content"}), (Kind.REJECTED, None)),
        (("Open", "open", {"ipAddress": "192.0.2.1"}), (Kind.OPENED, None)),
        (("Click", "click", {"link": "https://example.com"}), (Kind.CLICKED, None)),
        (("Rendering Failure", "failure", {"errorMessage": "no name"}), (Kind.FAILED, None)),
        (("DeliveryDelay", "deliveryDelay", {"delayType": "MailboxFull",
          "delayedRecipients": [{"emailAddress": ANNA, "status": "4.2.2"}]}),
         (Kind.DEFERRED, None)),
        (("Novelty", "novelty", {}), (Kind.UNKNOWN, None)),
    ],
)  # fmt: skip
def test_amazon_ses(post: tuple[str, str, dict[str, Any]], meaning: tuple[Kind, Bounce | None]):
    assert one(ses(*post)) == (*meaning, ANNA)


def test_amazon_ses_tells_in_the_older_form_too():
    post = ses("", "bounce", bounced("Permanent", "NoEmail"), notificationType="Bounce")
    assert one(post) == (Kind.BOUNCED, Bounce.INVALID, ANNA)


@pytest.mark.parametrize("version", ["1", "2"])
def test_sns_signs_in_two_versions(version: str):
    (event,) = read(vendors.sns({"eventType": "Send", "mail": {}}, NOW, version=version))
    assert event.kind is Kind.QUEUED


def test_sns_without_a_subject_and_confirmations_are_signed_too():
    confirmation = vendors.sns_confirmation(NOW)
    assert read(confirmation) == []
    assert amazon_ses.confirmation_url(posted(confirmation)) == vendors.SUBSCRIBE_URL
    assert amazon_ses.confirmation_url(posted(vendors.sns({}, NOW))) is None
    assert read(vendors.sns("Successfully validated SNS topic", NOW)) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/x.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/x.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/x.pem",
        "https://s3.eu-west-1.amazonaws.com/x.pem",
        "https://sns.eu-west-1.amazonaws.com/x.pem?y",
        "https://sns.eu-west-1.amazonaws.com/x.exe",
        "https://sns.eu-west-1.amazonaws.com/é.pem",
        "https://[sns.eu-west-1.amazonaws.com/x.pem",
        "",
        7,
    ],
)
def test_a_certificate_is_got_from_amazon_alone(url: object):
    post = vendors.sns({}, NOW, SigningCertURL=url)
    if str(url).endswith("?y"):
        assert amazon_ses.certificate_url(posted(post), vendors.SECRETS["amazon_ses"]) == url
        return
    with pytest.raises(BadSignatureError, match="Amazon"):
        amazon_ses.certificate_url(posted(post), vendors.SECRETS["amazon_ses"])


def test_a_topic_that_is_not_on_the_list_is_not_believed():
    post = vendors.sns({}, NOW, TopicArn="arn:aws:sns:eu-west-1:999999999999:theirs")
    with pytest.raises(BadSignatureError, match="list"):
        read(post)


def test_a_certificate_that_is_over_signs_nothing():
    years = NOW + timedelta(days=4000)
    post = vendors.sns({}, years)
    with pytest.raises(BadSignatureError):
        amazon_ses.verify(posted(post), vendors.SECRETS["amazon_ses"], years)


def grid(word: str, **more: Any) -> Post:
    event = {
        "email": ANNA, "timestamp": 1769860740, "event": word, "sg_event_id": f"id-{word}",
        "sg_message_id": "14c5d75ce93.dfd.64b469", "smtp-id": f"<{MESSAGE_ID}>",
    }  # fmt: skip
    return vendors.sendgrid([{**event, **more}], NOW)


@pytest.mark.parametrize(
    ("word", "more", "meaning"),
    [
        ("processed", {}, (Kind.QUEUED, None)),
        ("deferred", {"response": "400 try again later"}, (Kind.DEFERRED, None)),
        ("delivered", {"response": "250 OK"}, (Kind.DELIVERED, None)),
        ("bounce", {"status": "5.1.1", "reason": "550 5.1.1 no such user", "type": "bounce",
                    "bounce_classification": "Invalid Address"}, (Kind.BOUNCED, Bounce.INVALID)),
        ("bounce", {"bounce_classification": "Invalid Address"}, (Kind.BOUNCED, Bounce.INVALID)),
        ("bounce", {"reason": "552 5.2.2 over quota", "status": "5.2.2"},
         (Kind.BOUNCED, Bounce.QUOTA)),
        ("bounce", {"type": "blocked", "status": "5.1.1", "reason": "550 5.1.1 blocked"},
         (Kind.BOUNCED, Bounce.POLICY)),
        ("bounce", {"type": "blocked"}, (Kind.BOUNCED, Bounce.POLICY)),
        ("bounce", {}, (Kind.BOUNCED, Bounce.UNKNOWN)),
        ("dropped", {"reason": "Bounced Address"}, (Kind.REJECTED, None)),
        ("open", {"useragent": "Mozilla"}, (Kind.OPENED, None)),
        ("click", {"url": "https://example.com"}, (Kind.CLICKED, None)),
        ("spamreport", {}, (Kind.COMPLAINED, None)),
        ("unsubscribe", {}, (Kind.UNSUBSCRIBED, None)),
        ("group_unsubscribe", {"asm_group_id": 10}, (Kind.UNSUBSCRIBED, None)),
        ("group_resubscribe", {"asm_group_id": 10}, (Kind.UNKNOWN, None)),
        ("delivered", {"smtp-id": "<theirs@sendgrid.net>", "tidings_delivery": str(ID)},
         (Kind.DELIVERED, None)),
    ],
)  # fmt: skip
def test_sendgrid(word: str, more: dict[str, Any], meaning: tuple[Kind, Bounce | None]):
    assert one(grid(word, **more)) == (*meaning, ANNA)


def test_sendgrid_sends_batches_and_says_the_same_id_again():
    many = [{"event": "open", "timestamp": 1769860740, "sg_event_id": str(n)} for n in range(3)]
    assert [event.event_id for event in read(vendors.sendgrid(many, NOW))] == ["0", "1", "2"]
    with pytest.raises(UnreadableError):
        read(vendors.sendgrid({"event": "open"}, NOW))


@pytest.mark.parametrize("key", ["no key", "AAAA", vendors.ED25519_KEY], ids=range(3))
def test_a_key_that_is_none_is_said_to_be_ours(key: str):
    with pytest.raises(BadSignatureError, match="TIDINGS_SENDGRID_KEY"):
        sendgrid.verify(posted(grid("open")), [key], NOW)


def gun(word: str, **more: Any) -> Post:
    event = {
        "event": word, "id": "Ase7i2zsRYeDXztHGENqRA", "timestamp": 1769860740.5,
        "recipient": ANNA, "message": {"headers": {"message-id": MESSAGE_ID, "to": ANNA}},
        "user-variables": {},
    }  # fmt: skip
    return vendors.mailgun({**event, **more}, NOW)


def status(message: str, code: int) -> dict[str, Any]:
    return {"message": message, "code": code, "attempt-no": 1}


@pytest.mark.parametrize(
    ("word", "more", "meaning"),
    [
        ("accepted", {}, (Kind.QUEUED, None)),
        ("delivered", {"delivery-status": status("OK", 250)}, (Kind.DELIVERED, None)),
        ("failed", {"severity": "permanent", "reason": "bounce", "delivery-status":
                    status("550 5.1.1 The account does not exist", 550)},
         (Kind.BOUNCED, Bounce.INVALID)),
        ("failed", {"severity": "permanent", "reason": "bounce"}, (Kind.BOUNCED, Bounce.INACTIVE)),
        ("failed", {"severity": "permanent", "reason": "espblock"}, (Kind.BOUNCED, Bounce.POLICY)),
        ("failed", {"severity": "permanent", "reason": "suppress-bounce", "delivery-status":
                    status("Not delivering to previously bounced address", 605)},
         (Kind.REJECTED, None)),
        ("failed", {"severity": "permanent"}, (Kind.BOUNCED, Bounce.UNKNOWN)),
        ("failed", {"severity": "temporary", "reason": "generic"}, (Kind.DEFERRED, None)),
        ("opened", {}, (Kind.OPENED, None)),
        ("clicked", {}, (Kind.CLICKED, None)),
        ("complained", {}, (Kind.COMPLAINED, None)),
        ("unsubscribed", {}, (Kind.UNSUBSCRIBED, None)),
        ("list_member_uploaded", {}, (Kind.UNKNOWN, None)),
        ("delivered", {"message": {}, "user-variables": {"tidings_delivery": str(ID)}},
         (Kind.DELIVERED, None)),
    ],
)  # fmt: skip
def test_mailgun(word: str, more: dict[str, Any], meaning: tuple[Kind, Bounce | None]):
    assert one(gun(word, **more)) == (*meaning, ANNA)


def test_mailguns_token_is_the_id_because_it_is_all_that_is_signed():
    post = gun("delivered")
    other = json.loads(post.body)
    other["event-data"]["event"] = "complained"
    swapped = replace(post, body=json.dumps(other).encode())
    assert read(swapped)[0].event_id == read(post)[0].event_id


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"signature": 7}'])
def test_mailgun_without_its_signature_is_not_believed(body: bytes):
    with pytest.raises(BadSignatureError):
        mailgun.verify(Posted({}, body), vendors.SECRETS["mailgun"], NOW)


def mark(record: str, **more: Any) -> Post:
    event = {
        "RecordType": record, "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Metadata": {"tidings_delivery": str(ID)},
    }  # fmt: skip
    return vendors.postmark({**event, **more})


def mark_bounce(kind: str, details: str = "") -> dict[str, Any]:
    when = "2026-01-31T06:59:10.2735393-05:00"
    return {"ID": 42, "Type": kind, "Email": ANNA, "BouncedAt": when, "Details": details}


AT = {"Recipient": ANNA, "ReceivedAt": "2026-01-31T11:59:00Z"}


@pytest.mark.parametrize(
    ("record", "more", "meaning"),
    [
        ("Delivery", {"Recipient": ANNA, "DeliveredAt": "2026-01-31T11:59:00Z"},
         (Kind.DELIVERED, None)),
        ("Bounce", mark_bounce("HardBounce"), (Kind.BOUNCED, Bounce.INACTIVE)),
        ("Bounce", mark_bounce("HardBounce", "smtp;550 5.1.1 no such user"),
         (Kind.BOUNCED, Bounce.INVALID)),
        ("Bounce", mark_bounce("SoftBounce", "smtp;452 4.2.2 mailbox full"),
         (Kind.BOUNCED, Bounce.QUOTA)),
        ("Bounce", mark_bounce("SoftBounce"), (Kind.BOUNCED, Bounce.TRANSIENT)),
        ("Bounce", mark_bounce("Blocked"), (Kind.BOUNCED, Bounce.POLICY)),
        ("Bounce", mark_bounce("Transient"), (Kind.DEFERRED, None)),
        ("Bounce", mark_bounce("BadEmailAddress"), (Kind.REJECTED, None)),
        ("Bounce", mark_bounce("AutoResponder"), (Kind.AUTORESPONDED, None)),
        ("Bounce", mark_bounce("Novelty"), (Kind.UNKNOWN, None)),
        ("SpamComplaint", mark_bounce("SpamComplaint"), (Kind.COMPLAINED, None)),
        ("Open", AT, (Kind.OPENED, None)),
        ("Click", AT, (Kind.CLICKED, None)),
        ("SubscriptionChange", {"Recipient": ANNA, "ChangedAt": "2026-01-31T11:59:00Z",
          "SuppressSending": True, "SuppressionReason": "ManualSuppression"},
         (Kind.UNSUBSCRIBED, None)),
        ("SubscriptionChange", {"Recipient": ANNA, "ChangedAt": "2026-01-31T11:59:00Z",
          "SuppressSending": True, "SuppressionReason": "HardBounce"}, (Kind.UNKNOWN, None)),
        ("SubscriptionChange", {"Recipient": ANNA, "ChangedAt": "2026-01-31T11:59:00Z",
          "SuppressSending": False, "SuppressionReason": None}, (Kind.UNKNOWN, None)),
    ],
)  # fmt: skip
def test_postmark(record: str, more: dict[str, Any], meaning: tuple[Kind, Bounce | None]):
    assert one(mark(record, **more)) == (*meaning, ANNA)


def test_postmark_knows_an_event_again_without_an_id():
    first, again = read(mark("Open", **AT)), read(mark("Open", **AT, Country="DE"))
    later = read(mark("Open", **{**AT, "ReceivedAt": "2026-01-31T11:59:01Z"}))
    assert first[0].event_id == again[0].event_id != later[0].event_id


@pytest.mark.parametrize("login", ["tidings:wrong", "", "tidings"])
def test_postmark_with_another_password_is_not_believed(login: str):
    post = vendors.postmark({}, login)
    with pytest.raises(BadSignatureError):
        postmark.verify(posted(post), vendors.SECRETS["postmark"], NOW)


def resent(word: str, **more: Any) -> Post:
    data = {
        "email_id": "56761188-7520-42d8-8898-ff6fc54ce618", "created_at": "2026-01-31T11:58:00Z",
        "from": "Tidings <news@example.com>", "to": [ANNA], "subject": "Hello",
        "tags": {"tidings_delivery": str(ID)},
    }  # fmt: skip
    body = {"type": word, "created_at": "2026-01-31T11:59:00.000Z", "data": {**data, **more}}
    return vendors.resend(body, NOW)


def resent_bounce(kind: str, sub: str, message: str = "") -> dict[str, Any]:
    return {"bounce": {"type": kind, "subType": sub, "message": message}}


@pytest.mark.parametrize(
    ("word", "more", "meaning"),
    [
        ("email.sent", {}, (Kind.QUEUED, None)),
        ("email.delivered", {}, (Kind.DELIVERED, None)),
        ("email.delivery_delayed", {}, (Kind.DEFERRED, None)),
        ("email.bounced", resent_bounce("Permanent", "NoEmail"), (Kind.BOUNCED, Bounce.INVALID)),
        ("email.bounced", resent_bounce("Permanent", "Suppressed"), (Kind.REJECTED, None)),
        ("email.bounced", resent_bounce("Transient", "General"), (Kind.BOUNCED, Bounce.TRANSIENT)),
        ("email.bounced", {}, (Kind.BOUNCED, Bounce.UNKNOWN)),
        ("email.complained", {}, (Kind.COMPLAINED, None)),
        ("email.opened", {}, (Kind.OPENED, None)),
        ("email.clicked", {"click": {"link": "https://example.com"}}, (Kind.CLICKED, None)),
        ("email.failed", {"failed": {"reason": "reached_daily_quota"}}, (Kind.FAILED, None)),
        ("contact.created", {}, (Kind.UNKNOWN, None)),
        ("email.delivered", {"tags": [{"name": "tidings_delivery", "value": str(ID)}]},
         (Kind.DELIVERED, None)),
        ("email.delivered", {"tags": None, "headers": [{"name": "X-Tidings-Delivery",
                                                         "value": str(ID)}]},
         (Kind.DELIVERED, None)),
    ],
)  # fmt: skip
def test_resend(word: str, more: dict[str, Any], meaning: tuple[Kind, Bounce | None]):
    assert one(resent(word, **more)) == (*meaning, ANNA)


SOUND: Mapping[str, Callable[[datetime], Post]] = {
    "amazon_ses": lambda at: vendors.sns({"eventType": "Send"}, at),
    "generic": lambda at: vendors.generic({"kind": "sent", "occurred_at": 1}, at),
    "mailgun": lambda at: vendors.mailgun({"event": "opened", "timestamp": 1}, at),
    "postmark": lambda _: mark("Open", **AT),
    "resend": lambda at: vendors.resend({"type": "email.sent", "created_at": 1}, at),
    "sendgrid": lambda at: vendors.sendgrid([{"event": "open", "timestamp": 1}], at),
}
