"""The pure parts of the studio: what the editor offers, where problems are, what raw mail shows."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from dashboard.files import HERE
from dashboard.showing import examples, rawmail
from dashboard.showing.completing import vocabulary
from dashboard.showing.parts import parts_of, placed, placed_in
from dashboard.showing.piece import shown
from dashboard.showing.sheet import as_version, opened, refreshed, written
from dashboard.showing.trials import carried
from delivery.errors import Problem
from delivery.messages import Content
from delivery.publishing.cases import UNSUBSCRIBE
from delivery.rendering.elements import attributes, elements, grammar
from models.records import Class, Partial, TemplateDraft, TemplateKind, TemplateVersion, Topic
from scheduler.samples import TEMPLATES

SCHEMA = {
    "properties": {
        "board": {"type": "string"},
        "owner": {"type": ["object", "null"], "properties": {"name": {"type": "string"}}},
    },
    "examples": [{"cards": [{"title": "x"}], "place": {"city": "Graz"}}],
}
MAIL = TemplateVersion("t", 3, "email", "Hi", "<mjml></mjml>", text="Hello", compiled="<p>")


def topic(schema: str | None) -> Topic:
    return Topic("board.shared", "Shared", "sharing", Class.TRANSACTIONAL, (), schema=schema)


def test_the_bundle_is_made_of_the_sources_beside_it():
    here = HERE / "editor"
    made_of = sha256()
    for source in [*sorted((here / "src").iterdir()), here / "package-lock.json"]:
        made_of.update(source.read_bytes())

    with Path(HERE / "static" / "editor.js").open(encoding="utf-8") as bundle:
        assert made_of.hexdigest() in bundle.readline(), "run `make editor`"


def test_offers_what_the_schema_and_its_examples_hold():
    offered = {
        term.name: term.detail
        for term in vocabulary([topic(json.dumps(SCHEMA))], mjml=True).variables
    }

    assert offered["data.board"] == "string"
    assert offered["data.owner"] == "object or null"
    assert offered["data.owner.name"] == "string"
    assert offered["data.place.city"] == "string"
    assert offered["data.cards"] == "array"
    assert "recipient.name" in offered


@pytest.mark.parametrize("schema", [None, "{}", "true", '{"properties": 7, "examples": {"a": 1}}'])
def test_offers_what_always_is_there_when_the_schema_says_nothing(schema: str | None):
    names = {term.name for term in vocabulary([topic(schema)], mjml=False).variables}

    assert "links.unsubscribe" in names
    assert not any(name.startswith("data.") for name in names)


def test_offers_filters_with_what_ours_mean_and_elements_for_mail_alone():
    offered = vocabulary([], mjml=False)

    assert {term.name: term.detail for term in offered.filters}["currency"] == "An amount of money"
    assert offered.grammar == {}
    assert vocabulary([], mjml=True).grammar == grammar()


def test_what_is_offered_in_mail_is_never_called_a_mistake():
    for name, told in grammar().items():
        assert name in elements()
        assert set(told["children"]) <= elements()
        assert set(told["attributes"]) <= attributes()


def test_a_problem_is_put_into_the_part_it_names():
    problems = [Problem(4, "'data.x' is missing"), Problem(1, "subject: 'data.y' is missing")]

    [inside, above] = placed(problems, "email")

    assert (inside.part.name, inside.line, inside.message) == ("source", 4, "'data.x' is missing")
    assert (above.part.name, above.message) == ("subject", "'data.y' is missing")


@pytest.mark.parametrize("channel", ["email", "in_app", "sms", "push", "some_new_one"])
def test_every_channel_has_a_source_first(channel: str):
    assert parts_of(channel)[0].name == "source"


def test_a_sheet_that_was_not_written_on_says_what_its_version_says():
    for _, version in TEMPLATES:
        sheet = opened(version, None)
        assert sheet.kept
        assert as_version(sheet).source == version.source


def test_an_empty_part_is_none_and_what_was_compiled_is_not_kept():
    said = as_version(opened(MAIL, None))

    assert said.preheader is None
    assert said.text == "Hello"
    assert said.compiled is None


def test_raw_mail_is_what_the_composer_makes_with_placeholders_for_ids():
    context = examples.context({}, None)
    octets = rawmail.raw(Content("Grüße", "Hello", "<p>Hello</p>"), context, "Shop <a@b.example>")

    assert octets.startswith('From: "Shop" <a@b.example>\r\n')
    assert "Message-ID: <00000000-0000-0000-0000-000000000000@b.example>\r\n" in octets
    assert f"List-Unsubscribe: <{UNSUBSCRIBE}>" in octets
    assert "multipart/alternative" in octets


NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def draft(source: str, revision: int, by: str = "lin") -> TemplateDraft:
    return TemplateDraft("t", "und", replace(MAIL.words, source=source), revision, 3, NOW, by)


def test_a_sheet_is_kept_until_it_is_written_on():
    sheet = opened(MAIL, None)
    changed = written(sheet, "source", "<mjml>new</mjml>")

    assert sheet.kept
    assert not changed.kept
    assert written(sheet, "preheader", "").words == sheet.words
    assert written(sheet, "text", "").words.text is None


def test_newer_words_of_others_are_taken_on_while_nothing_is_unsaved():
    sheet = opened(MAIL, draft("one", 1))
    newer = refreshed(sheet, draft("two", 2))

    assert (newer.words.source, newer.put) == ("two", sheet.put + 1)
    assert refreshed(newer, draft("two", 2)) == newer
    assert refreshed(newer, None).words == MAIL.words


def test_words_that_are_not_saved_stay_and_are_saved_over_what_was_read():
    unsaved = written(opened(MAIL, draft("one", 1)), "source", "mine")

    assert refreshed(unsaved, draft("two", 2)) == unsaved
    assert unsaved.wanted(NOW, "ada").revision == 1
    clashing = replace(unsaved, theirs=draft("two", 2))
    assert clashing.wanted(NOW, "ada").revision == 2
    assert clashing.wanted(NOW, "ada").words.source == "mine"


def test_a_first_draft_begins_with_the_version_that_is_live():
    assert opened(MAIL, None).wanted(NOW, "ada").base_version == 3
    assert opened(replace(MAIL, version=0), None).wanted(NOW, "ada").base_version is None


def test_what_is_wrong_with_a_piece_is_told_by_its_own_line():
    said = [Problem(1, "in footer, line 4: 'data.x' is missing"), Problem(9, "'y' is missing")]
    told = [
        (each.part.name, each.line, each.message) for each in placed_in("footer", said, "email")
    ]
    assert told == [
        ("source", 4, "'data.x' is missing"),
        ("source", 1, "where it is shown: 'y' is missing"),
    ]


def test_a_piece_is_shown_in_what_uses_it_as_it_is_written_now():
    old, sign = Partial("footer", 1, "en", "Old"), Partial("sign", 1, "en", "Yours")
    footer = TemplateVersion("footer", 1, "in_app", "", "New", locale="en", partials=(old, sign))
    host = TemplateVersion("t", 2, "in_app", "T", '{% include "footer" %}', partials=(old,))
    made = shown(footer, TemplateKind.PARTIAL, host)
    assert made == replace(host, partials=(sign, Partial("footer", 1, "en", "New")))
    assert [part.name for part in parts_of("email", piece=True)] == ["source"]


@pytest.mark.parametrize(
    ("adds", "told"),
    [
        ({}, "It carries the words alone; campaigns may add to them."),
        (
            {"reply_to": "Support <s@x.test>", "attachments": ("terms",)},
            "It carries what `edited` adds: Reply-To `Support <s@x.test>` and the files `terms`.",
        ),
    ],
)
def test_what_a_test_send_carries_is_said(adds: dict[str, Any], told: str):
    assert carried(replace(topic(None), key="edited", **adds)) == told
    assert carried(None).startswith("It carries the words alone")
