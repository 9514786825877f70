"""Approvals where people see them: the page, its drawer, and where what is asked for is written."""

from collections.abc import Callable
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import data
from dashboard.actions import RefusedError
from dashboard.changing import deciding, ruling
from dashboard.showing import asks
from models.queries.configuring import approvals
from models.records import ApprovalKind, Ask, Decision, Words
from models.states import ApprovalState
from tests.approvals import LATER, NIGHTS, ask_for, one, told
from tests.factories import rows

Make = Callable[..., UUID]
Open = Callable[..., AppTest]
APPROVE, RETURN = Decision.APPROVED, Decision.RETURNED

pytestmark = pytest.mark.usefixtures("reading")


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
