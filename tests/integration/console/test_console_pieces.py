"""Partials and layouts in the console: what publishing one brings upon those who use it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import data
from dashboard.actions import NotAllowedError, RefusedError
from dashboard.changing import archiving, beginning, deciding, drafting, judging, publishing
from dashboard.changing.approving import ApprovalNeededError
from dashboard.reading import templates as reading_templates
from delivery.rendering.saving import complete
from models.queries.configuring import catalog, templates
from models.query import count, sql
from models.records import (
    Class,
    Decision,
    NewVersion,
    Step,
    TemplateDraft,
    TemplateHead,
    TemplateKind,
    TemplateVersion,
    Topic,
    Words,
)

Make = Callable[..., UUID]
Open = Callable[..., AppTest]
FOOTER = TemplateHead("footer", "Footer", "in_app", TemplateKind.PARTIAL, "en")
BYE = TemplateVersion("footer", 1, "in_app", "", "Bye", locale="en")
USER = TemplateVersion(
    "edited", 1, "in_app", "Edited", 'It was. {% include "footer" %}', locale="en"
)

CAMPAIGN = """
    INSERT INTO campaigns (campaign, title, topic, document, created_at, updated_at, updated_by)
    VALUES ('spring', 'Spring', 'page.edited', CAST(:document AS jsonb), now(), now(), 'ada')
