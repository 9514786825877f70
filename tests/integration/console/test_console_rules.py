"""The page of caps and quiet hours, and publishing there."""

from collections.abc import Callable
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import actions, data
from dashboard.changing import ruling
from models.people import Role
from tests.scenes.day import play

Make = Callable[..., UUID]
Open = Callable[..., AppTest]

NIGHTS = '[[quiet_hours]]\nkey = "nights"\nquiet = ["daily 22:00-07:00"]\n'
ONE_A_DAY = (
    '[[caps]]\nkey = "one"\nlimit = 1\nper = "day"\nexempts = []\nover = "skip"\n'
    'classes = ["transactional", "promotional"]\n'
)
LATER = NIGHTS.replace("22:00", "23:00")


def told(at: AppTest) -> str:
    kinds = ("markdown", "caption", "error", "code")
    return "\n".join(str(each.value) for kind in kinds for each in at.get(kind)).replace("\\", "")


@pytest.mark.usefixtures("reading")
def test_before_the_first_rule_it_says_what_that_means(open_page: Open):
    at = open_page("rules", "viewer")
    assert "No rules are published" in told(at)
    assert [button.label for button in at.button] == [], "a viewer changes nothing"


@pytest.mark.usefixtures("reading")
def test_shows_each_rule_as_a_sentence_and_what_changed(open_page: Open, person: Make):
    operator = person("operator")
    assert ruling.publish(operator, NIGHTS, "sleep", 0) == 1
    assert ruling.publish(operator, LATER, " longer evenings ", 1) == 2
    said = told(open_page("rules", "viewer"))
    assert "Promotional on every channel but the feed waits daily 23:00-07:00" in said
    assert "longer evenings" in said
    assert '-quiet = ["daily 22:00-07:00"]\n+quiet = ["daily 23:00-07:00"]' in said
    entries = [
        (entry.action, entry.subject, entry.why)
        for entry in data.audit()
        if entry.action != "approved by nobody"
    ]
    assert entries == [
        ("published rules", "version 2", "longer evenings"),
        ("published rules", "version 1", "sleep"),
    ]


@pytest.mark.usefixtures("reading")
def test_what_cannot_be_published_is_refused_and_leaves_no_trace(person: Make):
    operator = person("operator")
    ruling.publish(operator, NIGHTS, "sleep", 0)
    for text, note, base, complaint in (
        (LATER, " ", 1, "Give a note"),
        (LATER, "x", 0, "published meanwhile"),
        (NIGHTS, "x", 1, "Nothing would change"),
        ("[[quiet_hours]]", "x", 1, "quiet_hours 1, key: Field required"),
        ("{", "x", 1, "no TOML"),
    ):
        with pytest.raises(actions.RefusedError, match=complaint):
            ruling.publish(operator, text, note, base)
    assert [one.version for one in data.rulebooks()] == [1]
    assert sorted(entry.action for entry in data.audit()) == [
        "approved by nobody",
        "published rules",
    ]


@pytest.mark.usefixtures("reading")
@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPERATOR, Role.ADMIN}))
def test_only_operators_publish(person: Make, role: str):
    with pytest.raises(actions.NotAllowedError):
        ruling.publish(person(role), NIGHTS, "sleep", 0)
    assert data.rulebooks() == []


@pytest.mark.usefixtures("reading")
def test_rules_are_edited_checked_and_published_in_place(open_page: Open):
    at = open_page("rules", "operator")
    at.button[0].click().run()
    at.text_area[0].set_value('[[quiet_hours]]\nkey = "a"\n').run()
    assert "quiet_hours 1 (a): say either quiet or send" in told(at)
    assert at.button(key="rules_now").disabled
    at.text_area[0].set_value(NIGHTS).run()
    assert "waits daily 22:00-07:00" in told(at)
    at.text_input(key="rules_note").set_value("sleep")
    at.button(key="rules_now").click().run()
    assert not at.exception
    assert [one.note for one in data.rulebooks()] == ["sleep"]
    assert "Quiet hours" in told(at)
    assert not at.text_area


