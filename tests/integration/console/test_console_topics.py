"""The page of topics: what each does, changing one in place, and sending oneself one."""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from dashboard import actions, data
from dashboard.changing import ruling, subjects
from delivery.rulebook.writing import as_toml
from delivery.topics import as_document
from models.people import AuditEntry, Role
from models.reasons import Skip
from tests.factories import Made, rows

Make = Callable[..., UUID]
Open = Callable[..., AppTest]

ROW = UUID("30000000-0000-4000-8000-000000000003")
MAY = {Role.AUTHOR, Role.ENGINEER, Role.ADMIN}
RULES = (
    '[[quiet_hours]]\nkey = "nights"\nquiet = ["daily 22:00-07:00"]\n'
    '[[quiet_hours]]\nkey = "loud"\nquiet = ["daily 22:00-07:00"]\nclasses = ["transactional"]\n'
    '[[caps]]\nkey = "daily"\nlimit = 3\nper = "day"\n'
)


@pytest.fixture(autouse=True)
def played(day: Made, module_url: str) -> str:  # noqa: ARG001 - the day is played there
    return module_url


def audited(subject: str) -> list[AuditEntry]:
    return [entry for entry in data.audit() if entry.subject == subject]


def told(at: AppTest) -> str:
    assert not at.exception, at.exception
    kinds = ("markdown", "caption", "error", "code", "title", "subheader")
    return "\n".join(str(each.value) for kind in kinds for each in at.get(kind)).replace("\\", "")


