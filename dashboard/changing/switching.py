"""Stopping something now, and letting it go again."""

from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import NotAllowedError, RefusedError, acting
from dashboard.changing import approving
from dashboard.data import database
from delivery.roads.switches import read_target
from models.database import SyncTransaction
from models.people import Person
from models.queries.configuring import controls
from models.records import ApprovalKind, Ask, Switch

__all__ = ["NotAllowedError", "RefusedError", "ask_to_lift", "ask_to_set", "lift", "set_"]


def set_(by: UUID, name: str, reason: str) -> None:
    """Stop something now; setting a switch again changes its reason.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It names nothing, gives no reason, or needs approval.
    """
    with acting(by, Permission.STOP) as act:
        ask = _setting(name, reason)
        approving.require(act, ask)
        switch = Switch(ask.subject, str(ask.document["reason"]), act.by.email, act.now)
        act.tx.run(controls.set_switch(switch))
        act.note("set a kill switch", ask.subject, why=switch.reason)


def ask_to_set(by: UUID, name: str, reason: str) -> UUID:
    """Ask for approval to stop something.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It names nothing, gives no reason, or needs no approval.
    """
    with acting(by, Permission.STOP) as act:
        return approving.ask_for(act, _setting(name, reason), reason)


def _setting(name: str, reason: str) -> Ask:
    try:
        target = str(read_target(name))
    except ValueError as error:
        raise RefusedError(str(error)) from None
    if not reason.strip():
        raise RefusedError("Give a reason: others will read it.")
    return Ask(ApprovalKind.SWITCH, target, {"switch": target, "reason": reason.strip()})


def lift(by: UUID, name: str) -> None:
    """Let go what a switch holds.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It is not on any more, or that needs approval.
    """
    with acting(by, Permission.STOP) as act:
        approving.require(act, _lifting(act.tx, name))
        act.tx.run(controls.lift_switch(name))
        act.note("lifted a kill switch", name)


def ask_to_lift(by: UUID, name: str, note: str) -> UUID:
    """Ask for approval to let go what a switch holds.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It is not on any more, there is no note, or it needs no approval.
    """
    with acting(by, Permission.STOP) as act:
        return approving.ask_for(act, _lifting(act.tx, name), note)


def needs_approval(by: Person, name: str) -> bool:
    """Whether somebody else has to look before a switch is lifted."""
    with database().begin() as tx:
        ask = _lifting(tx, name)
    return approving.is_needed(by, ask)


def _lifting(tx: SyncTransaction, name: str) -> Ask:
    """Just this setting of a switch: one that is set anew is approved anew."""
    on = next((one for one in tx.run(controls.switches()) if one.name == name), None)
    if on is None:
        raise RefusedError("Somebody was faster: it is lifted already.")
    said = {"switch": name, "reason": on.reason, "set_by": on.set_by}
    said["set_at"] = on.set_at.isoformat()
    return Ask(ApprovalKind.LIFT, name, said)
