"""The page Audiences: shown, written, counted, explained, brought in, by whoever may."""

from collections.abc import Callable
from io import BytesIO
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.actions import NotAllowedError, RefusedError
from dashboard.changing import audiences as changing, bringing, deciding, ruling
from dashboard.changing.approving import ApprovalNeededError
from dashboard.changing.audiences import Draft
from dashboard.changing.bringing import Upload
from dashboard.reading import audiences, people as reading_people
from dashboard.reading.approvals import board
from delivery.audiences import as_toml
from models.campaigns import Campaign
from models.people import Person
from models.records import Decision
from tests.factories import rows

Open = Callable[..., AppTest]
Make = Callable[..., UUID]

TEAM = """
key = "team"
title = "On the team plan"

[[all]]
about = "attribute"
name = "plan"
is = "team"
"""


@pytest.fixture(autouse=True)
def people(reading: str) -> None:
    with rows(reading) as make:
        for number in range(3):
            make.recipient(f"t{number}", attributes={"plan": "team"})
        make.recipient("solo")


@pytest.fixture
def author(person: Make) -> UUID:
    who = person("author")
    changing.save(who, "team", Draft(TEAM, None, "The first"))
    return who


def told(at: AppTest) -> str:
    assert not at.exception, at.exception
    kinds = (at.markdown, at.caption, at.error, at.warning, at.subheader, at.metric)
    return " ".join(str(each.value) for kind in kinds for each in kind).replace("\\", "")


@pytest.mark.usefixtures("author")
def test_lists_audiences_and_shows_one(open_page: Open):
    at = open_page("audiences", "viewer")
    assert list(at.dataframe[0].value["key"]) == ["team"]
    at = open_page("audiences", "author", audience="team")
    said = told(at)
    assert "Everybody for whom plan is team." in said
    assert "Counted just now" in said
    assert "3" in [str(each.value) for each in at.metric]
    at.text_input(key="audience_who").set_value("solo").run()
    assert "solo is out" in told(at)
    at.text_input(key="audience_who").set_value("nobody").run()
    assert "There is no recipient nobody" in told(at)
    assert "There is no audience nothing" in told(open_page("audiences", audience="nothing"))


@pytest.mark.usefixtures("author")
def test_a_condition_is_added_by_form_and_saved(open_page: Open):
    at = open_page("audiences", "author", audience="team")
    at.button(key="audience_edit").click().run()
    at.text_input(key="cond_name").set_value("seats").run()
    at.selectbox(key="cond_test").set_value("at_least").run()
    at.text_input(key="cond_value").set_value("5").run()
    at.button(key="cond_add").click().run()
    assert "plan is team and seats is at least 5" in told(at)
    at.button(key="audience_now").click().run()
    (newest, first) = audiences.versions("team")
    assert (newest.version, first.version) == (2, 1)
    assert newest.document["all"][1]["at_least"] == 5


@pytest.mark.usefixtures("author")
def test_groups_in_groups_are_written_on_the_page(open_page: Open):
    at = open_page("audiences", "author", audience="team")
    at.button(key="audience_edit").click().run()
    at.button(key="aud_Group_1_1").click().run()
    at.button(key="aud_Group_1.1_2").click().run()
    at.selectbox(key="aud_group_1.1_3").set_value("none").run()
    at.selectbox(key="aud_place_4").set_value((0,)).run()
    at.text_input(key="cond_name").set_value("seats").run()
    at.text_input(key="cond_value").set_value("5").run()
    at.button(key="cond_add").click().run()
    at.button(key="audience_now").click().run()
    newest, _ = audiences.versions("team")
    plan, seats = ({"about": "attribute", "name": name} for name in ("plan", "seats"))
    nobody = {"not": {"any": [{**plan, "is": "team"}]}}
    assert newest.document["all"] == [{"any": [nobody, {**seats, "is": 5}]}]


@pytest.mark.usefixtures("author")
def test_whoever_may_not_change_sees_no_way_to(open_page: Open, person: Make):
    at = open_page("audiences", "viewer", audience="team")
    assert not at.exception
    assert "audience_edit" not in [button.key for button in at.button]
    with pytest.raises(NotAllowedError):
        changing.save(person("viewer"), "team", Draft(TEAM, 1))
    with pytest.raises(NotAllowedError):
        changing.go_back(person("viewer"), "team", 1)
    upload = Upload(BytesIO(b"recipient_id\nt0\n"), "a.csv", lambda *_: None)
    with pytest.raises(NotAllowedError):
        bringing.bring_in(person("viewer"), "guests", "Guests", upload)


def test_what_cannot_be_saved_is_refused_and_leaves_no_trace(author: UUID):
    tries = [
        ("team", TEAM, None, "Somebody else saved it meanwhile"),
        ("team", TEAM, 1, "Nothing would change"),
        ("other", TEAM, None, "key never changes"),
        ("team", TEAM.replace('"attribute"', '"fax"'), 1, "no condition about fax"),
        ("team", TEAM + '[[all]]\nabout = "audience"\nkey = "team"\n', 1, "inside of itself"),
        ("team", 'key = "team"\ntitle = "T"\nlist = true\n', 1, "becomes none"),
    ]
    for key, text, base, said in tries:
        with pytest.raises(RefusedError, match=said):
            changing.save(author, key, Draft(text, base))
    assert [each.version for each in audiences.versions("team")] == [1]


