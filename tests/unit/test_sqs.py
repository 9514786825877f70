"""Amazon's protocol, as far as it is a matter of bytes: signatures, regions, messages."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from delivery import queued
from delivery.errors import UnreadableError
from models.records import Kind
from scheduler.sqs.queue import region_of
from scheduler.sqs.signing import Keys, signed
from tests import vendors

NOW = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
ID = "50850000-0000-8000-8000-00000000002a"
EVENT = {
    "eventType": "Delivery",
    "mail": {"timestamp": "2026-01-31T11:59:00.000Z", "tags": {"tidings_delivery": [ID]}},
    "delivery": {"recipients": ["anna@example.com"], "timestamp": "2026-01-31T11:59:30.000Z"},
}


def test_signs_as_amazons_own_test_suite_does():
    """`post-vanilla` of the Signature Version 4 test suite."""
    host = {"host": "example.amazonaws.com"}
    headers = signed(host, b"", Keys("AKIDEXAMPLE", SECRET), ("us-east-1", "service"), NOW)
    assert headers["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request,"
        " SignedHeaders=host;x-amz-date,"
        " Signature=5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
    )


def test_a_session_token_is_signed_too_and_no_secret_is_shown():
    keys = Keys("AKIDEXAMPLE", SECRET, "a token")
    headers = signed({"host": "a.example"}, b"", keys, ("us-east-1", "sqs"), NOW)
    assert headers["x-amz-security-token"] == "a token"
    assert "x-amz-security-token" in headers["authorization"]
    assert SECRET not in f"{keys}"
    assert "a token" not in f"{keys}"


def test_the_region_is_what_somebody_says_or_the_url():
    url = "https://sqs.eu-west-1.amazonaws.com/1234/events"
    assert region_of(url, "", "") == "eu-west-1"
    assert region_of(url, "us-east-1") == "us-east-1"
    with pytest.raises(ValueError, match="TIDINGS_SQS_REGION"):
        region_of("http://localhost:4566/1234/events", "")


def enveloped(**changed: Any) -> str:
    post = vendors.sns(EVENT, datetime(2026, 1, 31, 12, tzinfo=UTC), **changed)
    return post.body.decode()


@pytest.mark.parametrize("body", [enveloped(), json.dumps(EVENT)], ids=["enveloped", "raw"])
def test_an_event_is_the_same_raw_or_in_an_envelope(body: str):
    for topics in ((vendors.TOPIC,), ()):
        [event] = queued.read(body, topics)
        assert (event.kind, str(event.delivery_id)) == (Kind.DELIVERED, ID)
        assert event.recipient == "anna@example.com"


def test_an_envelope_counts_once_whichever_way_it_comes():
    body = enveloped()
    assert queued.read(body, ())[0].event_id == json.loads(body)["MessageId"]
    raw = json.dumps(EVENT)
    assert queued.read(raw, ())[0].event_id == queued.read(raw, ())[0].event_id


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("no JSON", "JSON"),
        ("[]", "no event"),
        ("{}", "no event"),
        ('{"Records": [{"eventName": "ObjectCreated:Put"}]}', "no event"),
        ('{"eventType": "Delivery", "mail": {}}', "moment"),
        (enveloped(TopicArn="arn:aws:sns:eu-west-1:666:evil"), "not on the list"),
    ],
)
def test_what_is_none_is_told_and_kept(body: str, why: str):
    with pytest.raises(UnreadableError, match=why):
        queued.read(body, (vendors.TOPIC,))
    kept = queued.stray("message 1", body, NOW)
    assert (kept.kind, kept.delivery_id, kept.raw) == (Kind.UNKNOWN, None, {"body": body})
    assert kept.event_id == queued.stray("message 1", body, NOW).event_id
