"""A mail as it goes on the wire, composed by what composes every mail; ids are placeholders. Pure.

No key of the installation is used: what is shown cannot be used as a link, or as a return path.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from delivery.channels.email import compose
from delivery.envelopes import domain_of
from delivery.messages import Content, Envelope

_NOBODY = UUID(int=0)
EXAMPLE_ADDRESS = "recipient@example.com"


def raw(content: Content, context: Mapping[str, Any], sender: str) -> str:
    """The octets of a mail as text.

    Args:
        content: What was filled.
        context: What it was filled with.
        sender: The From mailbox.

    Raises:
        ComposingError: A link of the context cannot be written into a header.
        ValueError: `sender` is not a mailbox.
    """
    domain, links, topic = domain_of(sender), context["links"], context["topic"]
    envelope = Envelope(
        delivery_id=_NOBODY,
        message_id=f"{_NOBODY}@{domain}",
        sender=sender,
        return_path=f"bounces@{domain}",
        date=datetime.fromisoformat(context["event"]["created_at"]),
        topic=topic["key"],
        category=topic["category"],
        recipient_name=context["recipient"].get("name"),
        unsubscribe_url=links.get("unsubscribe"),
        preferences_url=links.get("preferences"),
    )
    return compose(content, EXAMPLE_ADDRESS, envelope).payload.decode()