def test_an_earlier_version_comes_back_as_a_new_one(author: UUID):
    changing.save(author, "team", Draft(TEAM.replace('"team"\n', '"pro"\n', 2).replace(
        'key = "pro"', 'key = "team"'), 1))  # fmt: skip
    changing.go_back(author, "team", 1)
    newest, _, first = audiences.versions("team")
    assert (newest.document, newest.note) == (first.document, "As in version 1.")
    with pytest.raises(RefusedError, match="no such version"):
        changing.go_back(author, "team", 9)


def test_a_list_is_uploaded_laid_over_another_and_counted(author: UUID):
    upload = Upload(
        BytesIO("recipient_id\nt0\nsolo\nnobody\n".encode("utf-16")), "a.csv", lambda *_: None
    )
    brought = bringing.bring_in(author, "guests", "Guests", upload)
    assert (brought.members, brought.version) == (2, 1)
    assert [(each.line, each.text) for each in upload.rejects] == [(4, "nobody")]
    found = audiences.overlaps(["guests", "team"])
    assert [(each.keys, each.number, each.exact) for each in found] == [
        (("guests",), 2, True), (("team",), 3, True), (("guests", "team"), 1, True),
    ]  # fmt: skip
    *_, (share, number) = audiences.count("guests", audiences.saved("guests"))
    assert (share, number) == (1.0, 2)
    (shown, _) = audiences.shown()
    assert shown.size is not None
    assert shown.size.members == 2
    assert as_toml(shown.stored.document).endswith("list = true\n")
    broken = Upload(BytesIO(b"name\nAnna\n"), "a.csv", lambda *_: None)
    with pytest.raises(RefusedError, match="must name one column"):
        bringing.bring_in(author, "guests", "Guests", broken)


@pytest.mark.usefixtures("author")
def test_what_somebody_has_is_told_only_to_who_may_see_people(person: Make):
    wanted = audiences.saved("team")
    answers = {
        role: audiences.explain(known(person(role)), wanted, "t0")
        for role in ("viewer", "engineer")
    }
    seen = {
        role: [each.seen for each in answer.parts] for role, answer in answers.items() if answer
    }
    assert seen == {"viewer": [""], "engineer": ["team"]}
    assert all(answer and answer.holds for answer in answers.values())


FILE = b"recipient_id\nt0\nt1\n"


def upload(octets: bytes = FILE) -> Upload:
    return Upload(BytesIO(octets), "a.csv", lambda *_: None)


def test_a_list_is_brought_in_after_somebody_else_looked_at_just_this_file(person: Make):
    ruling.THRESHOLDS.publish(
        person("admin"), '[[thresholds]]\nkind = "audience"\nover = 2\napprovers = 1\n', "why", 0
    )
    author, approver = person("author"), person("approver")
    assert bringing.bring_in(author, "few", "Few", upload(b"recipient_id\nt0\n")).members == 1
    with pytest.raises(ApprovalNeededError, match="ask for approval"):
        bringing.bring_in(author, "guests", "Guests", upload())
    assert audiences.versions("guests") == []
    bringing.ask(author, "guests", "Guests", upload())
    bringing.ask(author, "guests", "Guests", upload())
    (line,) = board(known(approver)).open
    deciding.decide(approver, line.approval.approval, Decision.APPROVED, "")
    with pytest.raises(ApprovalNeededError):
        bringing.bring_in(author, "guests", "Guests", upload(FILE + b"t2\n"))
    assert bringing.bring_in(author, "guests", "Guests", upload()).members == 2
    with pytest.raises(ApprovalNeededError):
        bringing.bring_in(author, "guests", "Guests", upload())


def known(person: UUID) -> Person:
    found = reading_people.person(person)
    assert found
    return found


def test_an_audience_goes_when_nothing_uses_it_any_more(author: UUID, reading: str):
    inside = TEAM.replace('key = "team"', 'key = "inner"', 1)
    changing.save(author, "inner", Draft(inside, None))
    outer = 'key = "outer"\ntitle = "O"\n\n[[all]]\nabout = "audience"\nkey = "inner"\n'
    changing.save(author, "outer", Draft(outer, None))
    with rows(reading) as make:
        for key, state in (("news", "paused"), ("old", "finished")):
            make.add(
                Campaign, campaign=key, title=key, topic="t", document={"audience": "team"},
                state=state, created_at=make.now, updated_at=make.now, updated_by="ada",
            )  # fmt: skip
    with pytest.raises(RefusedError, match=r"^outer uses it"):
        changing.remove(author, "inner")
    with pytest.raises(RefusedError, match=r"^campaign news uses it"):
        changing.remove(author, "team")
    for key in ("outer", "inner"):
        changing.remove(author, key)
    with pytest.raises(RefusedError, match="no such audience"):
        changing.remove(author, "outer")
    (left,) = audiences.shown()
    assert (left.stored.key, left.used_by) == ("team", ("campaign news",))


def test_a_removed_list_leaves_nothing_behind_and_may_be_made_anew(author: UUID, open_page: Open):
    bringing.bring_in(author, "guests", "Guests", upload())
    shown = open_page("audiences", "author", audience="guests")
    assert "audience_remove" in {button.key for button in shown.button}
    changing.remove(author, "guests")
    assert [each.stored.key for each in audiences.shown()] == ["team"]
    assert bringing.bring_in(author, "guests", "Guests", upload()).version == 1
