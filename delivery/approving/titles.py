"""What an ask is called where people read of it."""

from models.records import ApprovalKind

WHOLE = "installation"
"""The subject of what there is once for the whole installation."""


def title(kind: ApprovalKind, subject: str) -> str:
    """What would take effect: `Publish a template: welcome`."""
    return kind.sentence if subject == WHOLE else f"{kind.sentence}: {subject}"
