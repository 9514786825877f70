"""The languages of the pages: each says everything, and the right one is found."""

import re
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from delivery.api import pages
from delivery.api.troubles import Trouble
from delivery.api.words import ENGLISH, LANGUAGES, Words, speaking
from delivery.consent.wishes import Origin

TEMPLATES = [path.read_text() for path in Path(pages.__file__).parent.glob("html/*.html")]
EACH = pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_speaks_these_languages():
    assert {"en", "de", "fr", "es", "ja", "ar"} <= set(LANGUAGES)


@EACH
def test_says_everything_with_the_same_places(words: Words):
    assert {name: places(text) for name, text in words.texts.items()} == {
        name: places(text) for name, text in ENGLISH.texts.items()
    }
    assert all(text.strip() == text != "" for text in words.texts.values())


@EACH
def test_says_it_in_its_own_words(words: Words):
    same = {name for name, text in words.texts.items() if text == ENGLISH.texts[name]}
    assert words is ENGLISH or same <= {"where", "moment", "channel_webhook"}


def test_every_text_a_page_asks_for_is_there():
    asked = set(re.findall(r'say\(\s*"(\w+)"', " ".join(TEMPLATES)))
    asked |= {f"{trouble.name.lower()}_{part}" for trouble in Trouble for part in ("title", "text")}
    asked |= {f"origin_{origin}" for origin in Origin if origin is not Origin.MUTE}
    assert asked <= set(ENGLISH.texts)


@pytest.mark.parametrize(
    ("locale", "accepted", "tag"),
    [
        (None, None, "en"),
        (None, "", "en"),
        (None, "tlh, *;q=0.5", "en"),
        (None, "de-AT", "de"),
        (None, "fr;q=0.3, ja;q=0.9, tlh", "ja"),
        (None, "DE_ch", "de"),
        (None, "de;q=0, es", "es"),
        (None, "de;q=x, es;q=0.1", "es"),
        (None, ";;,=;q,de;level=1", "en"),
        (None, "de;q=nan", "en"),
        ("ar-EG", "de", "ar"),
        ("pt-BR", "de", "de"),
        ("pt-BR", None, "en"),
    ],
)
def test_finds_the_language_of_the_recipient_else_of_the_browser(
    locale: str | None, accepted: str | None, tag: str
):
    assert speaking(locale, accepted).tag == tag


def test_arabic_runs_from_right_to_left():
    assert {words.tag for words in LANGUAGES.values() if words.direction == "rtl"} == {"ar"}


def test_a_moment_names_its_zone():
    moment = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    told = {tag: words.moment(moment, ZoneInfo("Asia/Tokyo")) for tag, words in LANGUAGES.items()}
    assert told["de"] == "Sonntag, 22. November 2026, 18:30 (GMT+09:00)"
    assert all("2026" in each for each in told.values())


def test_what_is_put_into_a_sentence_is_never_a_place_itself():
    assert "{titles}" in ENGLISH.say("always", titles="{titles}")
