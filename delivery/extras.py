"""What an event's mails carry besides their words, as it travels from the event to the wire. Pure.

Kept as JSON beside the event and each of its deliveries by mail; nothing of it: null.
"""

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Extras:
    """What one mail carries.

    Attributes:
        reply_to: Jinja; the mailbox that answers go to, instead of its topic's.
        attachments: Jinja each; keys of files, besides those of its topic.
    """

    reply_to: str | None = None
    attachments: tuple[str, ...] = ()


NOTHING = Extras()


def written(extras: Extras) -> str | None:
    """As JSON text; `None` where it is nothing."""
    said = {"reply_to": extras.reply_to, "attachments": extras.attachments}
    kept = {name: value for name, value in said.items() if value}
    return json.dumps(kept) if kept else None


def read(text: str | None) -> Extras:
    """What `written` wrote."""
    if text is None:
        return NOTHING
    said = json.loads(text)
    return Extras(said.get("reply_to"), tuple(said.get("attachments", ())))
