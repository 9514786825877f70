"""The starters: each passes the publish gate with data at the edge, in every language."""

import json
from typing import Any

import pytest

from delivery.publishing.filling import words
from delivery.publishing.judging import findings
from delivery.publishing.material import Proposal, Sample, Use
from delivery.rendering.fill import fill, prepare
from delivery.rendering.saving import complete, equipped
from delivery.templates.folder import Bundle, bundles_of, files_of
from delivery.templates.gallery import gallery, starters
from models.records import Class, TemplateKind

PIECES = [
    text for each in gallery() if each.head.kind is not TemplateKind.TEMPLATE for text in each.texts
]
LINK = "https://example.com/"
DATA: dict[str, dict[str, Any]] = {
    "welcome": {"url": LINK, "steps": [{"title": "Make a board", "url": LINK}]},
    "mention": {"who": "Mark", "where": "Roadmap", "quote": "Look at this", "url": LINK},
    "digest": {"title": "Roadmap was edited", "url": LINK},
    "otp": {"code": "482 913", "minutes": 10},
    "receipt": {
        "number": "R-1", "currency": "EUR", "total": 75.5, "url": LINK,
        "lines": [{"title": "Seat", "quantity": 3, "amount": 75.5}],
    },
    "announcement": {
        "title": "Timelines", "lead": "Every card on a line.", "url": LINK, "action": "Try it",
        "points": [{"title": "Drag", "text": "Dates follow."}],
    },
}  # fmt: skip


def test_each_occasion_has_its_starter():
    assert {each.head.template for each in starters()} == DATA.keys()


@pytest.mark.parametrize("starter", starters(), ids=lambda each: each.head.template)
def test_the_gate_has_nothing_to_say(starter: Bundle):
    data = DATA[starter.head.template]
    schema = json.dumps({"type": "object", "required": list(data), "examples": [data]})
    collects = starter.head.template == "digest"
    use = Use("t", "Boards", "c", Class.TRANSACTIONAL, collects=collects, schema=schema)
    texts = {text.locale: equipped(text, PIECES) for text in starter.texts}
    proposal = Proposal(texts, "en", uses=(use,), samples=(Sample("t", data),))
    assert findings(words(proposal, fill)) == []


@pytest.mark.parametrize("starter", starters(), ids=lambda each: each.head.template)
def test_its_mail_is_small_dark_where_asked_and_readable_as_text(starter: Bundle):
    for text in starter.texts:
        recipient = {"id": "anna", "name": "Anna", "locale": text.locale, "timezone": "UTC"}
        context = {
            "data": DATA[starter.head.template],
            "recipient": recipient,
            "topic": {"key": "t", "title": "Boards", "category": "c"},
            "event": {"id": "1", "actor": "Mark", "created_at": "2026-11-22T09:30:00+00:00"},
            "links": {"unsubscribe": LINK, "preferences": LINK},
        }
        content = fill(prepare(complete(text, PIECES)), context)
        html = content.html or ""
        assert len(html) < 20_000
        assert "prefers-color-scheme: dark" in html
        assert f'<html lang="{text.locale}"' in html
        assert "<" not in content.text
        assert LINK in content.text


def test_starters_are_files_like_any_others():
    for each in gallery():
        assert bundles_of(files_of(each)) == ([each], [])
