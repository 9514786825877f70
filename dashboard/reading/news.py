"""The news that was too large to be kept with a message, from the rows it still stands in."""

from typing import Any

from delivery.contexts import lacks_news, unpacked
from delivery.digests.items import told
from models.database import SyncTransaction
from models.queries.sending import digested
from models.readings.deliveries import Delivery
from models.readings.events import Event


def left_out(tx: SyncTransaction, delivery: Delivery, event: Event | None) -> dict[str, Any] | None:
    """What a message told of; `None` where it was kept with it, or its rows are gone."""
    if delivery.context is None or not lacks_news(unpacked(bytes(delivery.context))):
        return None
    if event is not None:
        return None if event.data is None else {"data": event.data}
    held = tx.follow(digested.news(delivery.event_id))
    return None if held is None else told(*held)
