"""Everything about a message that is not its content."""

import hashlib
import hmac
from datetime import UTC, datetime, time, timedelta

import pytest

from delivery.envelopes import (
    browser_url,
    envelope,
    letterhead,
    preferences_url,
    return_path,
    unsubscribe_url,
)
from delivery.links import Kind, LinkKeys, read, read_permit
from models.ids import place_of
from models.records import Class, Profile
from tests.values import NOW, make_due, make_topic

SECRET = b"a secret of thirty-two characters"
PERMITS = timedelta(days=400)
HEAD = letterhead(
    "Tidings <news@example.com>", "bounces.example.com", "https://x.test", SECRET, PERMITS
)


def test_attempts_of_one_message_differ_in_their_date_only():
    one = envelope(HEAD, make_due(), make_topic(), Profile("anna", "Anna"), NOW)
    two = envelope(HEAD, make_due(attempt=3), make_topic(), Profile("anna", "Anna"), NOW)
    assert one == two
    later = envelope(HEAD, make_due(), make_topic(), Profile("anna", "Anna"), NOW + timedelta(1))
    assert later.message_id == one.message_id
    assert later != one


def test_a_message_id_is_the_delivery_at_the_senders_domain():
    row = make_due()
    made = envelope(HEAD, row, make_topic(), None, NOW)
    assert made.message_id == f"{row.delivery_id}@example.com"
    assert made.recipient_name is None


def test_only_promotional_mail_is_bulk():
    for klass in Class:
        made = envelope(HEAD, make_due(), make_topic(klass=klass), None, NOW)
        assert made.bulk == (klass is Class.PROMOTIONAL)


def test_a_mandatory_topic_has_no_way_out():
    assert unsubscribe_url(HEAD, make_due(), make_topic(mandatory=True)) is None
    offer = make_topic(mandatory=True, klass=Class.PROMOTIONAL)
    assert unsubscribe_url(HEAD, make_due(), offer), "of promotional news there always is one"


def test_an_unsubscribe_link_names_recipient_category_channel_and_delivery():
    row = make_due()
    url = unsubscribe_url(HEAD, row, make_topic())
    assert url is not None
    base, _, token = url.rpartition("/")
    assert base == "https://x.test/u"
    link = read(Kind.UNSUBSCRIBE, token, LinkKeys.derive(SECRET))
    assert link is not None
    assert (link.recipient_id, link.category, link.channel) == ("anna", "boards", "email")


def test_a_preferences_link_ends_and_is_the_same_in_all_attempts():
    row = make_due()
    url = preferences_url(HEAD, row)
    assert url == preferences_url(HEAD, make_due(attempt=3))
    base, _, token = url.rpartition("/")
    assert base == "https://x.test/p"
    permit = read_permit(token, LinkKeys.derive(SECRET))
    assert permit is not None
    assert permit.recipient_id == "anna"
    assert permit.until == datetime.combine(place_of(row.delivery_id).day, time.min, UTC) + PERMITS


def test_a_mandatory_mail_leads_to_the_preferences_all_the_same():
    made = envelope(HEAD, make_due(), make_topic(mandatory=True), None, NOW)
    assert made.links == {
        "unsubscribe": None,
        "preferences": preferences_url(HEAD, make_due()),
        "browser": browser_url(HEAD, make_due(), make_topic()),
    }


def test_a_return_path_names_its_delivery_and_cannot_be_forged():
    row = make_due()
    path = return_path(HEAD, row.delivery_id)
    local, _, domain = path.partition("@")
    assert domain == "bounces.example.com"
    assert len(local) <= 64
    assert local == local.lower()
    name, mac = local.removeprefix("b+").split(".")
    assert bytes.fromhex(name) == row.delivery_id.bytes
    key = hmac.digest(SECRET, b"tidings verp 1", hashlib.sha256)
    assert bytes.fromhex(mac) == hmac.digest(key, row.delivery_id.bytes, hashlib.sha256)[:10]


def test_bounces_come_to_the_senders_domain_when_no_other_is_set():
    head = letterhead("news@example.com", "", "https://x.test", SECRET, PERMITS)
    assert return_path(head, make_due().delivery_id).endswith("@example.com")


@pytest.mark.parametrize("sender", ["", "Tidings", "Tidings <>", "@example.com", "news@"])
def test_refuses_a_sender_that_is_no_mailbox(sender: str):
    with pytest.raises(ValueError, match="TIDINGS_MAIL_FROM"):
        letterhead(sender, "", "https://x.test", SECRET, PERMITS)


def test_what_is_secret_is_shown_in_no_browser():
    shown = envelope(HEAD, make_due(), make_topic(), None, NOW).links["browser"]
    assert shown is not None
    assert shown.startswith(f"{HEAD.base_url}/v/")
    secret = make_topic(sensitive=True)
    assert envelope(HEAD, make_due(), secret, None, NOW).links["browser"] is None
