"""The store of templates: versions in locales, what they include, drafts, and the move to it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from models.database import SyncDatabase
from models.queries.configuring import drafts, templates
from models.records import (
    Live,
    NewVersion,
    Partial,
    TemplateDraft,
    TemplateHead,
    TemplateKind,
    TemplateVersion,
    Words,
)
from models.schema import downgrade, upgrade

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HEAD = TemplateHead("welcome", "Welcome", "in_app", locale="en")
FOOTER = TemplateHead("footer", "Footer", "email", TemplateKind.PARTIAL, "en")
ENGLISH = TemplateVersion("welcome", 1, "in_app", "Welcome", "Hello", locale="en")
GERMAN = replace(ENGLISH, subject="Willkommen", source="Hallo", locale="de")
BYE = TemplateVersion("footer", 1, "email", "", "Bye", locale="en")
DRAFT = TemplateDraft("welcome", "de", Words("S", "T"), 0, 1, NOW, "ada")


@pytest.fixture
def database(database_url: str) -> Iterator[SyncDatabase]:
    opened = SyncDatabase.connect(database_url, "tests", 1)
    yield opened
    opened.close()


@pytest.fixture
def published(database: SyncDatabase) -> SyncDatabase:
    publish(database, FOOTER, BYE)
    including = replace(GERMAN, partials=(Partial("footer", 1, "en", "Bye"),))
    assert publish(database, HEAD, ENGLISH, including)
    return database


def publish(database: SyncDatabase, head: TemplateHead, *texts: TemplateVersion) -> bool:
    with database.begin() as tx:
        kept = tx.follow(templates.publish_version(NewVersion(head, texts, "ada", NOW)))
        tx.run(templates.set_live(head.template, texts[0].version, NOW))
    return kept


def test_a_version_holds_its_locales_and_what_they_include(published: SyncDatabase):
    with published.begin() as tx:
        english, german = tx.run(templates.texts("welcome", 1))
        live = tx.run(templates.live())
        users = tx.run(templates.used_by("footer"))
    assert english == ENGLISH
    assert german.partials == (Partial("footer", 1, "en", "Bye"),)
    assert live == {"welcome": Live(1, "en", frozenset({"en", "de"}))}
    assert [user.template for user in users] == ["welcome"]


def test_a_version_is_kept_once_and_never_changes(published: SyncDatabase):
    assert not publish(published, HEAD, replace(ENGLISH, source="something else"))

    with published.begin() as tx:
        assert tx.run(templates.texts("welcome", 1))[0].source == "Hello"
        assert tx.run(templates.next_number("welcome")) == 2


def test_the_second_saver_of_a_draft_is_shown_what_the_first_wrote(published: SyncDatabase):
    with published.begin() as tx:
        first = tx.follow(drafts.save_draft(DRAFT))
        again = tx.follow(drafts.save_draft(DRAFT))
        with pytest.raises(drafts.StaleError, match="ada saved this draft") as refused:
            tx.follow(drafts.save_draft(replace(DRAFT, words=Words("Other", "T"))))
        second = replace(first, words=Words("S", "T2"), updated_at=NOW + timedelta(minutes=1))
        saved = tx.follow(drafts.save_draft(second))
    assert first == again == refused.value.theirs
    assert (saved.revision, saved.words.source) == (2, "T2")


def test_drafts_follow_a_version_that_says_the_same(published: SyncDatabase):
    with published.begin() as tx:
        tx.follow(drafts.save_draft(DRAFT))
        assert tx.run(drafts.rebase_drafts("welcome", 1, 2, NOW)) == 1
        (kept,) = tx.run(drafts.draft("welcome", "de"))
        assert tx.run(drafts.discard_draft("welcome", "de", kept.revision + 1)) == 0
        assert tx.run(drafts.discard_draft("welcome", "de", kept.revision)) == 1
    assert kept.base_version == 2


def test_words_move_into_locales_and_back(empty_database_url: str):
    url = empty_database_url
    upgrade(url, "0026")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO templates VALUES ('t', 'T', 'email', 1, now(), now());"
            "INSERT INTO template_versions (template, version, subject, source, compiled,"
            " created_at, created_by) VALUES ('t', 1, 'S', 'M', '{{ items }}', now(), 'ada')"
        )
    upgrade(url)
    query = "SELECT locale, subject, source, compiled, tells_many FROM template_texts"
    assert rows(url, query) == [("und", "S", "M", "{{ items }}", True)]
    downgrade(url, "0026")
    query = "SELECT subject, source, preheader, compiled, tells_many FROM template_versions"
    assert rows(url, query) == [("S", "M", None, "{{ items }}", False)]


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload, no-any-return]
