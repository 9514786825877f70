"""What needs approval in the console needs it here: nobody approves by a key."""

from dataclasses import dataclass
from datetime import datetime

from delivery.api.problems import Kind, ProblemError
from delivery.approving import covers, in_force, is_usable, needed
from models.database import Transaction
from models.people import AuditEntry
from models.queries.campaigns.orders import By
from models.queries.configuring import approvals
from models.queries.console import people
from models.records import Approval, Ask, Decision
from models.states import ApprovalState


@dataclass(frozen=True, slots=True)
class Case:
    """How something that is about to take effect stands.

    Attributes:
        wanted: How many have to approve it.
        live: What was asked for its subject last, be it this or something else.
        since: When just this was asked for; `None`: nobody asked, or it is decided.
        gave: How many approved just this, and not too long ago.
    """

    ask: Ask
    wanted: int
    live: Approval | None
    since: datetime | None
    gave: int

    @property
    def lacks(self) -> bool:
        """Whether somebody has to look first."""
        return self.gave < self.wanted

    def problem(self) -> ProblemError:
        """That somebody has to."""
        said = f"{self.wanted} have to approve it, {self.gave} did."
        return ProblemError(Kind.APPROVAL_NEEDED, said)


async def case_of(tx: Transaction, ask: Ask, now: datetime) -> Case:
    """How an ask stands.

    Raises:
        ThresholdsError: What needs approval cannot be read.
    """
    wanted = needed(ask, in_force(await tx.run(approvals.THRESHOLDS.newest(1))))
    live = await tx.run(approvals.live(ask.kind, ask.subject))
    if live is None or not covers(live, ask):
        return Case(ask, wanted, live, None, 0)
    since = live.requested_at if live.state is ApprovalState.WAITING else None
    return Case(ask, wanted, live, since, await _gave(tx, live, now))


async def _gave(tx: Transaction, live: Approval, now: datetime) -> int:
    if not is_usable(live, now):
        return 0
    said = await tx.run(approvals.remarks([live.approval]))
    return len({one.person for one in said if one.decision is Decision.APPROVED})


async def use(tx: Transaction, case: Case, by: By) -> None:
    """Use up what was approved, as it takes effect; what was asked otherwise ends."""
    if case.live is None:
        return
    after = ApprovalState.USED if case.gave else ApprovalState.VOID
    await tx.run(approvals.move(case.live, after, by.now))
    if case.gave:
        told = {"approval": str(case.live.approval)}
        subject = f"{case.ask.kind} {case.ask.subject}"
        await tx.run(
            people.write_audit(AuditEntry(by.now, by.who, "used an approval", subject, told))
        )


async def require(tx: Transaction, ask: Ask, by: By) -> None:
    """Go on only if this needs no approval, or has it; uses that up.

    Raises:
        ProblemError: It has not.
        ThresholdsError: What needs approval cannot be read.
    """
    case = await case_of(tx, ask, by.now)
    if case.lacks:
        raise case.problem()
    await use(tx, case, by)
