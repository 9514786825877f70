"""What somebody does in one transaction, and the audit entries that go with it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

from models.database import SyncTransaction
from models.people import AuditEntry
from models.queries.console import people


@dataclass(frozen=True, slots=True)
class Noting(ABC):
    """A transaction in somebody's name, and when it began."""

    tx: SyncTransaction
    now: datetime

    @property
    @abstractmethod
    def actor(self) -> str:
        """Who acts, as the audit calls them."""

    def note(
        self,
        action: str,
        subject: str,
        *,
        before: object = None,
        after: object = None,
        why: str = "",
        **detail: object,
    ) -> None:
        """Write what is being done into the audit."""
        entry = AuditEntry(self.now, self.actor, action, subject, detail, before, after, why)
        self.tx.run(people.write_audit(entry))
