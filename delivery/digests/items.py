"""What templates see of the news that goes together. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from models.records import DueRow, Json

MOST = 200
"""Items a template sees at most: the first ones and the newest. The count counts them all."""


def told(rows: Sequence[DueRow], bigger: Mapping[UUID, str]) -> dict[str, Any]:
    """The collected part of a fill context.

    Args:
        rows: What is collected, in any order.
        bigger: By event, the data that was too big to travel with its rows.
    """
    texts = {row.delivery_id: row.data or bigger.get(row.event_id, "{}") for row in rows}
    # What was written in one transaction has one moment: its text decides, the same each time.
    ordered = sorted(rows, key=lambda r: (r.created_at, texts[r.delivery_id], r.delivery_id))
    shown = ordered if len(ordered) <= MOST else [*ordered[: MOST - 1], ordered[-1]]
    items = [
        item(json.loads(texts[row.delivery_id]), row.actor, row.created_at.isoformat())
        for row in shown
    ]
    return {"data": items[-1]["data"], **counted(items, len(ordered))}


def item(data: Any, actor: str | None, created_at: str | None) -> dict[str, Any]:
    """One piece of news, as templates see it."""
    return {"data": data, "actor": actor, "created_at": created_at}


def counted(items: Sequence[Json], count: int) -> dict[str, Any]:
    """The items with what can be counted of them; those with no actor have none."""
    actors = dict.fromkeys(each["actor"] for each in items if each["actor"] is not None)
    return {
        "items": list(items),
        "count": count,
        "others": count - 1,
        "actors": list(actors),
    }


def alone(context: Json) -> dict[str, Any]:
    """What comes alone, as a digest of one: the same templates serve both."""
    event = context.get("event") or {}
    one = item(context.get("data"), event.get("actor"), event.get("created_at"))
    return counted([one], 1)
