"""What people say of what was asked: approve it, return it, comment on it, take it back."""

from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import Acting, NotAllowedError, RefusedError, acting
from dashboard.changing import notices
from dashboard.changing.approving import may_approve, subject_of, thresholds, worded
from delivery.approving import objection
from models.queries.configuring import approvals
from models.records import Approval, Decision, Remark
from models.states import UNSETTLED, ApprovalState

__all__ = ["NotAllowedError", "RefusedError", "comment", "decide", "withdraw"]


def decide(by: UUID, approval: UUID, decision: Decision, words: str) -> ApprovalState:
    """Approve what somebody asked for, or return it.

    Returns:
        How it stands now: it still waits where more people have to look.

    Raises:
        NotAllowedError: The one who acts may not approve for the team that owns it.
        RefusedError: It is theirs, somebody was faster, or it is returned without a word.
    """
    words = worded(words)
    if decision is Decision.RETURNED and not words:
        raise RefusedError("Say what is to be changed: whoever asked reads it.")
    with acting(by, Permission.APPROVE, approvals.team_of(approval)) as act:
        found = _locked(act, approval, frozenset({ApprovalState.WAITING}))
        said = act.tx.run(approvals.remarks([approval]))
        if (reason := objection(act.by, found, said)) is not None:
            raise RefusedError(reason)
        _say(act, found, decision, words)
        gave = sum(one.decision is Decision.APPROVED for one in said) + 1
        after = _after(decision, gave, found)
        if after is not ApprovalState.WAITING:
            _settle(act, found, after, words)
    return after


def _after(decision: Decision, gave: int, found: Approval) -> ApprovalState:
    if decision is Decision.RETURNED:
        return ApprovalState.RETURNED
    return ApprovalState.APPROVED if gave >= found.needed else ApprovalState.WAITING


def _settle(act: Acting, found: Approval, after: ApprovalState, words: str) -> None:
    approved = after is ApprovalState.APPROVED
    expires = act.now + thresholds(act.tx).lasts if approved else None
    act.tx.run(approvals.move(found, after, act.now, expires))
    notices.decided(act, found, after, words)


def comment(by: UUID, approval: UUID, words: str) -> None:
    """Say something about what is asked, deciding nothing.

    Raises:
        NotAllowedError: The one who acts neither asked for it nor may approve it.
        RefusedError: It says nothing, or what was asked came to an end.
    """
    if not (words := worded(words)):
        raise RefusedError("Write something.")
    with acting(by, Permission.SEE, approvals.team_of(approval)) as act:
        found = _locked(act, approval, UNSETTLED)
        if found.requested_by != by and not may_approve(found.team)(act.by):
            raise NotAllowedError("Here write those who asked and those who may approve.")
        _say(act, found, None, words)


def withdraw(by: UUID, approval: UUID) -> None:
    """Take back what one asked for.

    Raises:
        NotAllowedError: The one who acts has no access (any more).
        RefusedError: Somebody else asked for it, or it came to an end.
    """
    with acting(by, Permission.SEE, approvals.team_of(approval)) as act:
        found = _locked(act, approval, UNSETTLED)
        if found.requested_by != by:
            raise RefusedError("Only who asked for it may withdraw it.")
        act.tx.run(approvals.move(found, ApprovalState.VOID, act.now))
        act.note("withdrew what was asked", subject_of(found), approval=str(approval))


def _locked(act: Acting, approval: UUID, states: frozenset[ApprovalState]) -> Approval:
    found = act.tx.run(approvals.locked(approval))
    if found is None:
        raise RefusedError("Nothing like this was asked.")
    if found.state not in states:
        raise RefusedError(f"Somebody was faster: it is {found.state} now.")
    return found


def _say(act: Acting, found: Approval, decision: Decision | None, words: str) -> None:
    remark = Remark(found.approval, act.now, act.by.person, decision, words)
    act.tx.run(approvals.say(remark))
    did = "commented on" if decision is None else decision
    said = f"{did} what was asked"
    act.note(said, subject_of(found), why=remark.words, approval=str(found.approval))
