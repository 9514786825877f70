"""Filling templates for due rows: data, context, content; what cannot be filled is a value."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from delivery.contexts import context, person
from delivery.digests.items import told
from delivery.errors import Problem, RenderingError
from delivery.messages import Content
from models.database import DatabaseError
from models.ids import place_of
from models.queries.sending import digested
from models.records import DueRow, Json, Profile, Topic
from scheduler.known.shards import read_events
from scheduler.runtime import Runtime
from scheduler.sending.budget import fill_within_budget


@dataclass(frozen=True, slots=True)
class Filled:
    """Content, and what it was made of."""

    content: Content
    template: str
    version: int
    context: Mapping[str, Any]


Said = tuple[str, int | None]
"""A template, and the version that a campaign chose; `None`: the one that is live."""


@dataclass(frozen=True, slots=True)
class Material:
    """What rows do not carry themselves.

    Attributes:
        data: By event, its data that was too big to travel with the rows.
        digests: By digest, what its message tells.
    """

    data: Mapping[UUID, str]
    digests: Mapping[UUID, Mapping[str, Any]]


async def gather(runtime: Runtime, rows: Sequence[DueRow]) -> Material:
    """Read what these rows are to tell and do not carry."""
    wanted = {row.event_id for row in rows if row.digest}
    held = await _members(runtime, wanted) if wanted else {}
    members = [row for some in held.values() for row in some]
    data = await _event_data(runtime, [row for row in (*rows, *members) if not row.digest])
    return Material(data, {digest: told(some, data) for digest, some in held.items()})


async def _members(runtime: Runtime, wanted: Collection[UUID]) -> dict[UUID, list[DueRow]]:
    """What digests hold, by digest."""
    found: dict[UUID, list[DueRow]] = {}
    for together in runtime.shards.group(wanted, lambda digest: place_of(digest).bucket):
        for member in await runtime.database.run(digested.members(together)):
            found.setdefault(member.digest_id, []).append(member.row)
    return found


async def _event_data(runtime: Runtime, rows: Sequence[DueRow]) -> dict[UUID, str]:
    missing = {row.event_id for row in rows if row.data is None}
    if not missing:
        return {}
    async with runtime.database.begin() as tx:
        found = await read_events(tx, runtime.shards, missing)
    return {event_id: event.data or "{}" for event_id, event in found.items()}


def context_of(
    row: DueRow, profile: Profile, topic: Topic, news: Json, links: Json
) -> dict[str, Any]:
    """What templates see, with the news itself."""
    recipient = person(profile, row.locale)
    event = {
        "id": str(row.event_id),
        "actor": row.actor,
        "created_at": row.created_at.isoformat(),
    }
    return context(news, recipient, (topic.key, topic.title, topic.category), event, links)


async def fill_row(
    runtime: Runtime, said: Said, context: Mapping[str, Any], *, mark: bool = False
) -> Filled | Exception:
    """One message's content, or why there is none: a `RenderingError`, or a bug of ours.

    The language it was written in is kept with what it was filled with, as `locale`. With `mark`
    its links are marked, to be counted.
    """
    template, version = said
    try:
        wanted = context["recipient"]["locale"]
        prepared = await runtime.shelf.template(
            runtime.database, template, wanted, version, mark=mark
        )
        if prepared is None:
            return RenderingError([Problem(1, f"template {template} has no live version")])
        context = {**context, "locale": prepared.version.locale}
        content = await fill_within_budget(prepared, context)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - one row's trouble must not be the batch's
        return error
    return Filled(content, template, prepared.version.version, context)


def news_of(row: DueRow, material: Material) -> Json:
    """What a row tells: its own data, its event's, or all that its digest holds."""
    if row.digest:
        return material.digests[row.event_id]
    data = row.data if row.data is not None else material.data.get(row.event_id, "{}")
    return {"data": json.loads(data)}
