"""In-app as a channel: the recipient is the address, the item is the message."""

import json

import pytest

from delivery.channels import in_app
from delivery.messages import Content, FeedItem
from delivery.ports import Channel
from tests.unit.rendering.mails import ENVELOPE


def test_is_a_channel():
    channel: Channel = in_app
    assert channel.accepts("anna") == "anna"


@pytest.mark.parametrize("given", ["anna", "42", "a b", "zoë", "x" * 200, "é" * 100])
def test_accepts_the_id_of_a_recipient(given: str):
    assert in_app.accepts(given) == given


@pytest.mark.parametrize("given", ["", " a", "a ", "a\0b", "x" * 201, "é" * 101, "\ud800", "\n"])
def test_refuses_what_is_no_id(given: str):
    assert in_app.accepts(given) is None


def test_an_item_is_what_was_filled():
    item = in_app.item(Content("Title", "  Body\n", url="/inbox"))
    assert item == FeedItem("Title", "Body", "/inbox")


def test_a_long_title_ends_in_an_ellipsis():
    assert in_app.item(Content("x" * 200, "")).title == "x" * 200
    assert in_app.item(Content("x" * 201, "")).title == "x" * 199 + "…"


def test_the_message_is_the_item_as_json():
    message = in_app.compose(Content("Zoë", "Body", url="/x"), "anna", ENVELOPE)
    assert json.loads(message.payload) == {"title": "Zoë", "body": "Body", "url": "/x"}
    assert message.recipient == "anna"
    assert message.delivery_id == ENVELOPE.delivery_id
