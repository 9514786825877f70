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
from models.records.ledger import Ledger, Stamp
from models.records.recipients import Facts, FeedItem, Json, Profile, Reachable
from models.records.rulebook import Cap, Picks, QuietHours, Rulebook, StoredRulebook, Zones

__all__ = [
    "PRIORITIES",
    "Account",
    "AccountLimit",
    "Breaker",
    "BreakerState",
    "Cap",
    "Catalog",
    "Chunk",
    "Class",
    "DueRow",
    "Duplicate",
    "Facts",
    "FeedItem",
    "Json",
    "Key",
    "Ledger",
    "Move",
    "NewDelivery",
    "NewEvent",
    "OnDoubt",
    "OutboxRow",
    "Pace",
    "Picks",
    "Profile",
    "QuietHours",
    "Reachable",
    "Requeued",
    "Rulebook",
    "Settled",
    "Settlement",
    "Source",
    "Stamp",
    "Step",
    "StoredEvent",
    "StoredRulebook",
    "Switch",
    "TemplateVersion",
    "Topic",
    "Traffic",
    "Tried",
    "Zones",
]
