"""Suppressed addresses, as people read them."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SuppressionLine:
    """One suppression; channel and category are `*` for all of them."""

    channel: str
    address: str
    category: str
    reason: str
    source: str
    expires_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SuppressionChange:
    """One change of a suppression; of a lifted one, `source` lifted it and `reason` says why."""

    at: datetime
    change: str
    channel: str
    address: str
    category: str
    reason: str
    source: str
    expires_at: datetime | None
