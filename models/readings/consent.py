"""What is known of somebody's consent, as people read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from models.readings.suppressions import SuppressionChange, SuppressionLine
from models.records import Facts, Topic


@dataclass(frozen=True, slots=True)
class ChoiceChange:
    """One change of a recipient's choices; `allowed` is `None` where one was taken back."""

    at: datetime
    category: str
    channel: str
    allowed: bool | None
    until: datetime | None
    changed_by: str
    via: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What counts for one recipient and how it came to that, the newest changes first.

    Attributes:
        facts: Everything that counts when their preferences are merged, without addresses.
        suppressions: Of their addresses, also those that are over.
    """

    facts: Facts
    topics: Mapping[str, Topic]
    changes: tuple[ChoiceChange, ...]
    suppressions: tuple[SuppressionLine, ...]
    suppression_changes: tuple[SuppressionChange, ...]
