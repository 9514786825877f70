"""What holds for the webhooks of all vendors."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from delivery.errors import BadSignatureError, UnreadableError
from delivery.ports import Posted
from delivery.settings import DeliverySettings
from tests import vendors
from tests.unit.test_webhooks import NOW, SOUND, WEBHOOKS, posted


def test_every_webhook_has_a_setting_and_is_tried_here():
    secrets = DeliverySettings(_env_file=None).webhook_secrets
    assert WEBHOOKS.keys() == secrets.keys() == SOUND.keys()


@pytest.mark.parametrize("vendor", SOUND)
def test_a_post_is_believed_with_any_of_several_secrets(vendor: str):
    post, secrets = posted(SOUND[vendor](NOW)), vendors.SECRETS[vendor]
    WEBHOOKS[vendor].verify(post, [*vendors.OTHERS[vendor], *secrets], NOW)
    assert len(WEBHOOKS[vendor].read(post)) == 1


@pytest.mark.parametrize("vendor", SOUND)
def test_a_post_is_not_believed_with_another_secret_or_none(vendor: str):
    post = posted(SOUND[vendor](NOW))
    for secrets in (vendors.OTHERS[vendor], ()):
        with pytest.raises(BadSignatureError):
            WEBHOOKS[vendor].verify(post, secrets, NOW)


@pytest.mark.parametrize("vendor", sorted(SOUND.keys() - {"postmark", "mailgun"}))
def test_a_post_whose_body_was_changed_is_not_believed(vendor: str):
    post = SOUND[vendor](NOW)
    body = post.body.replace(b"Send", b"Open").replace(b"open", b"drop").replace(b"sent", b"lost")
    assert body != post.body
    with pytest.raises(BadSignatureError):
        WEBHOOKS[vendor].verify(posted(replace(post, body=body)), vendors.SECRETS[vendor], NOW)


@pytest.mark.parametrize("vendor", sorted(SOUND.keys() - {"postmark"}))
@pytest.mark.parametrize("hours", [-26, 26])
def test_an_old_post_or_one_from_the_future_is_not_believed(vendor: str, hours: int):
    post = posted(SOUND[vendor](NOW + timedelta(hours=hours)))
    with pytest.raises(BadSignatureError):
        WEBHOOKS[vendor].verify(post, vendors.SECRETS[vendor], NOW)


@pytest.mark.parametrize("vendor", SOUND)
@given(body=st.binary(max_size=200))
@settings(max_examples=40, deadline=None)
def test_whatever_is_posted_is_refused_and_nothing_breaks(vendor: str, body: bytes):
    post = SOUND[vendor](NOW)
    wild = Posted({**post.headers, "authorization": body.hex()}, body, body)
    with pytest.raises(BadSignatureError):
        WEBHOOKS[vendor].verify(wild, vendors.SECRETS[vendor], NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


NAMES = (
    "event", "event-data", "message", "headers", "signature", "RecordType", "Type", "Metadata",
    "data", "type", "tags", "to", "bounce", "mail", "bouncedRecipients", "timestamp", "Message",
    "eventType", "kind", "events", "occurred_at", "delivery-status", "created_at", "reason",
)  # fmt: skip


@pytest.mark.parametrize("vendor", SOUND)
@given(body=st.dictionaries(st.sampled_from(NAMES), JSON) | st.lists(JSON, max_size=3))
@settings(max_examples=60, deadline=None)
def test_a_signed_body_of_any_shape_is_read_or_said_to_be_unreadable(vendor: str, body: Any):
    content = json.dumps(body).encode()
    if vendor == "amazon_ses":
        content = json.dumps({"Type": "Notification", "Message": content.decode()}).encode()
    try:
        events = WEBHOOKS[vendor].read(Posted(SOUND[vendor](NOW).headers, content))
    except UnreadableError:
        return
    assert all(event.vendor == vendor and event.event_id for event in events)
