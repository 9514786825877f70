"""What somebody else has to look at before it takes effect, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.reasons import Explained
from models.records.catalog import Class
from models.states import ApprovalState


class ApprovalKind(Explained):
    """What may need approval; the sentence is what takes effect."""

    TEMPLATE = "template", "Publish a template"
    RULES = "rules", "Publish caps and quiet hours"
    SWITCH = "switch", "Set a kill switch"
    LIFT = "lift", "Lift a kill switch"
    AUDIENCE = "audience", "Save an audience"
    CAMPAIGN = "campaign", "Launch a campaign"
    THRESHOLDS = "thresholds", "Change what needs approval"


class Decision(StrEnum):
    """What a reviewer says of it."""

    APPROVED = "approved"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Ask:
    """What is about to take effect.

    Attributes:
        subject: What it is about: a template's key, a switch's name.
        document: All that a reviewer looks at and that must not change after, as JSON.
        weight: How many people it reaches, where that is known.
        team: Who owns the subject; `None`: the installation.
        classes: Of the topics it concerns; empty: it may concern any.
        before: The same of what is in force now; `None` where there is nothing yet.
        edited_by: The e-mail address of whoever changed it last, where that is kept.
    """

    kind: ApprovalKind
    subject: str
    document: Mapping[str, Any]
    weight: int = 0
    team: str | None = None
    classes: frozenset[Class] = field(default_factory=frozenset)
    before: Mapping[str, Any] | None = None
    edited_by: str | None = None


@dataclass(frozen=True, slots=True)
class NewApproval:
    """An ask to be kept.

    Attributes:
        fingerprint: Of kind and document: what an approval is bound to.
        needed: How many approvals it waits for.
    """

    ask: Ask
    fingerprint: bytes
    needed: int
    note: str
    requested_by: UUID
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class Approval:
    """An ask as it is kept, and how it stands.

    Attributes:
        settled_at: When it left its last state.
        expires_at: Until when an approved one can be used.
    """

    approval: UUID
    kind: ApprovalKind
    subject: str
    team: str | None
    fingerprint: bytes
    document: dict[str, Any]
    before: dict[str, Any] | None
    weight: int
    needed: int
    note: str
    requested_by: UUID
    edited_by: str | None
    requested_at: datetime
    state: ApprovalState
    settled_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody said of an ask.

    Attributes:
        decision: `None` for a comment alone.
    """

    approval: UUID
    at: datetime
    person: UUID
    decision: Decision | None
    words: str
