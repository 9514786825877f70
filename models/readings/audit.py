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


@dataclass(frozen=True, slots=True)
class AuditWanted:
    """Which entries; `None`: whatever it is.

    Attributes:
        words: Somewhere in the entry, in any case.
        veiled: Words are looked for with addresses masked, for who may not see them: else a search
            would tell them letter by letter.
        until: Up to this moment, which is left out.
        below: The last entry of the page before.
    """

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    words: str | None = None
    veiled: bool = False
    since: datetime | None = None
    until: datetime | None = None
    below: tuple[datetime, UUID] | None = None
    limit: int = 50
