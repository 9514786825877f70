"""Which words are missing in languages that people read, and which are behind."""

from delivery.templates.translations import Lack, Lag, lacks, lags
from models.records import Live, Wording

BOTH = Live(3, "en", frozenset({"en", "de"}))
LIVE = {
    "welcome": BOTH,
    "otp": Live(1, "en", frozenset({"en"})),
    "old": Live(1, "und", frozenset({"und"})),
}
PEOPLE = {"en": 5, "en-GB": 2, "de-AT": 3, "de": 1, "fr": 2, "fr_CA": 7, "pl": 1}


def test_the_most_wanted_language_comes_first_and_regions_count_together():
    assert lacks(LIVE, PEOPLE) == [
        Lack("otp", "fr", 9, "en"), Lack("otp", "de", 4, "en"), Lack("otp", "pl", 1, "en"),
        Lack("welcome", "fr", 9, "en"), Lack("welcome", "pl", 1, "en"),
    ]  # fmt: skip
    assert lacks(LIVE, {"en-GB": 2}) == []


def said(locale: str, *marks: str) -> list[Wording]:
    return [Wording("welcome", locale, number, mark) for number, mark in enumerate(marks, 1)]


def test_words_are_behind_when_the_default_changed_after_them():
    english = said("en", "a", "b", "b")
    assert lags(LIVE, [*english, *said("de", "x", "x", "x")]) == [Lag("welcome", "de", 2)]
    assert lags(LIVE, [*english, *said("de", "x", "x", "y")]) == []
    assert lags(LIVE, [*english, *said("de", "x", "y", "y")]) == []