"""


@pytest.fixture(scope="module", autouse=True)
def _no_judge_is_left() -> Iterator[None]:
    yield
    judging.judge().close()
    judging.judge.cache_clear()


@pytest.fixture
def used(reading: str) -> None:
    """A partial that a template of the feed includes, which a topic uses."""
    assert reading
    now = data.database().now()
    topic = Topic("page.edited", "Edited", "pages", Class.TRANSACTIONAL,
                  (Step("in_app", "in_app", "edited"),))  # fmt: skip
    with data.database().begin() as tx:
        tx.follow(templates.publish_version(NewVersion(FOOTER, (BYE,), "ada", now)))
        tx.run(templates.set_live("footer", 1, now))
        tx.follow(templates.save_version(complete(USER, [BYE]), "Edited", "ada", now))
        for statement in catalog.save_topic(topic, now):
            tx.run(statement)


def write(by: UUID, source: str) -> dict[str, int]:
    before = drafting.of_template("footer").get("en")
    now, revision = data.database().now(), before.revision if before else 0
    draft = TemplateDraft("footer", "en", Words("", source), revision, 1, now, "")
    return {"en": drafting.save(by, draft).revision}


def live(template: str) -> TemplateVersion:
    with data.database().begin() as tx:
        number = tx.run(templates.heads())[template].live_version or 0
        return tx.run(templates.texts(template, number))[0]


@pytest.mark.usefixtures("used")
def test_a_new_footer_makes_new_versions_of_what_includes_it_once(person: Make):
    ada = person("author")
    seen = write(ada, "See you")
    assert judging.look("footer").findings == ()
    assert publishing.publish(ada, "footer", seen, ()) == 2
    with pytest.raises(RefusedError, match="no draft"):
        publishing.publish(ada, "footer", seen, ())

    assert (live("edited").version, live("edited").store) == (2, {"footer": "See you"})
    entry = next(one for one in data.audit() if one.action == "published a template")
    assert entry.detail == {"locales": ["en"], "warnings": [], "touched": ["edited"]}
    report = reading_templates.template_report("footer")
    assert report is not None
    assert (report.line.users, [topic.key for topic in report.topics]) == (
        ["edited"], ["page.edited"],
    )  # fmt: skip


@pytest.mark.usefixtures("used")
@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("Bye {{ data.nope }}", "missing"),
        ("Bye {% if %}", "Mend this first"),
        ('{% include "footer" %}', "Mend this first"),
    ],
)
def test_what_it_would_break_where_it_is_used_stands_in_its_way(
    person: Make, source: str, said: str
):
    ada = person("author")
    seen = write(ada, source)
    with pytest.raises(RefusedError, match=said):
        publishing.publish(ada, "footer", seen, ())
    assert (live("footer").version, live("edited").version) == (1, 1)


@pytest.mark.usefixtures("used")
def test_it_waits_for_approval_where_a_topic_of_any_user_asks_for_it(person: Make):
    with data.database().begin() as tx:
        tx.run(sql("UPDATE topics SET class = 'promotional'", count))
    ada, other = person("author"), person("approver")
    seen = write(ada, "See you")
    with pytest.raises(ApprovalNeededError):
        publishing.publish(ada, "footer", seen, ())
    asked = publishing.ask(ada, "footer", seen, (), "a warmer word")
    deciding.decide(other, asked, Decision.APPROVED, "fine")
    with data.database().begin() as tx:  # somebody publishes what uses it meanwhile
        now = data.database().now()
        newer = complete(replace(USER, version=2, subject="Changed"), [BYE])
        tx.follow(templates.save_version(newer, "Edited", "lin", now))
    with pytest.raises(ApprovalNeededError):
        publishing.publish(ada, "footer", seen, ())


@pytest.mark.usefixtures("used")
def test_who_may_not_publish_what_uses_it_does_not_publish_it(person: Make):
    ada = person("author")
    seen = write(ada, "See you")
    with data.database().begin() as tx:
        tx.run(sql("INSERT INTO teams VALUES ('growth', 'Growth', now())", count))
        tx.run(sql("UPDATE templates SET team = 'growth' WHERE template = 'footer'", count))
        tx.run(sql("UPDATE people SET roles = '{}' WHERE person = :by", count, by=ada))
        tx.run(
            sql(
                "INSERT INTO memberships (person, team, roles) VALUES (:by, 'growth', '{author}')",
                count,
                by=ada,
            )
        )
    with pytest.raises(NotAllowedError):
        publishing.publish(ada, "footer", seen, ())
    assert live("edited").version == 1


@pytest.mark.usefixtures("used")
def test_a_layout_that_nothing_uses_is_made_and_published_without_asking(person: Make):
    ada = person("author")
    head = TemplateHead("frame", "Frame", "in_app", TemplateKind.LAYOUT, "en")
    beginning.create(ada, head, Words("", "{% block main %}Nothing{% endblock %}"))
    with pytest.raises(RefusedError, match="needs no approval"):
        publishing.ask(ada, "frame", {"en": 1}, (), "why")
    assert publishing.publish(ada, "frame", {"en": 1}, ()) == 1
    assert live("frame").source == "{% block main %}Nothing{% endblock %}"


@pytest.mark.usefixtures("used")
def test_what_is_in_use_is_not_archived_and_comes_back_as_its_pieces_are_then(person: Make):
    ada = person("author")
    for key, user in (("footer", "template edited"), ("edited", "topic page.edited")):
        with pytest.raises(RefusedError, match=f"in use by {user}: let them use another"):
            archiving.archive(ada, key)
    with data.database().begin() as tx:
        tx.run(sql("DELETE FROM topic_steps", count))
        tx.run(
            sql(
                CAMPAIGN,
                count,
                document=json.dumps({"steps": [{"templates": {"in_app": "edited"}}]}),
            )
        )
    with pytest.raises(RefusedError, match="in use by campaign spring"):
        archiving.archive(ada, "edited")
    with data.database().begin() as tx:
        tx.run(sql("UPDATE campaigns SET state = 'finished'", count))
    for _ in range(2):
        archiving.archive(ada, "edited")
    seen = write(ada, "See you")
    assert publishing.publish(ada, "footer", seen, ()) == 2
    assert live("edited").version == 1
    archiving.archive(ada, "footer")
    with pytest.raises(RefusedError, match=r"cannot be brought back: .*footer"):
        archiving.restore(ada, "edited")
    for key in ("footer", "edited", "edited"):
        archiving.restore(ada, key)

    assert (live("edited").version, live("edited").store) == (2, {"footer": "See you"})
    told = [(one.action, one.subject) for one in data.audit() if "rchive" in one.action or
            "back" in one.action]  # fmt: skip
    assert told == [
        ("brought a template back", "edited"), ("brought a template back", "footer"),
        ("archived a template", "footer"), ("archived a template", "edited"),
    ]  # fmt: skip


@pytest.mark.usefixtures("used")
def test_what_is_archived_is_offered_nowhere_and_not_published(person: Make, open_page: Open):
    ada = person("author")
    with data.database().begin() as tx:
        tx.run(sql("DELETE FROM topic_steps", count))
    archiving.archive(ada, "edited")
    with data.database().begin() as tx:
        assert "edited" not in {**tx.run(templates.live()), **tx.run(templates.channels())}
    draft = TemplateDraft("edited", "en", Words("Other", "Other"), 0, 1, data.now(), "")
    kept = drafting.save(ada, draft)
    with pytest.raises(RefusedError, match="archived: bring it back"):
        publishing.publish(ada, "edited", {"en": kept.revision}, ())
    with pytest.raises(RefusedError, match="already, archived: bring it back"):
        beginning.create(ada, TemplateHead("edited", "E", "in_app", locale="en"), draft.words)
    with pytest.raises(RefusedError, match="There is no template nothing"):
        archiving.archive(ada, "nothing")
    at = open_page("templates", "author", template="edited")
    assert [each.value.startswith("Archived on ") for each in at.info] == [True]
    said = [
        badge for each in at.markdown for badge in ("archived]", "is live]") if badge in each.value
    ]
    assert said == ["archived]"]
    labels = {each.label for each in at.button}
    assert ("Bring back" in labels, "Publish…" in labels) == (True, False)
    next(each for each in at.button if each.label == "Bring back").click().run()
    assert not at.exception
    assert any("is live]" in each.value for each in at.markdown)
    assert "Publish…" in {each.label for each in at.button}


@pytest.mark.usefixtures("used")
def test_a_language_of_a_footer_goes_out_of_all_that_use_it(person: Make):
    ada = person("author")
    german = TemplateDraft("footer", "de", Words("", "Tschüs"), 0, 1, data.now(), "")
    drafting.save(ada, german)
    assert publishing.publish(ada, "footer", {"de": 1}, ()) == 2
    with data.database().begin() as tx:
        now, partials = data.database().now(), tx.run(templates.live_partials())
        texts = [replace(USER, version=3, locale=locale) for locale in ("en", "de")]
        head = replace(tx.run(templates.heads())["edited"], locale="en")
        kept = tuple(complete(text, partials) for text in texts)
        tx.follow(templates.publish_version(NewVersion(head, kept, "ada", now)))
        tx.run(templates.set_live("edited", 3, now))

    assert publishing.take_out(ada, "footer", "de", "") == 3
    with data.database().begin() as tx:
        said = {text.locale: text.store for text in tx.run(templates.texts("edited", 4))}
    assert said == {"en": {"footer": "Bye"}, "de": {"footer": "Bye"}}
