"""Forgetting an audience, with all that hangs on it."""

from datetime import datetime

from models.queries.audiences.catalog import remove
from models.queries.audiences.listing import forget, there
from models.queries.configuring import approvals
from models.query import Story
from models.records import Approval, ApprovalKind
from models.states import ApprovalState


def forgotten(key: str, now: datetime) -> Story[None]:
    """Its versions and lists go, and what was asked for it ends; the caller holds the lock."""
    asked: Approval | None = yield approvals.live(ApprovalKind.AUDIENCE, key)
    if asked is not None:
        yield approvals.move(asked, ApprovalState.VOID, now)
    lists: list[int] = yield from there(key)
    yield forget(key, lists)
    yield from remove(key)
