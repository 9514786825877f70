"""What waits for a second pair of eyes, and what was said of it."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from models.queries.configuring.published import Published
from models.query import Answer, Query, count, sql
from models.records import Approval, ApprovalKind, Decision, NewApproval, Remark
from models.states import ApprovalState

THRESHOLDS = Published("approval_thresholds")
_KINDS = {str(kind): kind for kind in ApprovalKind}

_COLUMNS = (
    "approval, kind, subject, team, fingerprint, document, before, weight, needed, note,"
    " requested_by, edited_by, requested_at, state, settled_at, expires_at"
)


def _approval(row: Any) -> Approval:
    values = row._asdict()
    values |= {
        "kind": _KINDS[row.kind],
        "state": ApprovalState(row.state),
        "fingerprint": bytes(row.fingerprint),
    }
    return Approval(**values)


def _approvals(result: Answer) -> list[Approval]:
    return [_approval(row) for row in result]


def _one(result: Answer) -> Approval | None:
    row = result.one_or_none()
    return None if row is None else _approval(row)


def live(kind: ApprovalKind, subject: str) -> Query[Approval | None]:
    """The one ask for a subject that waits or was approved, locked for whoever moves it."""
    return sql(
        f"""
        SELECT {_COLUMNS} FROM approvals
         WHERE kind = :kind AND subject = :subject AND state IN ('waiting', 'approved')
           FOR UPDATE
        """,
        _one,
        kind=kind,
        subject=subject,
    )


def locked(approval: UUID) -> Query[Approval | None]:
    """One ask, locked: of two who decide at once, the second sees what the first did."""
    return sql(
        f"SELECT {_COLUMNS} FROM approvals WHERE approval = :approval FOR UPDATE",
        _one,
        approval=approval,
    )


def team_of(approval: UUID) -> Query[str | None]:
    """Who owns the subject of an ask; `None`: the installation, also where nothing was asked."""
    return sql(
        "SELECT team FROM approvals WHERE approval = :approval",
        lambda result: result.scalar_one_or_none(),
        approval=approval,
    )


def unsettled() -> Query[list[Approval]]:
    """Everything that waits or was approved, the oldest first."""
    return sql(
        f"SELECT {_COLUMNS} FROM approvals WHERE state IN ('waiting', 'approved')"
        " ORDER BY requested_at, approval",
        _approvals,
    )


def settled(limit: int) -> Query[list[Approval]]:
    """What came to an end, the newest asks first."""
    return sql(
        f"SELECT {_COLUMNS} FROM approvals WHERE state NOT IN ('waiting', 'approved')"
        " ORDER BY requested_at DESC, approval LIMIT :limit",
        _approvals,
        limit=limit,
    )


def last(kind: ApprovalKind, subject: str) -> Query[Approval | None]:
    """The newest ask for a subject."""
    return sql(
        f"""
        SELECT {_COLUMNS} FROM approvals WHERE kind = :kind AND subject = :subject
         ORDER BY requested_at DESC LIMIT 1
        """,
        _one,
        kind=kind,
        subject=subject,
    )


def before(approval: Approval) -> Query[Approval | None]:
    """The ask for the same subject before this one."""
    return sql(
        f"""
        SELECT {_COLUMNS} FROM approvals
         WHERE kind = :kind AND subject = :subject AND requested_at < :at
         ORDER BY requested_at DESC LIMIT 1
        """,
        _one,
        kind=approval.kind,
        subject=approval.subject,
        at=approval.requested_at,
    )


def insert(new: NewApproval) -> Query[UUID | None]:
    """Keep an ask; `None` while another one for its subject is live."""
    ask = new.ask
    return sql(
        """
        INSERT INTO approvals (approval, kind, subject, team, fingerprint, document, before,
                               weight, needed, note, requested_by, edited_by, requested_at, state)
        VALUES (gen_random_uuid(), :kind, :subject, :team, :fingerprint,
                CAST(:document AS jsonb), CAST(:before AS jsonb), :weight, :needed, :note,
                :by, :edited_by, :at, 'waiting')
        ON CONFLICT DO NOTHING RETURNING approval
        """,
        lambda result: result.scalar_one_or_none(),
        kind=ask.kind,
        subject=ask.subject,
        team=ask.team,
        fingerprint=new.fingerprint,
        document=json.dumps(ask.document),
        before=None if ask.before is None else json.dumps(ask.before),
        weight=ask.weight,
        needed=new.needed,
        note=new.note,
        by=new.requested_by,
        edited_by=ask.edited_by,
        at=new.requested_at,
    )


def move(
    approval: Approval, after: ApprovalState, now: datetime, expires_at: datetime | None = None
) -> Query[int]:
    """Move an ask on, unless somebody else did; 0 when it is not where it was."""
    return sql(
        """
        UPDATE approvals SET state = :after, settled_at = :now, expires_at = :expires
         WHERE approval = :approval AND state = :before
        """,
        count,
        approval=approval.approval,
        before=approval.state,
        after=after,
        now=now,
        expires=expires_at,
    )


def expire(now: datetime) -> Query[list[Approval]]:
    """End what was approved and not used in time; what ended."""
    return sql(
        f"""
        UPDATE approvals SET state = 'expired', settled_at = expires_at
         WHERE state = 'approved' AND expires_at <= :now
        RETURNING {_COLUMNS}
        """,
        _approvals,
        now=now,
    )


def say(remark: Remark) -> Query[int]:
    """Keep what somebody said; 0 when they decided before."""
    return sql(
        """
        INSERT INTO approval_remarks (remark, approval, at, person, decision, words)
        VALUES (gen_random_uuid(), :approval, :at, :person, :decision, :words)
        ON CONFLICT DO NOTHING
        """,
        count,
        approval=remark.approval,
        at=remark.at,
        person=remark.person,
        decision=remark.decision,
        words=remark.words,
    )


def remarks(approvals: Collection[UUID]) -> Query[list[Remark]]:
    """What was said of some asks, in order."""
    return sql(
        """
        SELECT approval, at, person, decision, words FROM approval_remarks
         WHERE approval = ANY(:approvals) ORDER BY at, remark
        """,
        lambda result: [_remark(row) for row in result],
        approvals=list(approvals),
    )


def _remark(row: Any) -> Remark:
    decision = None if row.decision is None else Decision(row.decision)
    return Remark(row.approval, row.at, row.person, decision, row.words)
