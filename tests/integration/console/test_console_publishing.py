"""Publishing drafts in the console: what is looked at, who may, and once."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import data
from dashboard.actions import NotAllowedError, RefusedError
from dashboard.changing import deciding, judging, publishing, reviewing, subjects
from dashboard.changing.approving import ApprovalNeededError
from dashboard.showing import asks
from delivery.rulebook.writing import as_toml
from delivery.topics import as_document
from models.queries.configuring import approvals, catalog, drafts, templates
from models.query import count, sql
from models.records import Class, Decision, Step, TemplateDraft, TemplateHead, Topic, Words
from tests.integration.console.conftest import turn_to

Make = Callable[..., UUID]
Open = Callable[..., AppTest]
SCHEMA = {"properties": {"page": {"type": "string"}}, "required": ["page"]}
GOOD = Words("{{ data.page }} was edited", "Look at {{ data.page }}.")
GERMAN = Words("{{ data.page }} wurde geändert", "Schau dir {{ data.page }} an.")


@pytest.fixture
def feed(reading: str) -> None:
    """A template of the feed with a topic that uses it, and nothing live."""
    assert reading
    head = TemplateHead("edited", "Edited", "in_app", locale="en")
    topic = Topic("page.edited", "Edited", "pages", Class.TRANSACTIONAL,
                  (Step("in_app", "in_app", "edited"),), schema=json.dumps(SCHEMA))  # fmt: skip
    with data.database().begin() as tx:
        tx.run(templates.save_head(head, data.database().now()))
        for statement in catalog.save_topic(topic, data.database().now()):
            tx.run(statement)


@pytest.fixture(scope="module", autouse=True)
def _no_judge_is_left() -> Iterator[None]:
    yield
    judging.judge().close()
    judging.judge.cache_clear()


def write(words: Words, locale: str = "en") -> dict[str, int]:
    """Save a draft; how far all of them are."""
    with data.database().begin() as tx:
        before = {one.locale: one.revision for one in tx.run(drafts.drafts("edited"))}
        now = data.database().now()
        wanted = TemplateDraft("edited", locale, words, before.get(locale, 0), None, now, "ada")
        kept = tx.follow(drafts.save_draft(wanted))
    return before | {locale: kept.revision}


def fits(asked: UUID) -> bool:
    with data.database().begin() as tx:
        found = tx.run(approvals.locked(asked))
    assert found is not None
    return reviewing.fits(found)


def live() -> list[tuple[int, str, str]]:
    with data.database().begin() as tx:
        version = tx.run(templates.heads())["edited"].live_version
        return [
            (t.version, t.locale, t.subject)
            for t in tx.run(templates.texts("edited", version or 0))
        ]


def audit() -> list[tuple[str, Any, Any, dict[str, Any]]]:
    found = [entry for entry in data.audit() if entry.action == "published a template"]
    return [(entry.subject, entry.before, entry.after, dict(entry.detail)) for entry in found]


@pytest.mark.usefixtures("feed")
def test_a_draft_becomes_the_next_version_and_is_published_once(person: Make):
    author = person("author")
    seen = write(GOOD)
    assert publishing.publish(author, "edited", seen, ()) == 1
    with pytest.raises(RefusedError, match="no draft"):
        publishing.publish(author, "edited", seen, ())
    both = write(GERMAN, "de")
    assert publishing.publish(author, "edited", both, ()) == 2
    assert live() == [(2, "en", GOOD.subject), (2, "de", GERMAN.subject)]
    assert audit() == [
        ("edited", 1, 2, {"locales": ["de"], "warnings": []}),
        ("edited", None, 1, {"locales": ["en"], "warnings": []}),
    ]


@pytest.mark.usefixtures("feed")
def test_a_language_is_taken_out_once_and_never_the_last_or_default_one(person: Make):
    author = person("author")
    publishing.publish(author, "edited", write(GERMAN, "de") | write(GOOD), ())
    with pytest.raises(RefusedError, match="en cannot go: it serves everybody else"):
        publishing.take_out(author, "edited", "en", "")
    drafted = write(Words("Other", GOOD.source), "de")
    with pytest.raises(RefusedError, match="There is a draft in de"):
        publishing.take_out(author, "edited", "de", "")
    assert publishing.publish(author, "edited", drafted, ()) == 2
    other = write(Words("Other", GOOD.source))

    assert publishing.take_out(author, "edited", "de", "Nobody reads it") == 3
    with pytest.raises(RefusedError, match="Nothing is live in de"):
        publishing.take_out(author, "edited", "de", "")
    assert live() == [(3, "en", GOOD.subject)]
    [entry] = [one for one in data.audit() if one.action == "took a language out"]
    assert (entry.before, entry.after, entry.why, entry.detail) == (
        2, 3, "Nobody reads it", {"locale": "de"},
    )  # fmt: skip
    assert publishing.publish(author, "edited", other, ()) == 4


@pytest.mark.usefixtures("feed")
def test_a_language_of_advertising_goes_when_somebody_else_looked_at_it(person: Make):
    author, other = person("author"), person("approver")
    publishing.publish(author, "edited", write(GERMAN, "de") | write(GOOD), ())
    with data.database().begin() as tx:
        tx.run(sql("UPDATE topics SET class = 'promotional'", count))
    with pytest.raises(ApprovalNeededError):
        publishing.take_out(author, "edited", "de", "why")
    asked = publishing.ask_to_take_out(author, "edited", "de", "why")
    deciding.decide(other, asked, Decision.APPROVED, "fine")
    assert publishing.take_out(author, "edited", "de", "why") == 2
    assert live() == [(2, "en", GOOD.subject)]


@pytest.mark.usefixtures("feed")
def test_what_stands_in_the_way_is_said_and_nothing_is_published(person: Make):
    author = person("author")
    with pytest.raises(RefusedError, match="no draft"):
        judging.look("edited")
    seen = write(Words("{{ data.page }}", "<b>{{ data.pgae }}</b>"))
    with pytest.raises(RefusedError, match=r"Mend this first: 'data\.pgae' is missing"):
        publishing.publish(author, "edited", seen, ())
    assert live() == []
    assert audit() == []


@pytest.mark.usefixtures("feed")
def test_a_warning_is_published_by_who_says_that_they_know(person: Make):
    author, seen = person("author"), write(Words("LOOK AT THIS PAGE", GOOD.source))
    [warning] = judging.look("edited").warnings
    with pytest.raises(RefusedError, match="Say that you know of this, or mend it: The subject"):
        publishing.publish(author, "edited", seen, ())
    assert publishing.publish(author, "edited", seen, [warning.mark]) == 1
    assert audit()[0][3]["warnings"] == [warning.mark]


@pytest.mark.usefixtures("feed")
def test_what_changed_since_it_was_looked_at_is_not_published(person: Make):
    author, seen = person("author"), write(GOOD)
    write(Words("Other words", GOOD.source))
    with pytest.raises(RefusedError, match="changed or published it meanwhile"):
        publishing.publish(author, "edited", seen, ())
    assert live() == []


@pytest.mark.usefixtures("feed")
def test_who_does_not_write_does_not_publish(person: Make):
    seen = write(GOOD)
    for role in ("viewer", "approver", "operator", "support"):
        with pytest.raises(NotAllowedError):
            publishing.publish(person(role), "edited", seen, ())
    assert live() == []


@pytest.mark.usefixtures("feed")
def test_promotional_words_wait_for_somebody_else_and_for_just_these_words(person: Make):
    with data.database().begin() as tx:
        tx.run(sql("UPDATE topics SET class = 'promotional'", count))
    author, other, seen = person("author"), person("approver"), write(GOOD)
    with pytest.raises(ApprovalNeededError, match="ask for approval"):
        publishing.publish(author, "edited", seen, ())
    asked = publishing.ask(author, "edited", seen, (), "first words")
    deciding.decide(other, asked, Decision.APPROVED, "fine")
    changed = write(Words("Other words", GOOD.source))
    assert not fits(asked)
    with pytest.raises(ApprovalNeededError):
        publishing.publish(author, "edited", changed, ())
    again = write(GOOD)
    assert fits(asked)
    assert publishing.publish(author, "edited", again, ()) == 1
    assert live() == [(1, "en", GOOD.subject)]
    assert not fits(asked)


@pytest.mark.usefixtures("feed")
def test_what_a_team_owns_is_published_there_alone(person: Make):
    with data.database().begin() as tx:
        tx.run(sql("INSERT INTO teams VALUES ('growth', 'Growth', now())", count))
        tx.run(sql("UPDATE templates SET team = 'growth'", count))
    seen = write(GOOD)
    with pytest.raises(NotAllowedError):
        publishing.publish(person("viewer"), "edited", seen, ())
    assert publishing.publish(person("author"), "edited", seen, ()) == 1


@pytest.mark.usefixtures("feed")
def test_a_live_template_is_looked_at_before_it_is_said_in_another_class(person: Make):
    author, approver = person("author"), person("approver")
    publishing.publish(author, "edited", write(GOOD), ())
    base = as_document(data.topics()["page.edited"])
    news = as_toml({**base, "class": "promotional"})
    with pytest.raises(ApprovalNeededError):
        subjects.save(author, news, base)
    fresh = {**base, "key": "page.advertised", "class": "promotional"}
    with pytest.raises(ApprovalNeededError):
        subjects.save(author, as_toml(fresh), None)
    with pytest.raises(RefusedError, match="Give a note"):
        subjects.ask(author, news, base, None, " ")
    subjects.ask(author, news, base, None, "It is news")
    with data.database().begin() as tx:
        (asked,) = tx.run(approvals.unsettled())
    assert asked.subject == "edited for page.edited"
    assert asks.says_the_same(asked)
    assert asks.sentences(asked) == [
        "It would be said by promotional topics; now by transactional topics."
    ]
    with pytest.raises(NotAllowedError):
        deciding.decide(author, asked.approval, Decision.APPROVED, "")
    deciding.decide(approver, asked.approval, Decision.APPROVED, "")
    subjects.save(author, news, base)
    assert data.topics()["page.edited"].klass is Class.PROMOTIONAL
    titled = {**base, "class": "promotional", "title": "News"}
    subjects.save(author, as_toml(titled), {**base, "class": "promotional"})
    assert [one.action for one in data.audit()].count("used an approval") == 1


@pytest.mark.usefixtures("feed")
def test_a_reviewer_sees_what_the_checks_say_of_just_what_was_asked(person: Make, open_page: Open):
    author, _ = person("author"), person("approver")
    base = as_document(data.topics()["page.edited"])
    subjects.save(author, as_toml({**base, "class": "promotional"}), base)
    seen = write(GOOD)
    asked = publishing.ask(author, "edited", seen, (), "first")
    with data.database().begin() as tx:
        found = tx.run(approvals.locked(asked))
    assert found is not None
    look = publishing.asked(found)
    assert look is not None
    assert look.findings == ()
    at = open_page("approvals", "admin", approval=str(asked))
    assert not at.exception
    shown = " ".join(
        str(each.value) for kind in (at.subheader, at.success, at.error) for each in kind
    )
    assert "What the checks say" in shown
    assert "Every check passed" in shown
    write(Words("Other", "Other"))
    assert publishing.asked(found) is None
    at = turn_to(at, "templates", template="edited")
    assert any("changed since approval was asked for" in each.value for each in at.markdown)
    assert [each.label for each in at.button if "again" in each.label] == ["Ask again…"]
