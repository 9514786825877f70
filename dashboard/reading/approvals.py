"""What was asked and how it stands, as the page Approvals shows it to one person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from dashboard.changing.approving import may_approve, thresholds
from dashboard.data import database
from delivery.approving import Thresholds, objection
from models.people import Person
from models.queries.configuring import approvals
from models.queries.console import people
from models.records import Approval, ApprovalKind, Remark, StoredDocument
from models.states import ApprovalState

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One ask with what was said of it.

    Attributes:
        mine: The one who looks asked for it.
        able: They may approve for the team that owns it.
        objection: Why they may not decide just this, though they may others.
    """

    approval: Approval
    said: tuple[Remark, ...]
    mine: bool
    able: bool
    objection: str | None

    @property
    def waits_for_me(self) -> bool:
        """Whether the one who looks may decide it now."""
        waiting = self.approval.state is ApprovalState.WAITING
        return waiting and self.able and self.objection is None


@dataclass(frozen=True, slots=True)
class Board:
    """All asks as somebody sees them.

    Attributes:
        names: Of everybody, by person.
    """

    open: tuple[Line, ...]
    settled: tuple[Line, ...]
    names: Mapping[UUID, str]
    now: datetime

    @property
    def lines(self) -> tuple[Line, ...]:
        """Every ask that is shown."""
        return self.open + self.settled


def board(person: Person) -> Board:
    """What is open, and what came to an end last."""
    now = database().now()
    with database().begin() as tx:
        live, ended = tx.run(approvals.unsettled()), tx.run(approvals.settled(_SHOWN))
        said = tx.run(approvals.remarks([one.approval for one in (*live, *ended)]))
        names = {one.person: one.name for one in tx.run(people.all_people())}
    lines = [_line(one, person, said) for one in live]
    first = sorted(lines, key=lambda line: not line.waits_for_me)
    return Board(tuple(first), tuple(_line(one, person, said) for one in ended), names, now)


@dataclass(frozen=True, slots=True)
class Last:
    """The newest ask for a subject, what was said of it with words, and who said it."""

    approval: Approval
    said: tuple[Remark, ...]
    names: Mapping[UUID, str]
    now: datetime


def last(kind: ApprovalKind, subject: str) -> Last | None:
    """The newest ask for a subject; `None`: there was none."""
    now = database().now()
    with database().begin() as tx:
        found = tx.run(approvals.last(kind, subject))
        if found is None:
            return None
        said = [one for one in tx.run(approvals.remarks([found.approval])) if one.words]
        names = {one.person: one.name for one in tx.run(people.all_people())} if said else {}
    return Last(found, tuple(said), names, now)


def previous(approval: Approval) -> Approval | None:
    """What was asked for the same subject before, if anything."""
    with database().begin() as tx:
        return tx.run(approvals.before(approval))


def waiting_for(person: Person) -> int:
    """How many asks somebody may decide now."""
    with database().begin() as tx:
        live = tx.run(approvals.unsettled())
        said = tx.run(approvals.remarks([one.approval for one in live]))
    return sum(_line(one, person, said).waits_for_me for one in live)


def _line(approval: Approval, person: Person, said: list[Remark]) -> Line:
    of_it = tuple(one for one in said if one.approval == approval.approval)
    return Line(
        approval=approval,
        said=of_it,
        mine=approval.requested_by == person.person,
        able=may_approve(approval.team)(person),
        objection=objection(person, approval, of_it),
    )


def in_force() -> tuple[Thresholds, StoredDocument | None]:
    """What needs approval, and the version that says so; `None` before the first.

    Raises:
        RefusedError: It cannot be read.
    """
    with database().begin() as tx:
        newest = tx.run(approvals.THRESHOLDS.newest(1))
        return thresholds(tx), newest[0] if newest else None