def select(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def document(key: str) -> dict[str, Any]:
    return as_document(data.topics()[key])


def test_lists_topics_with_the_way_each_goes_and_its_volume(open_page: Open):
    at = open_page("topics", "viewer")
    frame = at.dataframe[0].value.set_index("topic")
    assert frame.loc["board.shared", "goes"] == "in the feed and by e-mail"
    (sent,) = (one.sent for one in subjects.standings() if one.topic.key == "page.edited")
    assert frame.loc["page.edited", "sent"] == sent > 0
    assert [button.label for button in at.button] == [], "a viewer changes nothing"


def test_shows_one_topic_with_what_meets_it(open_page: Open, person: Make):
    ruling.publish(person("operator"), RULES, "sleep", 0)
    said = told(open_page("topics", "viewer", topic="board.shared"))
    for words in (
        "A board was shared with you", "1** :material/notifications: In the feed",
        "2** :material/mail: By e-mail, at once", "The same dedup key is one event for 7 days.",
        ":violet-badge[Holds]", "loud", ":gray-badge[Only counts]", "INSERT INTO outbox",
        "curl http", ":green-badge[On] E-mail",
    ):  # fmt: skip
        assert words in said, words
    assert "nights" not in said
    assert "There is no topic nothing" in told(open_page("topics", "viewer", topic="nothing"))


def test_a_change_is_saved_and_audited_with_before_and_after(open_page: Open):
    at = open_page("topics", "author", topic="edit.saved")
    at.button[0].click().run()
    key = next(area.key for area in at.text_area if "topic_text" in str(area.key))
    changed = str(at.text_area(key).value).replace("Your edit was", "Some edit was")
    at.text_area(key).set_value(changed).run()
    assert ":material/check: Goes in the feed." in told(at)
    at.button("topic_now").click().run()
    assert "Some edit was saved" in told(at)
    (entry,) = audited("edit.saved")
    assert entry.action == "changed a topic"
    assert entry.before["title"] == "Your edit was saved"
    assert entry.after["title"] == "Some edit was saved"


def test_what_is_wrong_is_told_with_its_line(open_page: Open):
    at = open_page("topics", "author", topic="board.shared")
    at.button[0].click().run()
    key = next(area.key for area in at.text_area if "topic_text" in str(area.key))
    wrong = str(at.text_area(key).value).replace('"board-shared"', '"nothing"')
    at.text_area(key).set_value(wrong).run()
    assert "template: there is no template nothing" in told(at)
    assert "Line " in told(at)
    assert at.button("topic_now").disabled
    at.button("topic_discard").click().run()
    assert "How it goes" in told(at)


def test_a_new_topic_is_made(person: Make):
    new = {**document("board.shared"), "key": "board.archived"}
    assert subjects.save(person("author"), as_toml(new), None).key == "board.archived"
    assert document("board.archived") == new
    assert [entry.action for entry in audited("board.archived")] == ["made a topic"]


def test_what_cannot_be_saved_is_refused_and_leaves_no_trace(person: Make):
    author, base, before = person("author"), document("board.shared"), data.audit()
    changed = {**base, "title": "Changed"}
    for new, old, complaint in (
        (base, base, "Nothing would change"),
        (changed, {**base, "title": "As somebody else left it"}, "Somebody else saved it"),
        (changed, None, "There is a topic of this key already"),
        ({**base, "key": "board.moved"}, base, "key never changes"),
        ({**base, "class": "urgent"}, base, "class: Input should be"),
    ):
        with pytest.raises(actions.RefusedError, match=complaint):
            subjects.save(author, as_toml(new), old)
    assert document("board.shared") == base
    assert data.audit() == before


@pytest.mark.parametrize("role", sorted(set(Role) - MAY))
def test_others_change_and_try_nothing(person: Make, role: Role):
    who, base = person(role), document("board.shared")
    with pytest.raises(actions.NotAllowedError):
        subjects.save(who, as_toml({**base, "title": "Changed"}), base)
    with pytest.raises(actions.NotAllowedError):
        subjects.try_out(who, "board.shared", "anna", '{"board": "x"}', ROW)


def test_sends_one_test_event_however_often_it_is_asked(played: str, person: Make):
    author = person("author")
    first = subjects.try_out(author, "board.shared", "anna", '{"board": "Roadmap"}', ROW)
    assert subjects.try_out(author, "board.shared", "anna", '{"board": "Roadmap"}', ROW) == first
    query = f"SELECT topic, recipients, data, test FROM outbox WHERE id = '{ROW}'"
    assert select(played, query) == [("board.shared", ["anna"], {"board": "Roadmap"}, True)]
    (entry,) = (one for one in audited("board.shared") if one.detail.get("row") == str(ROW))
    assert entry.detail == {"recipient": "anna", "row": str(ROW)}


@pytest.mark.parametrize(
    ("topic", "recipient", "said", "complaint"),
    [
        ("board.shared", "anna", "{}", "board"),
        ("board.shared", "anna", "[1]", "not a JSON object"),
        ("board.shared", "anna", "{", "not JSON"),
        ("board.shared", "anna", '{"board": "\\u0000"}', "NUL"),
        ("board.shared", " ", '{"board": "x"}', "recipient's id"),
        ("nothing", "anna", "{}", "no such topic"),
    ],
)
def test_what_planning_would_refuse_is_refused_at_once(
    person: Make, topic: str, recipient: str, said: str, complaint: str
):
    before = data.audit()
    with pytest.raises(actions.RefusedError, match=complaint):
        subjects.try_out(person("author"), topic, recipient, said, ROW)
    assert data.audit() == before


def test_the_form_sends_the_example_and_tells_what_became_of_it(played: str, open_page: Open):
    at = open_page("topics", "engineer", topic="board.shared")
    at.text_input("try_recipient").set_value("anna")
    at.button("try_now").click().run()
    assert "It waits to be planned" in told(at)
    ((row, said),) = select(played, f"SELECT id, data FROM outbox WHERE test AND id <> '{ROW}'")
    assert said == json.loads(data.topics()["board.shared"].schema or "")["examples"][0]
    with rows(played) as make:
        event = make.event("board.shared", outbox_id=row, test=True)
        reason = {"reason": "sandbox", "attempts": 0, "topic": "board.shared", "test": True}
        make.delivery(event=event, channel="in_app", topic="board.shared", test=True)
        make.delivery(event=event, state="skipped", **reason)
    at.run()
    assert Skip.SANDBOX.sentence in told(at)
    assert ":green-badge[Sent] In-app" in told(at)