@pytest.mark.usefixtures("reading")
def test_a_draft_may_be_discarded(open_page: Open):
    at = open_page("rules", "operator")
    at.button[0].click().run()
    at.text_area[0].set_value(NIGHTS).run()
    at.button(key="rules_discard").click().run()
    assert "No rules are published" in told(at)
    assert data.rulebooks() == []


@pytest.mark.usefixtures("reading")
def test_an_older_version_is_where_editing_may_begin(open_page: Open, person: Make):
    operator = person("operator")
    ruling.publish(operator, NIGHTS, "sleep", 0)
    ruling.publish(operator, LATER, "later", 1)
    at = open_page("rules", "operator")
    at.button(key="from_1").click().run()
    assert at.text_area[0].value == NIGHTS
    at.text_input(key="rules_note").set_value("back")
    at.button(key="rules_now").click().run()
    assert [one.note for one in data.rulebooks()] == ["back", "later", "sleep"]


@pytest.mark.usefixtures("reading")
def test_a_form_adds_quiet_hours(open_page: Open):
    at = open_page("rules", "operator")
    at.button[0].click().run()
    at.text_input(key="rule_key").set_value("nights")
    next(each for each in at.button if each.label == "Add").click().run()
    assert not at.exception
    text = at.text_area[0].value
    assert text == (
        '[[quiet_hours]]\nkey = "nights"\nquiet = ["daily 22:00-07:00"]\n'
        'classes = ["promotional"]\n'
    )


@pytest.mark.usefixtures("reading")
def test_a_form_adds_changes_and_takes_out_a_cap(open_page: Open):
    at = open_page("rules", "operator")
    at.button[0].click().run()
    assert at.button(key="cap_put").disabled
    assert "Give it a key." in told(at)
    at.text_input(key="cap_key_1_None").set_value("offers").run()
    at.selectbox(key="cap_over_1_None").set_value("digest").run()
    assert "at most 2 to one recipient in a day" in told(at)
    assert "more goes together each day at 18:00" in told(at)
    at.button(key="cap_put").click().run()
    assert not at.exception
    assert at.text_area[0].value == (
        '[[caps]]\nkey = "offers"\nclasses = ["promotional"]\nlimit = 2\nper = "day"\n'
        'over = "digest"\ndigest = { every = "day", at = "18:00" }\n'
    )
    at.selectbox(key="cap_which_2").set_value("offers").run()
    at.number_input(key="cap_limit_2_offers").set_value(7).run()
    at.button(key="cap_put").click().run()
    assert "limit = 7" in at.text_area[0].value
    at.selectbox(key="cap_which_3").set_value("offers").run()
    at.button(key="cap_out").click().run()
    assert "It holds no rule." in told(at)


def test_rules_are_tried_on_what_is_recorded_before_they_are_published(
    open_page: Open, reading: str
):
    play(reading)
    at = open_page("rules", "operator")
    at.button[0].click().run()
    at.text_area[0].set_value(ONE_A_DAY).run()
    at.button(key="rules_simulate").click().run(timeout=30)
    assert not at.exception
    messages, waited, recipients = (metric.value for metric in at.metric)
    assert int(recipients.replace(",", "")) > 0
    assert waited == "0"
    assert messages != at.metric[0].delta.split()[0]
    assert "Most affected recipients" in told(at)
    at.text_area[0].set_value(NIGHTS).run()
    assert "simulate again" in "".join(each.value for each in at.info)
    assert data.rulebooks() == []


@pytest.mark.usefixtures("reading")
def test_a_trial_of_an_empty_past_says_so(open_page: Open):
    at = open_page("rules", "operator")
    at.button[0].click().run()
    at.text_area[0].set_value(NIGHTS).run()
    at.button(key="rules_simulate").click().run(timeout=30)
    assert "Nothing was planned in these days" in told(at)
