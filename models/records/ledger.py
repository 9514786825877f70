"""What is remembered of a recipient while one decides for them, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Stamp:
    """A slot: which delivery took it, and when."""

    at: datetime
    delivery_id: UUID


@dataclass(frozen=True, slots=True)
class Ledger:
    """A recipient's ledger row.

    Attributes:
        seq: Position of the newest feed item.
        change: Number of the newest change of the feed.
        slots: Counter to the slots taken in it, the oldest first.
        said: What was said lately; read and written by `delivery/limits/sameness.py`.
    """

    seq: int = 0
    change: int = 0
    slots: Mapping[str, tuple[Stamp, ...]] = field(default_factory=dict)
    said: bytes = b""
