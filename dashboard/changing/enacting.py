"""Letting take effect what was approved, from what was looked at itself."""

from collections.abc import Callable, Mapping
from uuid import UUID

from dashboard.actions import NotAllowedError, RefusedError
from dashboard.changing import ruling, switching
from dashboard.changing.documents import Kept
from delivery.rulebook.writing import as_toml
from models.records import Approval, ApprovalKind

__all__ = ["ENACTED", "NotAllowedError", "RefusedError", "enact"]


def enact(by: UUID, approval: Approval) -> None:
    """Do what was approved, as somebody who may do it; each approval once.

    Raises:
        NotAllowedError: The one who acts may not do it.
        RefusedError: It is not approved (any more), or does not fit what is in force now.
    """
    ENACTED[approval.kind](by, approval)


def _document(kept: Kept) -> Callable[[UUID, Approval], None]:
    def publish(by: UUID, approval: Approval) -> None:
        said = approval.document
        kept.publish(by, as_toml(said["document"]), approval.note, said["base"])

    return publish


def _set(by: UUID, approval: Approval) -> None:
    switching.set_(by, approval.subject, approval.document["reason"])


def _lift(by: UUID, approval: Approval) -> None:
    switching.lift(by, approval.subject)


ENACTED: Mapping[ApprovalKind, Callable[[UUID, Approval], None]] = {
    ApprovalKind.RULES: _document(ruling.RULES),
    ApprovalKind.THRESHOLDS: _document(ruling.THRESHOLDS),
    ApprovalKind.SWITCH: _set,
    ApprovalKind.LIFT: _lift,
}
"""What is done from the page Approvals; everything else is published on its own page."""
