"""What a message was filled with, as it is kept beside its delivery. Pure.

Small ones are kept whole. Of a large one the news itself is left out: it still stands in the rows
of its event or of its digest, from which it is put in again.
"""

import json
import zlib
from typing import Any

from models.records import Json, Profile

KEPT_UP_TO = 4096
"""Bytes of JSON that are kept with a delivery."""
NEWS = frozenset({"data", "items", "count", "others", "actors"})
"""What a context says of the news itself; the rest is about recipient, topic and event."""
NO_LINKS: Json = {"unsubscribe": None, "preferences": None, "browser": None}
"""What templates of the feed see: the product around it has a page of its own."""
_MOST = 1 << 20
"""Bytes a kept context may unpack to."""


def packed(context: Json) -> bytes | None:
    """A context as it is kept; `None` where even what it says beside the news is too large."""
    rest = {name: value for name, value in context.items() if name not in NEWS}
    for said in (context, rest):
        text = json.dumps(said, ensure_ascii=False).encode(errors="replace")
        if len(text) <= KEPT_UP_TO:
            return zlib.compress(text, 1)
    return None


def unpacked(kept: bytes) -> dict[str, Any]:
    """The context that was kept."""
    context: dict[str, Any] = json.loads(zlib.decompressobj().decompress(kept, _MOST))
    return context


def lacks_news(context: Json) -> bool:
    """Whether the news was left out."""
    return "data" not in context


def person(profile: Profile, locale: str | None = None) -> dict[str, Any]:
    """A recipient as templates see them; an event may say another language for its own."""
    return {
        "id": profile.recipient_id,
        "name": profile.name,
        "locale": locale or profile.locale,
        "timezone": profile.timezone,
        "attributes": dict(profile.attributes),
    }


def context(
    news: Json, recipient: Json, topic: tuple[str, str, str], event: Json, links: Json
) -> dict[str, Any]:
    """What templates see. Plain JSON: it is kept and filled again.

    Args:
        news: `data`, and of a digest also `items`, `count`, `others` and `actors`.
        recipient: `id`, `name`, `locale`, `timezone`, `attributes`.
        topic: Its key, title and category.
        event: `id`, `actor`, `created_at`.
        links: `unsubscribe`, `preferences` and `browser`; null where there are none.
    """
    key, title, category = topic
    return {
        **news,
        "recipient": dict(recipient),
        "topic": {"key": key, "title": title, "category": category},
        "event": dict(event),
        "links": dict(links),
    }
