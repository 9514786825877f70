"""Push notifications: what a device shows, and whether it fits. Pure.

Source: Apple, "Generating a remote notification" and Firebase, "About FCM messages": a payload
is at most 4,096 octets. How many lines a device shows is its own business.
"""

import json
from dataclasses import dataclass

from delivery.messages import Content, utf8

LARGEST = 4_096
"""Octets of a payload."""
_ENVELOPE = 512
"""Octets of it that are left for ids and what a vendor asks for."""
_MORE = "…"


@dataclass(frozen=True, slots=True)
class Push:
    """What a device shows.

    Attributes:
        title: One line.
        body: Cut where it would not fit, and ends in an ellipsis then.
        url: Where a tap leads.
        cut: Characters of the body that had no room.
    """

    title: str
    body: str
    url: str | None
    cut: int = 0

    @property
    def octets(self) -> int:
        """What it takes of a payload, as JSON."""
        said = {"title": self.title, "body": self.body, "url": self.url}
        return len(utf8(json.dumps(said, ensure_ascii=False)))


def push(content: Content) -> Push | None:
    """Content as a push notification; `None` where title and link alone are too large."""
    body = content.text.strip()
    whole = Push(content.subject, body, content.url)
    if whole.octets <= LARGEST - _ENVELOPE:
        return whole
    least, most = 0, len(body)
    while least < most:
        middle = (least + most + 1) // 2
        if _begun(content, body, middle).octets <= LARGEST - _ENVELOPE:
            least = middle
        else:
            most = middle - 1
    begun = _begun(content, body, least)
    return begun if begun.octets <= LARGEST - _ENVELOPE else None


def _begun(content: Content, body: str, length: int) -> Push:
    shown = body[:length].rstrip()
    return Push(content.subject, f"{shown}{_MORE}", content.url, len(body) - len(shown))
