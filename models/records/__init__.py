"""Frozen values that cross the border between `models` and the other packages."""

from models.records.catalog import (
    PRIORITIES,
    Account,
    Catalog,
    Class,
    OnDoubt,
    Source,
    Step,
    TemplateVersion,
    Topic,
)
from models.records.controls import (
    AccountLimit,
    Breaker,
    BreakerState,
    Pace,
    Switch,
    Traffic,
)
from models.records.deliveries import (
    DueRow,
    Move,
    NewDelivery,
    Requeued,
    Settled,
    Settlement,
    Tried,
)
from models.records.events import Chunk, Duplicate, Key, NewEvent, OutboxRow, StoredEvent
from models.records.recipients import Facts, FeedItem, Json, Profile, Reachable

__all__ = [
    "PRIORITIES",
    "Account",
    "AccountLimit",
    "Breaker",
    "BreakerState",
    "Catalog",
    "Chunk",
    "Class",
    "DueRow",
    "Duplicate",
    "Facts",
    "FeedItem",
    "Json",
    "Key",
    "Move",
    "NewDelivery",
    "NewEvent",
    "OnDoubt",
    "OutboxRow",
    "Pace",
    "Profile",
    "Reachable",
    "Requeued",
    "Settled",
    "Settlement",
    "Source",
    "Step",
    "StoredEvent",
    "Switch",
    "TemplateVersion",
    "Topic",
    "Traffic",
    "Tried",
]
