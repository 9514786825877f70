"""How an ask stands at a moment."""

from datetime import datetime

from models.records import Approval
from models.states import ApprovalState


def is_usable(approval: Approval, now: datetime) -> bool:
    """Whether what was approved may take effect."""
    expires = approval.expires_at
    return approval.state is ApprovalState.APPROVED and expires is not None and now < expires


def standing(approval: Approval, now: datetime) -> ApprovalState:
    """Its state; expired also where upkeep has not come by yet."""
    stale = approval.state is ApprovalState.APPROVED and not is_usable(approval, now)
    return ApprovalState.EXPIRED if stale else approval.state
