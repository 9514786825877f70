"""What commands change without the approval that the console would wait for."""

from delivery.approving import ThresholdsError, in_force, needed
from models.database import SyncTransaction
from models.queries.configuring import approvals
from models.records import Ask
from scheduler.commands.session import Acting


def go_past(act: Acting, ask: Ask) -> None:
    """Tell the audit where approval would have been needed.

    Whoever has the shell may write the tables too, and needs no second person in an emergency.
    """
    if _would_wait(act.tx, ask):
        act.note("went past approvals", f"{ask.kind} {ask.subject}", why="By a command.")


def _would_wait(tx: SyncTransaction, ask: Ask) -> bool:
    try:
        return needed(ask, in_force(tx.run(approvals.THRESHOLDS.newest(1)))) > 0
    except ThresholdsError:
        return True
