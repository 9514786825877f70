"""Filling templates for due rows: data, context, content; what cannot be filled is a value."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from delivery.errors import Problem, RenderingError
from delivery.messages import Content
from models.database import DatabaseError
from models.records import DueRow, Profile, Topic
from scheduler.budget import fill_within_budget
from scheduler.runtime import Runtime
from scheduler.shards import read_events

CONTEXT_KEPT_UP_TO = 4096
"""A larger fill context is not kept: it is filled again from the event."""


@dataclass(frozen=True, slots=True)
class Filled:
    """Content, and what it was made of."""

    content: Content
    template: str
    version: int
    context: Mapping[str, Any]


async def event_data(runtime: Runtime, rows: Sequence[DueRow]) -> dict[UUID, str]:
    """The data of events that was too big to travel with the rows, by event."""
    missing = {row.event_id for row in rows if row.data is None}
    if not missing:
        return {}
    async with runtime.database.begin() as tx:
        found = await read_events(tx, runtime.shards, missing)
    return {event_id: event.data or "{}" for event_id, event in found.items()}


def context_of(
    row: DueRow, profile: Profile, topic: Topic, data: Any, unsubscribe: str | None
) -> dict[str, Any]:
    """What templates see. Plain JSON, so that it can be kept and filled again."""
    return {
        "data": data,
        "recipient": {
            "id": profile.recipient_id,
            "name": profile.name,
            "locale": row.locale or profile.locale,
            "timezone": profile.timezone,
            "attributes": dict(profile.attributes),
        },
        "topic": {"key": topic.key, "title": topic.title, "category": topic.category},
        "event": {
            "id": str(row.event_id),
            "actor": row.actor,
            "created_at": row.created_at.isoformat(),
        },
        "links": {"unsubscribe": unsubscribe},
    }


async def fill_row(
    runtime: Runtime, template: str, context: Mapping[str, Any]
) -> Filled | Exception:
    """One message's content, or why there is none: a `RenderingError`, or a bug of ours."""
    try:
        prepared = await runtime.shelf.template(runtime.database, template)
        if prepared is None:
            return RenderingError([Problem(1, f"template {template} has no live version")])
        content = await fill_within_budget(prepared, context)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - one row's trouble must not be the batch's
        return error
    return Filled(content, template, prepared.version.version, context)


def kept(context: Mapping[str, Any]) -> bytes | None:
    """A context as it is kept beside its delivery; a large one is not."""
    text = json.dumps(context, ensure_ascii=False).encode(errors="replace")
    return zlib.compress(text, 1) if len(text) <= CONTEXT_KEPT_UP_TO else None


def data_of(row: DueRow, bigger: Mapping[UUID, str]) -> Any:
    """A row's data, from the row itself or from its event."""
    return json.loads(row.data if row.data is not None else bigger.get(row.event_id, "{}"))
