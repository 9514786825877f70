"""Nothing that needs approval takes effect without one, and nobody gives it to themselves."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest

from dashboard import data
from dashboard.access import Permission
from dashboard.actions import NotAllowedError, RefusedError, acting, set_active
from dashboard.changing import approving, deciding, ruling
from dashboard.changing.approving import ApprovalNeededError
from dashboard.changing.enacting import enact
from dashboard.reading import people
from models.records import ApprovalKind, Ask, Decision
from models.states import ApprovalState
from tests.approvals import LATER, NIGHTS, ask_for, audit, one, use

Make = Callable[..., UUID]
APPROVE, RETURN = Decision.APPROVED, Decision.RETURNED

pytestmark = pytest.mark.usefixtures("reading")


def test_one_asks_another_approves_and_just_that_takes_effect_once(person: Make, reading: str):
    operator, approver = person("operator"), person("approver")
    with pytest.raises(ApprovalNeededError, match="ask for approval"):
        ruling.publish(operator, NIGHTS, "sleep", 0)
    asked = ruling.RULES.ask(operator, NIGHTS, "sleep", 0)
    assert ruling.RULES.ask(operator, NIGHTS, "sleep", 0) == asked, "asked twice is asked once"
    with pytest.raises(ApprovalNeededError, match="waits for approval"):
        ruling.publish(operator, NIGHTS, "sleep", 0)
    assert deciding.decide(approver, asked, APPROVE, "") is ApprovalState.APPROVED
    enact(operator, one(asked))
    assert [(book.version, book.note) for book in data.rulebooks()] == [(1, "sleep")]
    assert one(asked).state is ApprovalState.USED
    assert audit() == [
        ("asked for approval", "rules installation"),
        ("approved what was asked", "rules installation"),
        ("published rules", "version 1"),
        ("used an approval", "rules installation"),
    ]
    with psycopg.connect(reading) as connection:
        told = connection.execute("SELECT topic, recipients FROM outbox ORDER BY topic").fetchall()
    assert told == [
        ("tidings.approval.asked", [f"tidings:{approver}"]),
        ("tidings.approval.decided", [f"tidings:{operator}"]),
    ]


def test_nobody_gives_themselves_approval_by_any_way(person: Make):
    admin, other = person("admin"), person("admin")
    asked = ruling.RULES.ask(admin, NIGHTS, "sleep", 0)
    with pytest.raises(RefusedError, match="You asked for it"):
        deciding.decide(admin, asked, APPROVE, "fine")
    with pytest.raises(RefusedError, match="You asked for it"):
        deciding.decide(admin, asked, RETURN, "no")
    with pytest.raises(ApprovalNeededError):
        ruling.publish(admin, NIGHTS, "sleep", 0)
    with pytest.raises(ApprovalNeededError):
        enact(admin, one(asked))
    with pytest.raises(ApprovalNeededError):
        ruling.THRESHOLDS.publish(admin, 'lasts = "7 days"', "no approvals any more", 0)
    lower = ruling.THRESHOLDS.ask(admin, 'lasts = "7 days"', "no approvals any more", 0)
    with pytest.raises(RefusedError, match="You asked for it"):
        deciding.decide(admin, lower, APPROVE, "fine")
    edited = Ask(ApprovalKind.TEMPLATE, "sale", {"source": "x"}, edited_by=_email(other))
    with pytest.raises(RefusedError, match="go ahead"):
        ask_for(admin, edited)
    third = person("approver")
    asked = ask_for(admin, edited)
    with pytest.raises(RefusedError, match="You edited it last"):
        deciding.decide(other, asked, APPROVE, "")
    assert deciding.decide(third, asked, APPROVE, "") is ApprovalState.APPROVED
    assert data.rulebooks() == []


def _email(who: UUID) -> str:
    found = people.person(who)
    assert found is not None
    return found.email


@pytest.mark.parametrize("role", ["viewer", "author", "operator", "engineer", "support"])
def test_only_who_may_approve_decides(person: Make, role: str):
    operator, _ = person("operator"), person("approver")
    asked = ruling.RULES.ask(operator, NIGHTS, "sleep", 0)
    for decision in Decision:
        with pytest.raises(NotAllowedError):
            deciding.decide(person(role), asked, decision, "fine")
    with pytest.raises(NotAllowedError):
        deciding.comment(person(role), asked, "hello")
    with pytest.raises(RefusedError, match="Only who asked"):
        deciding.withdraw(person(role), asked)
    assert one(asked).state is ApprovalState.WAITING


def test_who_was_closed_or_lost_the_role_approves_nothing(person: Make):
    admin, approver, spare = person("admin"), person("approver"), person("approver")
    asked = ruling.RULES.ask(admin, NIGHTS, "sleep", 0)
    closed = people.person(approver)
    assert closed is not None
    set_active(admin, closed, active=False)
    with pytest.raises(NotAllowedError):
        deciding.decide(approver, asked, APPROVE, "")
    assert deciding.decide(spare, asked, APPROVE, "") is ApprovalState.APPROVED


def test_of_two_who_decide_the_second_is_told(person: Make):
    operator, first, second = person("operator"), person("approver"), person("approver")
    asked = ruling.RULES.ask(operator, NIGHTS, "sleep", 0)

    def decide(who: UUID, decision: Decision) -> str:
        try:
            return str(deciding.decide(who, asked, decision, "so"))
        except RefusedError as error:
            return str(error)

    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(decide, (first, second), (APPROVE, RETURN)))
    state = one(asked).state
    assert sorted(said) == sorted([str(state), f"Somebody was faster: it is {state} now."])


def test_what_was_changed_after_it_was_approved_is_not_approved(person: Make):
    operator, approver = person("operator"), person("approver")
    asked = ruling.RULES.ask(operator, NIGHTS, "sleep", 0)
    deciding.decide(approver, asked, APPROVE, "")
    with pytest.raises(ApprovalNeededError, match="ask for approval"):
        ruling.publish(operator, LATER, "sleep", 0)
    again = ruling.RULES.ask(operator, LATER, "sleep", 0)
    assert again != asked
    assert one(asked).state is ApprovalState.VOID, "of one subject one ask is live"
    with pytest.raises(ApprovalNeededError):
        ruling.publish(operator, NIGHTS, "sleep", 0)
    deciding.decide(approver, again, APPROVE, "")
    ruling.publish(operator, LATER, "sleep", 0)
    with pytest.raises(RefusedError, match="published meanwhile"):
        enact(operator, one(again))


def test_an_approval_is_used_once(person: Make):
    admin, approver = person("admin"), person("approver")
    ask = Ask(ApprovalKind.TEMPLATE, "sale", {"source": "x"}, team=None)
    asked = ask_for(admin, ask)
    deciding.decide(approver, asked, APPROVE, "")
    use(admin, ask)
    with pytest.raises(ApprovalNeededError, match="ask for approval"):
        use(admin, ask)
    with pytest.raises(RefusedError, match="it is used"):
        deciding.decide(approver, asked, APPROVE, "again")
    with pytest.raises(RefusedError, match="it is used"):
        deciding.withdraw(admin, asked)


def test_it_expires(person: Make, reading: str):
    admin, approver = person("admin"), person("approver")
    ask = Ask(ApprovalKind.TEMPLATE, "sale", {"source": "x"})
    asked = ask_for(admin, ask)
    deciding.decide(approver, asked, APPROVE, "")
    with psycopg.connect(reading, autocommit=True) as connection:
        connection.execute("UPDATE approvals SET expires_at = now() - interval '1 s'")
    with pytest.raises(ApprovalNeededError, match="expired"):
        use(admin, ask)
    again = ask_for(admin, ask)
    assert (one(asked).state, one(again).state) == (ApprovalState.VOID, ApprovalState.WAITING)


def test_an_id_that_was_made_up_or_belongs_to_something_else_opens_nothing(person: Make):
    admin, approver = person("admin"), person("approver")
    with pytest.raises(RefusedError, match="Nothing like this"):
        deciding.decide(approver, UUID(int=7), APPROVE, "")
    small = Ask(ApprovalKind.TEMPLATE, "small", {"source": "x"})
    deciding.decide(approver, ask_for(admin, small), APPROVE, "")
    for other in (
        Ask(ApprovalKind.TEMPLATE, "large", {"source": "x"}),
        Ask(ApprovalKind.TEMPLATE, "small", {"source": "y"}),
        Ask(ApprovalKind.TEMPLATE, "small", {"source": "x"}, team="growth"),
        Ask(ApprovalKind.RULES, "small", {"source": "x"}),
    ):
        with pytest.raises(ApprovalNeededError):
            use(admin, other)


def test_only_the_owning_team_or_who_may_everywhere_approves(person: Make, reading: str):
    author, ours, theirs = person("author"), person("viewer"), person("viewer")
    with psycopg.connect(reading, autocommit=True) as connection:
        for team, who in (("growth", ours), ("billing", theirs)):
            connection.execute("INSERT INTO teams VALUES (%s, %s, now())", (team, team))
            connection.execute(
                "INSERT INTO memberships (team, person, roles) VALUES (%s, %s, '{approver}')",
                (team, who),
            )
    asked = ask_for(author, Ask(ApprovalKind.TEMPLATE, "sale", {}, team="growth"))
    with pytest.raises(NotAllowedError):
        deciding.decide(theirs, asked, APPROVE, "")
    assert deciding.decide(ours, asked, APPROVE, "") is ApprovalState.APPROVED
    with pytest.raises(RefusedError, match="go ahead"):
        ask_for(author, Ask(ApprovalKind.TEMPLATE, "all", {}))


def test_what_is_longer_than_anybody_reads_is_refused_on_the_server(person: Make):
    operator, approver = person("operator"), person("approver")
    with pytest.raises(RefusedError, match="at most 2,000"):
        ruling.RULES.ask(operator, NIGHTS, "x" * 2001, 0)
    asked = ruling.RULES.ask(operator, NIGHTS, "what no text\0holds", 0)
    with pytest.raises(RefusedError, match="at most 2,000"):
        deciding.comment(approver, asked, "x" * 2001)


def test_who_asked_may_withdraw(person: Make):
    operator, approver = person("operator"), person("approver")
    asked = ruling.RULES.ask(operator, NIGHTS, "sleep", 0)
    deciding.decide(approver, asked, APPROVE, "")
    deciding.withdraw(operator, asked)
    with pytest.raises(ApprovalNeededError):
        ruling.publish(operator, NIGHTS, "sleep", 0)


def test_an_ask_that_fails_leaves_nothing(person: Make, reading: str):
    operator, _ = person("operator"), person("approver")

    def fail() -> None:
        with acting(operator, Permission.RULE) as act:
            approving.ask_for(act, Ask(ApprovalKind.RULES, "installation", {}), "why")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with psycopg.connect(reading) as connection:
        for table in ("approvals", "outbox", "audit"):
            found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert found == (0,), table
