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

_KINDS, _BOUNCES = frozenset(Kind), frozenset(Bounce)


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
    said = word(one.get("kind"))
    kind = Kind(said) if said in _KINDS else Kind.UNKNOWN
    text = text_of(one.get("text"))
    return Feedback(
        vendor=VENDOR,
        event_id=event_id(one.get("id"), raw=json.dumps(one, sort_keys=True).encode()),
        kind=kind,
        occurred_at=moment(one.get("occurred_at")),
        delivery_id=ours(one.get("delivery_id"), one.get("message_id")),
        recipient=text_of(one.get("recipient")),
        bounce=_bounce(one, text) if kind in {Kind.BOUNCED, Kind.DEFERRED} else None,
        text=text,
        raw=kept(one),
    )


def _bounce(one: dict[str, Any], text: str | None) -> Bounce | None:
    told = word(one.get("bounce"))
    if told in _BOUNCES:
        return Bounce(told)
    return why(one.get("status"), text, None, one.get("recipient"))
