"""What commands change without the approval that the console would wait for."""

from delivery.approving import ThresholdsError, in_force, needed
from models.database import SyncTransaction
from models.queries.configuring import approvals
from models.records import Ask
from scheduler.commands.session import Acting


def go_past(act: Acting, ask: Ask, had: Ask | None = None) -> None:
    """Tell the audit where approval would have been needed.

    Whoever has the shell may write the tables too, and needs no second person in an emergency.

    Args:
        act: Where it is done.
        ask: What takes effect.
        had: What was in force; where it took as many approvals, nothing is gone past.
    """
    if _would_wait(act.tx, ask, had):
        act.note("went past approvals", f"{ask.kind} {ask.subject}", why="By a command.")


def _would_wait(tx: SyncTransaction, ask: Ask, had: Ask | None) -> bool:
    try:
        rules = in_force(tx.run(approvals.THRESHOLDS.newest(1)))
        return needed(ask, rules) > (needed(had, rules) if had else 0)
    except ThresholdsError:
        return True
