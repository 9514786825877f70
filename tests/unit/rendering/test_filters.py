"""Dates, numbers and counts as a recipient writes them."""

from datetime import UTC, date, datetime

import pytest

from delivery.errors import RenderingError
from delivery.rendering.fill import fill, prepare
from models.records import TemplateVersion

NARROW, THIN = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"


def filled(source: str, value: object = None, **recipient: str | None) -> str:
    template = prepare(TemplateVersion("t", 1, "in_app", "s", "{{ data.v|" + source + " }}"))
    return fill(template, {"data": {"v": value}, "recipient": recipient}).text


EVENING = "2026-11-22T23:30:00Z"

CASES = [
    ("date", EVENING, {"locale": "en"}, "Nov 22, 2026"),
    ("date", EVENING, {"locale": "en", "timezone": "Asia/Tokyo"}, "Nov 23, 2026"),
    ("date('full')", EVENING, {"locale": "de"}, "Sonntag, 22. November 2026"),
    ("date('yyyy-MM')", EVENING, {}, "2026-11"),
    ("date", "2026-11-22", {"locale": "en", "timezone": "America/New_York"}, "Nov 22, 2026"),
    ("date", date(2026, 11, 22), {"locale": "en-GB"}, "22 Nov 2026"),
    ("datetime('short')", EVENING, {"locale": "de", "timezone": "Europe/Berlin"},
     "23.11.26, 00:30"),
    ("datetime('short')", datetime(2026, 1, 2, 3, 4, tzinfo=UTC), {"locale": "de_DE"},
     "02.01.26, 03:04"),
    ("datetime('short')", "2026-01-02 03:04:00", {"locale": "de"}, "02.01.26, 03:04"),
    ("time", EVENING, {"locale": "de", "timezone": "Europe/Berlin"}, "00:30"),
    ("number", 1234567.891, {"locale": "en"}, "1,234,567.891"),
    ("number", 1234567, {"locale": "de"}, "1.234.567"),
    ("number('0.00')", "2.5", {"locale": "de"}, "2,50"),
    ("percent", 0.25, {"locale": "en"}, "25%"),
    ("currency('EUR')", "129.9", {"locale": "de"}, f"129,90{NARROW}€"),
    ("currency('JPY')", 1000, {"locale": "en"}, "¥1,000"),
    ("plural('comment', 'comments')", 1, {"locale": "en"}, "comment"),
    ("plural('comment', 'comments')", 2, {"locale": "en"}, "comments"),
    ("plural('a', 'b', few='c', many='d')", 3, {"locale": "pl"}, "c"),
    ("plural('a', 'b', few='c', many='d')", 5, {"locale": "pl"}, "d"),
    ("plural('a', 'b')", 5, {"locale": "pl"}, "b"),
    ("number", 1.5, {"locale": "xx-nonsense"}, "1.5"),
    ("number", 1.5, {"locale": None, "timezone": None}, "1.5"),
    ("time", EVENING, {"locale": "de", "timezone": "Not/AZone"}, "23:30"),
    ("time", EVENING, {"locale": "de", "timezone": "../../etc/passwd"}, "23:30"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "value", "recipient", "expected"), CASES)
def test_writes(source: str, value: object, recipient: dict[str, str], expected: str):
    assert filled(source, value, **recipient) == expected


def test_works_where_nobody_is_written_to():
    template = prepare(TemplateVersion("t", 1, "in_app", "s", "{{ 1234|number }}"))
    assert fill(template, {}).text == "1,234"


@pytest.mark.parametrize(
    "source", ["date", "datetime", "time", "number", "percent", "currency('EUR')"]
)
@pytest.mark.parametrize("value", ["nonsense", None, [], {}])
def test_nonsense_is_a_problem_that_does_not_repeat_it(source: str, value: object):
    with pytest.raises(RenderingError) as caught:
        filled(source, value)
    assert "nonsense" not in str(caught.value)


@pytest.mark.parametrize(
    ("theirs", "said", "filled"),
    [
        ("de-AT", "und", "1.234,5 viele"), ("de-AT", "de", "1.234,5 viele"),
        ("de-AT", "en", "1,234.5 viele"), (None, "pl", "1234,5 viele"),
        (None, None, "1,234.5 viele"),
    ],
)  # fmt: skip
def test_figures_are_in_the_language_of_the_words(
    theirs: str | None, said: str | None, filled: str
):
    source = "{{ 1234.5|number }} {{ 7|plural('eins', 'viele') }}"
    template = prepare(TemplateVersion("t", 1, "in_app", "s", source, locale=said or "und"))
    shown = fill(template, {"recipient": {"locale": theirs}}).text
    assert shown.replace("\xa0", "") == filled


@pytest.mark.parametrize(
    ("source", "locale", "filled"),
    [
        ("['Anna']|listed", "en", "Anna"),
        ("['Anna', 'Bo', 'Cy']|listed", "en", "Anna, Bo, and Cy"),
        ("['Anna', 'Bo', 'Cy']|listed", "de", "Anna, Bo und Cy"),
        ("['Anna', 'Bo']|listed('or')", "en", "Anna or Bo"),
        ("[]|listed", "en", ""),
    ],
)
def test_lists_are_written_as_people_do(source: str, locale: str, filled: str):
    template = prepare(TemplateVersion("t", 1, "in_app", "s", "{{ " + source + " }}"))
    assert fill(template, {"recipient": {"locale": locale}}).text == filled


@pytest.mark.parametrize(
    "source", ["'abc'|listed", "range(101)|list|listed", "['a', 'b']|listed('x')"]
)
def test_what_is_no_short_list_is_refused(source: str):
    template = prepare(TemplateVersion("t", 1, "in_app", "s", "{{ " + source + " }}"))
    with pytest.raises(RenderingError, match="list"):
        fill(template, {"recipient": {}})
