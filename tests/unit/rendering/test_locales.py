"""Which of a template's languages somebody gets."""

import pytest

from delivery.rendering.locales import canonical, direction, fallbacks, known, nearest, spoken
from models.records import Live, TemplateVersion

LIVE = Live(1, "en", frozenset({"en", "de", "pt-BR", "zh-Hant"}))


def test_a_locale_falls_back_by_its_parts():
    assert fallbacks("de_latn-at") == ("de-Latn-AT", "de-Latn", "de")
    assert canonical(" PT_br ") == "pt-BR"


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        ("de", "de"), ("de-AT", "de"), ("de_at", "de"), ("pt-BR", "pt-BR"), ("pt-PT", "en"),
        ("zh-Hant-HK", "zh-Hant"), ("zh", "en"), ("fr", "en"), (None, "en"), ("", "en"),
        ("not a locale\x00", "en"),
    ],
)  # fmt: skip
def test_everybody_gets_the_nearest_locale_there_is(wanted: str | None, given: str):
    assert spoken(wanted, LIVE) == given


def test_the_first_text_is_the_default():
    english = TemplateVersion("t", 1, "in_app", "s", "x", locale="en")
    german = TemplateVersion("t", 1, "in_app", "s", "x", locale="de")
    assert nearest("de-CH", [english, german]) is german
    assert nearest("fr", [english, german]) is english
    assert nearest("fr", []) is None


@pytest.mark.parametrize(
    ("locale", "way"),
    [("ar", "rtl"), ("he-IL", "rtl"), ("de-AT", "ltr"), ("und", "auto"), ("xx-nowhere", "auto")],
)
def test_a_language_runs_its_own_way(locale: str, way: str):
    assert direction(locale) == way


def test_a_locale_nobody_speaks_is_none():
    assert known("pt_br") == "pt-BR"
    assert known("nope-nope") is None
