"""Digests that collect, and the deliveries they hold, as values."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.records.catalog import Class
from models.records.deliveries import DueRow
from models.records.digest_rules import DigestKind

Group = tuple[str, str, str]
"""Topic, step, and the hash of what the events of one digest have in common."""


@dataclass(frozen=True, slots=True)
class OpenDigest:
    """A digest that still collects, as it stands after its newest event.

    Attributes:
        digest_id: Made of `kind`, `opened_by` and `opened_at`; it names the bucket.
        grouped: Hash of what its events have in common.
        opened_by: The delivery that opened it: its first, or the one that went at once.
        closes_at: When it is due, as far as is known now.
        latest_at: It closes no later than this.
        members: How many deliveries it holds.
    """

    digest_id: UUID
    bucket: int
    recipient_id: str
    topic: str
    klass: Class
    channel: str
    step: str
    grouped: str
    kind: DigestKind
    tenant: str | None
    test: bool
    opened_by: UUID
    opened_at: datetime
    closes_at: datetime
    latest_at: datetime
    members: int = 0

    @property
    def group(self) -> Group:
        """What it collects: of each there is at most one open."""
        return self.topic, self.step, self.grouped


@dataclass(frozen=True, slots=True)
class Member:
    """A delivery that waits in a digest, as the queue row it was."""

    digest_id: UUID
    row: DueRow
