"""Feedback in our own words, signed by Standard Webhooks: for gateways without a file here.

    {"events": [{"kind": "bounced", "delivery_id": "…", "occurred_at": "2026-01-31T12:00:00Z",
                 "recipient": "…", "bounce": "invalid_recipient", "status": "5.1.1",
                 "text": "…", "id": "…"}]}

Or one such object alone. `kind` is one of ours; without an `id` the event itself is its id.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from delivery.errors import UnreadableError
from delivery.ports import Posted, Secrets
from delivery.posts import standard
from delivery.posts.words import event_id, items, kept, members, moment, ours, text_of, why, word
from models.records import Bounce, Feedback, Kind

VENDOR = "generic"


def verify(posted: Posted, secrets: Secrets, now: datetime) -> None:
    """Check the signature over id, timestamp and body; raises `BadSignatureError`."""
    standard.verify(posted, secrets, now, "webhook")


def read(posted: Posted) -> list[Feedback]:
    """Events of a signed request; raises `UnreadableError`."""
    return [_event(one) for one in _events(posted.json())]


def _events(body: Any) -> Iterator[dict[str, Any]]:
    events = members(body).get("events", [body])
    for one in items(events):
        if not isinstance(one, dict):
            raise UnreadableError("an event is no object")
        yield one


def _event(one: dict[str, Any]) -> Feedback:
    kind, told = word(one.get("kind")), word(one.get("bounce"))
    bounce = Bounce(told) if told in set(Bounce) else None
    text = text_of(one.get("text"))
    return Feedback(
        vendor=VENDOR,
        event_id=event_id(one.get("id"), raw=json.dumps(one, sort_keys=True).encode()),
        kind=Kind(kind) if kind in set(Kind) else Kind.UNKNOWN,
        occurred_at=moment(one.get("occurred_at")),
        delivery_id=ours(one.get("delivery_id"), one.get("message_id")),
        recipient=text_of(one.get("recipient")),
        bounce=bounce or why(one.get("status"), text, None, one.get("recipient")),
        text=text,
        raw=kept(one),
    )
