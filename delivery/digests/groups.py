"""What the events of one digest have in common. Pure."""

import json
from hashlib import sha256
from typing import Any

from delivery.ports import Draft
from models.records import Digest

_LENGTH = 32
"""Hexadecimal digits of a group: 128 bits."""


def needs_data(rule: Digest) -> bool:
    """Whether the event's data must be at hand to tell the group."""
    return any(path.startswith("data.") for path in rule.by)


def grouped(rule: Digest, draft: Draft) -> str:
    """A hash of the grouped values; a field that is missing groups with its like.

    Tenants never share a digest, nor do test events with real ones.
    """
    data = json.loads(draft.data or "{}") if needs_data(rule) else None
    values = [_value(path, draft, data) for path in rule.by]
    told = json.dumps([draft.tenant, draft.test, *values], sort_keys=True)
    return sha256(told.encode()).hexdigest()[:_LENGTH]


def _value(path: str, draft: Draft, data: Any) -> Any:
    if path == "actor":
        return draft.actor
    if path == "thread":
        return draft.thread
    for name in path.split(".")[1:]:
        data = data.get(name) if isinstance(data, dict) else None
    return data
