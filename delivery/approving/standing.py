"""How an ask stands at a moment."""

from datetime import datetime

from models.records import Approval
from models.states import ApprovalState

EXPIRED = "expired"
"""Approved once, but too long ago: it is asked for anew."""


def is_usable(approval: Approval, now: datetime) -> bool:
    """Whether what was approved may take effect."""
    expires = approval.expires_at
    return approval.state is ApprovalState.APPROVED and expires is not None and now < expires


def standing(approval: Approval, now: datetime) -> str:
    """Its state, or that it expired."""
    stale = approval.state is ApprovalState.APPROVED and not is_usable(approval, now)
    return EXPIRED if stale else approval.state
