"""What takes effect only after somebody else looked at it: asking, and using what was approved.

Whoever publishes calls `require` in the transaction that publishes. An approval is bound to the
fingerprint of what was looked at, is used once, and ends when anything else is asked or published.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dashboard import access
from dashboard.access import Permission
from dashboard.actions import Acting, RefusedError
from dashboard.changing import notices
from dashboard.data import database
from delivery.approving import (
    Thresholds,
    ThresholdsError,
    covers,
    fingerprint,
    in_force,
    is_enough,
    is_usable,
    needed,
    others,
)
from models.database import SyncTransaction
from models.people import Person
from models.queries.configuring import approvals
from models.queries.console import people
from models.records import Approval, Ask, Decision, NewApproval
from models.states import ApprovalState
from models.storable import storable

LONGEST = 2000
"""Characters of a note or a comment."""


class ApprovalNeededError(RefusedError):
    """Somebody else has to look at it first."""


@dataclass(frozen=True, slots=True)
class _Case:
    """How something that is about to take effect stands.

    Attributes:
        wanted: How many have to approve it.
        live: What is asked or was approved for its subject, be it this or something else.
        same: That is just this.
        able: Who else may approve it.
        gave: Who approved just this, and not too long ago.
    """

    wanted: int
    live: Approval | None
    same: bool
    able: frozenset[UUID]
    gave: frozenset[UUID]

    @property
    def is_open(self) -> bool:
        """Whether it may take effect."""
        return is_enough(self.wanted, self.able, self.gave)

    @property
    def waiting(self) -> Approval | None:
        """Just this, where it waits to be looked at."""
        waits = self.live is not None and self.live.state is ApprovalState.WAITING
        return self.live if self.same and waits else None


def require(act: Acting, ask: Ask) -> None:
    """Go on only if what is about to take effect needs no approval, or has it; uses that up.

    Raises:
        ApprovalNeededError: It has not; the message says what to do.
    """
    case = _case(act, ask)
    if not case.is_open:
        raise ApprovalNeededError(_advice(case))
    if case.live is not None:
        after = ApprovalState.USED if case.gave else ApprovalState.VOID
        act.tx.run(approvals.move(case.live, after, act.now))
        if case.gave:
            act.note("used an approval", subject_of(ask), approval=str(case.live.approval))
    if case.wanted and not case.gave:
        act.note("approved by nobody", subject_of(ask), why="There was no one else.")


def _advice(case: _Case) -> str:
    if case.waiting is not None:
        return "It waits for approval: somebody else has to look at it first."
    if case.same:
        return "What was approved expired, or is not enough any more: ask for approval again."
    return "Somebody else has to look at this first: ask for approval."


def is_needed(by: Person, ask: Ask) -> bool:
    """Whether somebody else has to look before this takes effect."""
    now = database().now()
    with database().begin() as tx:
        return pending(Acting(tx, now, by), ask) is not None


@dataclass(frozen=True, slots=True)
class Pending:
    """An approval that is lacking.

    Attributes:
        able: The e-mail addresses of those who may give it.
        since: When just this was asked for; `None`: nobody asked.
    """

    able: tuple[str, ...]
    since: datetime | None


def pending(act: Acting, ask: Ask) -> Pending | None:
    """The approval that is lacking before this takes effect; `None`: it may."""
    case = _case(act, ask)
    if case.is_open:
        return None
    able, waiting = case.able - case.gave, case.waiting
    known = act.tx.run(people.all_people())
    return Pending(
        tuple(one.email for one in known if one.person in able),
        None if waiting is None else waiting.requested_at,
    )


def ask_for(act: Acting, ask: Ask, note: str) -> UUID:
    """Ask somebody else to look: for just this once, and whatever else was asked for it ends.

    Returns:
        The id of the ask.

    Raises:
        RefusedError: It needs no approval or has it, there is no note, or somebody was faster.
    """
    case = _case(act, ask)
    if case.waiting is not None:
        return case.waiting.approval
    if case.is_open:
        raise RefusedError("No approval is needed (any more): go ahead.")
    if not (note := worded(note)):
        raise RefusedError("Give a note: what changes, and why.")
    if case.live is not None:
        act.tx.run(approvals.move(case.live, ApprovalState.VOID, act.now))
    mark, wanted = fingerprint(ask), min(case.wanted, len(case.able))
    new = NewApproval(ask, mark, wanted, note, act.by.person, act.now)
    made = act.tx.run(approvals.insert(new))
    if made is None:
        raise RefusedError("Somebody else asked at this very moment: look at the page Approvals.")
    act.note("asked for approval", subject_of(ask), approval=str(made), why=new.note)
    notices.asked(act, made, new, case.able)
    return made


def worded(said: str) -> str:
    """What somebody said of an ask, as it is kept.

    Raises:
        RefusedError: It is longer than anybody reads.
    """
    text = str(storable(said.strip()).value)
    if len(text) > LONGEST:
        raise RefusedError(f"Say it in at most {LONGEST:,} characters.")
    return text


def subject_of(about: Ask | Approval) -> str:
    """What the audit calls what is asked: `rules caps and quiet hours`."""
    return f"{about.kind} {about.subject}"


def thresholds(tx: SyncTransaction) -> Thresholds:
    """What needs approval, by the version in force.

    Raises:
        RefusedError: It cannot be read: nothing that may need approval takes effect until then.
    """
    try:
        return in_force(tx.run(approvals.THRESHOLDS.newest(1)))
    except ThresholdsError as error:
        raise RefusedError(f"What needs approval cannot be read: {error}") from None


def may_approve(team: str | None) -> Callable[[Person], bool]:
    """Whether somebody may approve what a team owns, or the installation."""
    return lambda person: person.active and Permission.APPROVE in access.within(person, team)


def _case(act: Acting, ask: Ask) -> _Case:
    live = act.tx.run(approvals.live(ask.kind, ask.subject))
    same = live is not None and covers(live, ask)
    gave: frozenset[UUID] = frozenset()
    if live is not None and same and is_usable(live, act.now):
        said = act.tx.run(approvals.remarks([live.approval]))
        gave = frozenset(one.person for one in said if one.decision is Decision.APPROVED)
    able = filter(may_approve(ask.team), act.tx.run(people.all_people()))
    return _Case(
        wanted=needed(ask, thresholds(act.tx)),
        live=live,
        same=same,
        able=others(able, act.by.person, ask.edited_by),
        gave=gave,
    )
