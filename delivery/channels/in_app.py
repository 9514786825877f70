"""In-app: an item in the recipient's feed; settled there, never handed to a provider."""

import json
from dataclasses import asdict

from delivery.messages import Content, Envelope, FeedItem, Message

LONGEST_ID = 200
"""Octets of a recipient's id, which is the address on this channel."""

LONGEST_TITLE = 200
"""Characters; what is longer ends in an ellipsis."""


def accepts(address: str) -> str | None:
    """The recipient's id itself: 1 to 200 octets of UTF-8, no NUL, no space around it."""
    try:
        octets = len(address.encode())
    except UnicodeEncodeError:
        return None
    if not 1 <= octets <= LONGEST_ID or "\0" in address or address != address.strip():
        return None
    return address


def item(content: Content) -> FeedItem:
    """What the feed shows."""
    title = content.subject
    if len(title) > LONGEST_TITLE:
        title = title[: LONGEST_TITLE - 1].rstrip() + "…"
    return FeedItem(title, content.text.strip(), content.url)


def compose(content: Content, address: str, envelope: Envelope) -> Message:
    """The item as JSON: what is kept a hash of, to show later what was said."""
    payload = json.dumps(asdict(item(content)), ensure_ascii=False, sort_keys=True)
    return Message(
        delivery_id=envelope.delivery_id,
        recipient=address,
        return_path="",
        payload=payload.encode(errors="replace"),
    )
