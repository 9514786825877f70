"""Asking for approval in tests, and what became of it."""

from typing import Any
from uuid import UUID

from streamlit.testing.v1 import AppTest

from dashboard import data
from dashboard.access import Permission
from dashboard.actions import acting
from dashboard.changing import approving, ruling
from delivery.rulebook.writing import as_toml
from models.queries.configuring import approvals
from models.records import Approval, Ask

NIGHTS = '[[quiet_hours]]\nkey = "nights"\nquiet = ["daily 22:00-07:00"]\n'
LATER = NIGHTS.replace("22:00", "23:00")
STRICT: dict[str, Any] = {
    "lasts": "7 days",
    "thresholds": [
        {"kind": kind, "approvers": 1} for kind in ("switch", "lift", "rules", "template")
    ]
    + [{"kind": "campaign", "over": 100, "approvers": 2}],
}


def one(approval: UUID) -> Approval:
    with data.database().begin() as tx:
        found = tx.run(approvals.locked(approval))
    assert found is not None
    return found


def strict(admin: UUID) -> None:
    """Everything of this test needs approval."""
    ruling.THRESHOLDS.publish(admin, as_toml(STRICT), "strict", 0)


def use(by: UUID, ask: Ask) -> None:
    """Publish something, as parts that know no more of approvals do."""
    with acting(by, Permission.SEE_TEMPLATES, ask.team) as act:
        approving.require(act, ask)


def ask_for(by: UUID, ask: Ask) -> UUID:
    with acting(by, Permission.SEE_TEMPLATES, ask.team) as act:
        return approving.ask_for(act, ask, "why")


def audit() -> list[tuple[str, str]]:
    """What was done, in order; of one moment by name."""
    found = sorted(data.audit(), key=lambda entry: (entry.at, entry.action))
    return [(entry.action, entry.subject) for entry in found]


def told(at: AppTest) -> str:
    kinds = ("markdown", "caption", "error", "code")
    return "\n".join(str(each.value) for kind in kinds for each in at.get(kind)).replace("\\", "")
