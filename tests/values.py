"""Values that decisions are made of: say what matters, the rest is plausible."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from delivery.ports import Draft
from models import ids
from models.records import Class, DueRow, Facts, OutboxRow, Profile, Reachable, Step, Topic

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SOURCE = UUID("00000000-0000-8000-8000-000000000001")
ROW = UUID("10000000-0000-4000-8000-000000000001")
EVENT = ids.event_id(SOURCE, ROW, NOW.date())


def make_topic(key: str = "board.shared", **values: Any) -> Topic:
    default = {
        "title": "Board shared",
        "category": "boards",
        "klass": Class.TRANSACTIONAL,
        "steps": (Step("email", "email", "board-mail"), Step("in_app", "in_app", "board-item")),
    }
    return Topic(key, **{**default, **values})


def make_row(**values: Any) -> OutboxRow:
    default: dict[str, Any] = dict.fromkeys(
        ("audience", "dedup_key", "actor", "thread", "priority", "not_before", "expires_at",
         "tags", "locale", "tenant", "traceparent")
    )  # fmt: skip
    default |= {
        "id": ROW, "topic": "board.shared", "recipients": ("anna",), "test": False,
        "data": '{"board": "Roadmap"}', "created_at": NOW,
    }  # fmt: skip
    return OutboxRow(**{**default, **values})


def make_due(**values: Any) -> DueRow:
    recipient, channel = values.get("recipient_id", "anna"), values.get("channel", "email")
    delivery = ids.delivery_id(EVENT, recipient, channel, channel)
    place = ids.place_of(delivery)
    default: dict[str, Any] = dict.fromkeys(
        ("held_for", "expires_at", "actor", "thread", "locale", "tenant", "campaign")
    )
    default |= {
        "bucket": place.bucket, "delivery_id": delivery, "day": place.day, "event_id": EVENT,
        "recipient_id": recipient, "topic": "board.shared", "klass": Class.TRANSACTIONAL,
        "channel": channel, "step": channel, "lane": 80, "due_at": NOW, "attempt": 0, "tries": 0,
        "crashes": 0, "entered_at": NOW, "data": "{}", "test": False, "created_at": NOW,
        "trace": "{}",
    }  # fmt: skip
    return DueRow(**{**default, **values})


def make_facts(*addresses: str, **values: Any) -> Facts:
    """A known recipient with these mail addresses, the first one preferred."""
    reachable = tuple(Reachable(each, each == addresses[0]) for each in addresses)
    default = {"profile": Profile("anna", "Anna"), "addresses": {"email": reachable}}
    return Facts(**{**default, **values})


def make_draft(channel: str = "email", **values: Any) -> Draft:
    default = {
        "recipient_id": "anna", "channel": channel, "topic": make_topic(),
        "step": Step(channel, channel, "board-mail"), "actor": None,
        "expires_at": NOW + timedelta(hours=1), "test": False,
    }  # fmt: skip
    return Draft(**{**default, **values})
