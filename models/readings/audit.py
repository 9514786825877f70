"""The audit as people read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One entry; `models.people.AuditEntry` says what its parts mean.

    Attributes:
        redacted_at: When an erasure took a person out of it.
    """

    audit_id: UUID
    at: datetime
    actor: str
    action: str
    subject: str
    why: str
    before: Any
    after: Any
    detail: dict[str, Any]
    redacted_at: datetime | None
