"""What people and troubles forbid for now, as values."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Switch:
    """A kill switch that is on; `name` is `all`, `class:…`, `topic:…`, `account:…` and so on."""

    name: str
    reason: str
    set_by: str
    set_at: datetime
