"""The starters: each passes the publish gate with data at the edge, in every language."""

import json

import pytest

from delivery.publishing.filling import words
from delivery.publishing.judging import findings
from delivery.publishing.material import Proposal, Sample, Use
from delivery.rendering.fill import fill, prepare
from delivery.rendering.saving import complete, equipped
from delivery.templates.folder import bundles_of, files_of
from delivery.templates.gallery import Starter, gallery, pieces, starters
from models.records import Class

PIECES = [text for each in pieces() for text in each.texts]
LINK = "https://example.com/"


def _key(starter: Starter) -> str:
    return starter.bundle.head.template


def test_each_occasion_has_its_starter():
    assert [each.bundle.head.template for each in starters()] == [
        "announcement", "digest", "mention", "otp", "receipt", "welcome",
    ]  # fmt: skip


@pytest.mark.parametrize("starter", starters(), ids=_key)
def test_the_gate_has_nothing_to_say(starter: Starter):
    data = starter.data
    schema = json.dumps({"type": "object", "required": list(data), "examples": [data]})
    collects = starter.bundle.head.template == "digest"
    use = Use("t", "Boards", "c", Class.TRANSACTIONAL, collects=collects, schema=schema)
    texts = {text.locale: equipped(text, PIECES) for text in starter.bundle.texts}
    proposal = Proposal(texts, "en", uses=(use,), samples=(Sample("t", data),))
    assert findings(words(proposal, fill)) == []


@pytest.mark.parametrize("starter", starters(), ids=_key)
def test_its_mail_is_small_dark_where_asked_and_readable_as_text(starter: Starter):
    for text in starter.bundle.texts:
        recipient = {"id": "anna", "name": "Anna", "locale": text.locale, "timezone": "UTC"}
        context = {
            "data": starter.data,
            "recipient": recipient,
            "topic": {"key": "t", "title": "Boards", "category": "c"},
            "event": {"id": "1", "actor": "Mark", "created_at": "2026-11-22T09:30:00+00:00"},
            "links": {"unsubscribe": LINK, "preferences": LINK, "browser": LINK},
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
