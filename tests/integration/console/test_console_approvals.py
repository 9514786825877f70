"""Nothing that needs approval takes effect without one, and nobody gives it to themselves."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import data
from dashboard.access import Permission
from dashboard.actions import NotAllowedError, RefusedError, acting, set_active
from dashboard.changing import approving, deciding, ruling, switching
from dashboard.changing.approving import ApprovalNeededError
from dashboard.changing.enacting import enact
from dashboard.reading import people
from dashboard.showing import asks
from delivery.approving import BUILT_IN
from delivery.rulebook.writing import as_toml
from models.queries.configuring import approvals
from models.records import Approval, ApprovalKind, Ask, Decision, Words
from models.states import ApprovalState
from tests.factories import rows

Make = Callable[..., UUID]
Open = Callable[..., AppTest]
APPROVE, RETURN = Decision.APPROVED, Decision.RETURNED

NIGHTS = '[[quiet_hours]]\nkey = "nights"\nquiet = ["daily 22:00-07:00"]\n'
LATER = NIGHTS.replace("22:00", "23:00")
STRICT: dict[str, Any] = {
    "lasts": "7 days",
    "thresholds": [
        {"kind": kind, "approvers": 1} for kind in ("switch", "lift", "rules", "template")
    ]
    + [{"kind": "campaign", "over": 100, "approvers": 2}],
}

pytestmark = pytest.mark.usefixtures("reading")


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


def test_alone_one_goes_on_and_the_audit_says_so(person: Make):
    admin = person("admin")
    ruling.publish(admin, NIGHTS, "sleep", 0)
    assert audit() == [
        ("approved by nobody", "rules installation"),
        ("published rules", "version 1"),
    ]
    with pytest.raises(RefusedError, match="go ahead"):
        ruling.RULES.ask(admin, LATER, "later", 1)


def test_some_things_wait_for_two(person: Make):
    admin, first, second = person("admin"), person("approver"), person("approver")
    ask = Ask(ApprovalKind.CAMPAIGN, "spring", {"audience": "all"}, 2_000_000)
    asked = ask_for(admin, ask)
    assert deciding.decide(first, asked, APPROVE, "") is ApprovalState.WAITING
    with pytest.raises(RefusedError, match="already"):
        deciding.decide(first, asked, APPROVE, "")
    with pytest.raises(ApprovalNeededError):
        use(admin, ask)
    assert deciding.decide(second, asked, APPROVE, "") is ApprovalState.APPROVED
    use(admin, ask)


def test_what_grew_since_waits_for_more(person: Make):
    admin, first, _ = person("admin"), person("approver"), person("approver")
    small = Ask(ApprovalKind.CAMPAIGN, "spring", {"audience": "all"}, 20_000)
    deciding.decide(first, ask_for(admin, small), APPROVE, "")
    grown = Ask(ApprovalKind.CAMPAIGN, "spring", {"audience": "all"}, 2_000_000)
    with pytest.raises(ApprovalNeededError, match="ask for approval"):
        use(admin, grown)


def test_a_returned_ask_says_why_and_may_be_asked_again(open_page: Open, person: Make):
    operator, approver = person("operator"), person("approver")
    asked = ruling.RULES.ask(operator, NIGHTS, "sleep", 0)
    with pytest.raises(RefusedError, match="Say what is to be changed"):
        deciding.decide(approver, asked, RETURN, " ")
    deciding.comment(approver, asked, "why 22:00?")
    deciding.comment(operator, asked, "children sleep")
    assert deciding.decide(approver, asked, RETURN, "make it 23:00") is ApprovalState.RETURNED
    with pytest.raises(RefusedError, match="it is returned"):
        deciding.comment(operator, asked, "too late")
    again = ruling.RULES.ask(operator, LATER, "please", 0)
    assert again != asked
    at = open_page("approvals", "approver", approval=str(again))
    assert at.expander[-1].label == "Changed since it was returned"
    assert '-quiet = ["daily 22:00-07:00"]\n+quiet = ["daily 23:00-07:00"]' in told(at)


def test_what_is_longer_than_anybody_reads_is_refused_on_the_server(person: Make):
    operator, approver = person("operator"), person("approver")
    with pytest.raises(RefusedError, match="at most 2,000"):
        ruling.RULES.ask(operator, NIGHTS, "x" * 2001, 0)
    asked = ruling.RULES.ask(operator, NIGHTS, "what no text\0holds", 0)
    with pytest.raises(RefusedError, match="at most 2,000"):
        deciding.comment(approver, asked, "x" * 2001)


def test_who_asked_reads_where_they_work_what_a_reviewer_wants(open_page: Open, person: Make):
    operator, approver = person("operator"), person("approver")
    asked = ruling.RULES.ask(operator, NIGHTS, "sleep", 0)
    assert "It waits for somebody else" in told(open_page("rules", "operator"))
    deciding.decide(approver, asked, RETURN, "make it 23:00")
    said = told(open_page("rules", "operator"))
    assert "A reviewer wants something else" in said
    assert "make it 23:00" in said
    deciding.decide(approver, ruling.RULES.ask(operator, LATER, "later", 0), APPROVE, "")
    ruling.publish(operator, LATER, "later", 0)
    assert "make it 23:00" not in told(open_page("rules", "operator"))


def test_who_asked_may_withdraw(person: Make):
    operator, approver = person("operator"), person("approver")
    asked = ruling.RULES.ask(operator, NIGHTS, "sleep", 0)
    deciding.decide(approver, asked, APPROVE, "")
    deciding.withdraw(operator, asked)
    with pytest.raises(ApprovalNeededError):
        ruling.publish(operator, NIGHTS, "sleep", 0)


def test_switches_wait_where_thresholds_say_so(person: Make):
    admin = person("admin")
    strict(admin)
    operator, approver = person("operator"), person("approver")
    with pytest.raises(ApprovalNeededError):
        switching.set_(operator, "all", "trouble")
    asked = switching.ask_to_set(operator, "all", "trouble")
    deciding.decide(approver, asked, APPROVE, "")
    enact(operator, one(asked))
    with pytest.raises(ApprovalNeededError):
        switching.lift(operator, "all")
    lifting = switching.ask_to_lift(operator, "all", "over")
    deciding.decide(approver, lifting, APPROVE, "")
    enact(operator, one(lifting))
    assert data.traffic().switches == ()
    with pytest.raises(ApprovalNeededError):
        switching.set_(operator, "all", "trouble")


def test_a_switch_that_was_set_anew_is_not_lifted_by_the_approval_before(person: Make):
    admin, approver = person("admin"), person("approver")
    switching.set_(admin, "all", "trouble")
    deciding.decide(approver, ruling.THRESHOLDS.ask(admin, as_toml(STRICT), "x", 0), APPROVE, "")
    ruling.THRESHOLDS.publish(admin, as_toml(STRICT), "x", 0)
    lifting = switching.ask_to_lift(admin, "all", "over")
    deciding.decide(approver, lifting, APPROVE, "")
    setting = switching.ask_to_set(admin, "all", "worse trouble")
    deciding.decide(approver, setting, APPROVE, "")
    enact(admin, one(setting))
    with pytest.raises(ApprovalNeededError):
        enact(admin, one(lifting))


def test_thresholds_nobody_can_read_let_nothing_pass(person: Make, reading: str):
    admin = person("admin")
    with psycopg.connect(reading, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO approval_thresholds VALUES (1, '{\"lasts\": 5}', 'x', now(), 'x')"
        )
    with pytest.raises(RefusedError, match="cannot be read"):
        ruling.publish(admin, NIGHTS, "sleep", 0)


@pytest.mark.parametrize("role", ["viewer", "author", "approver", "operator", "engineer"])
def test_only_admins_say_what_needs_approval(person: Make, role: str):
    with pytest.raises(NotAllowedError):
        ruling.THRESHOLDS.publish(person(role), as_toml(BUILT_IN), "x", 0)


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


def told(at: AppTest) -> str:
    kinds = ("markdown", "caption", "error", "code")
    return "\n".join(str(each.value) for kind in kinds for each in at.get(kind)).replace("\\", "")


def test_the_page_shows_what_waits_and_lets_a_reviewer_decide(open_page: Open, person: Make):
    operator, approver = person("operator"), person("approver")
    asked = ruling.RULES.ask(operator, NIGHTS, "children <b>sleep</b>", 0)
    at = open_page("approvals", "approver")
    assert "Publish caps and quiet hours" in told(at)
    assert next(tab.label for tab in at.tabs) == "For you (1)"
    at = open_page("approvals", "approver", approval=str(asked))
    said = told(at)
    assert "waits daily 22:00-07:00" in said
    assert "@@ -0,0 +1,3 @@\n+[[quiet_hours]]" in said, "what said nothing loses no line"
    assert '+quiet = ["daily 22:00-07:00"]' in said
    at.text_area(key="ask_words").set_value("good night")
    at.button(key="ask_approve").click().run()
    assert not at.exception
    assert one(asked).state is ApprovalState.APPROVED
    at = open_page("approvals", "operator", approval=str(asked))
    assert "good night" in told(at)
    at.button(key="ask_enact").click().run()
    assert [book.note for book in data.rulebooks()] == ["children <b>sleep</b>"]
    with pytest.raises(RefusedError, match="it is used"):
        deciding.comment(approver, asked, "late")


def test_who_may_not_decide_finds_no_button(open_page: Open, person: Make):
    operator, _ = person("operator"), person("approver")
    asked = ruling.RULES.ask(operator, NIGHTS, "sleep", 0)
    at = open_page("approvals", "viewer", approval=str(asked))
    keys = {button.key for button in at.button}
    assert not keys & {"ask_approve", "ask_return", "ask_comment", "ask_withdraw", "ask_enact"}


def test_the_rules_are_asked_for_where_they_are_written(open_page: Open, person: Make):
    person("approver")
    at = open_page("rules", "operator")
    at.button[0].click().run()
    at.text_area[0].set_value(NIGHTS).run()
    assert at.button(key="rules_now").label == "Ask for approval"
    at.text_input(key="rules_note").set_value("sleep")
    at.button(key="rules_now").click().run()
    assert not at.exception
    assert data.rulebooks() == []
    with data.database().begin() as tx:
        assert [each.note for each in tx.run(approvals.unsettled())] == ["sleep"]


def test_an_admin_changes_what_needs_approval_in_place(open_page: Open):
    at = open_page("approvals", "admin")
    at.session_state["approvals_tabs"] = "What needs approval"
    at.run()
    assert "Launch a campaign for more than 1,000,000 people: 2 other people" in told(at)
    at.text_area(key="thresholds_0").set_value('lasts = "never"')
    at.text_input(key="thresholds_note").set_value("why")
    at.button(key="thresholds_now").click().run()
    assert "no length of time" in told(at)
    at.text_area(key="thresholds_0").set_value('lasts = "2 days"')
    at.button(key="thresholds_now").click().run()
    assert "Nothing needs approval" in told(at)


def test_the_overview_says_what_waits_for_whom(open_page: Open, person: Make):
    operator, _ = person("operator"), person("approver")
    ruling.RULES.ask(operator, NIGHTS, "sleep", 0)
    assert "1 change waits for your approval" in told(open_page("", "approver"))
    assert "for your approval" not in told(open_page("", "operator"))


def test_the_words_of_a_template_are_shown_by_locale(open_page: Open, person: Make):
    admin, _ = person("admin"), person("approver")
    texts = {"en": {"subject": "Sale", "source": "<mjml>\nx"}}
    texts["de"] = {"subject": "Angebot", "source": ""}
    empty = {"texts": {"en": {"subject": "", "source": ""}}}
    ask = Ask(ApprovalKind.TEMPLATE, "sale", {"texts": texts}, before=empty)
    asked = ask_for(admin, ask)
    found = asks.texts(one(asked))
    assert found == [
        ("de", None, Words("Angebot", "")),
        ("en", Words("", ""), Words("Sale", "<mjml>\nx")),
    ]
    at = open_page("approvals", "approver", approval=str(asked))
    assert not at.exception
    assert "Publish a template: sale" in told(at)


def test_of_an_audience_a_reviewer_sees_how_many_and_who(
    open_page: Open, person: Make, reading: str
):
    with rows(reading) as make:
        make.recipient("anna")
    admin, _ = person("admin"), person("approver")
    ask = Ask(ApprovalKind.AUDIENCE, "all", {"key": "all", "title": "All", "all": []}, 20_000)
    at = open_page("approvals", "approver", approval=str(ask_for(admin, ask)))
    assert "As it would be" in told(at)
    assert [str(each.value) for each in at.metric] == ["2"], "Anna, and the approver who was told"


def test_of_a_campaign_a_reviewer_sees_its_document_also_when_it_is_gone(
    open_page: Open, person: Make
):
    admin, _ = person("admin"), person("approver")
    ask = Ask(ApprovalKind.CAMPAIGN, "spring", {"document": {"key": "spring"}}, 20_000)
    at = open_page("approvals", "approver", approval=str(ask_for(admin, ask)))
    assert 'key = "spring"' in told(at)
