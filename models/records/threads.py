"""What was taken back, as values."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Tombstone:
    """That news of a thread was taken back for one recipient.

    Attributes:
        topic: Whose news.
        until: When the event was that took it back; what happened later counts.
    """

    recipient_id: str
    topic: str
    thread: str
    until: datetime

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is about."""
        return self.recipient_id, self.topic, self.thread
