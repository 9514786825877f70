"""Lines that suppress addresses, and cells that spreadsheets open."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from delivery.consent.lifting import sentence
from delivery.consent.suppressing import (
    EXPORTED,
    Inlet,
    check_header,
    exported,
    merged,
    read_line,
)
from delivery.registry import all_channels
from delivery.sheets import guarded, unguarded
from models.readings.suppressions import Lifting, SuppressionLine
from models.records import Cause, Suppression, cause_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
INLET = Inlet(all_channels(), "ada@example.com", NOW)
LINE: dict[str, str | None] = {"address": "Bo@EXAMPLE.com", "reason": "asked by phone"}


def test_reads_a_line_with_what_is_left_out_as_the_widest():
    said = read_line(LINE, INLET)

    assert said == Suppression("email", "Bo@example.com", "asked by phone", "ada@example.com")


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"address": "bo"}, "no address of email"),
        ({"channel": "fax"}, "no channel fax"),
        ({"category": "a\nb"}, "a category has a name"),
        ({"reason": "  "}, "give a reason"),
        ({"reason": "x" * 301}, "at most 300"),
        ({"until": "tomorrow"}, "is no moment"),
        ({"until": "2027-01-01T00:00:00"}, "names no time zone"),
        ({"until": "2026-01-01T00:00:00Z"}, "is over already"),
        ({"reason": None}, "not as many cells"),
        ({None: ["more"]}, "not as many cells"),
    ],
)
def test_says_what_is_wrong_with_a_line(cells: dict[Any, Any], told: str):
    with pytest.raises(ValueError, match=told):
        read_line({**LINE, **cells}, INLET)


@pytest.mark.parametrize(
    ("columns", "told"),
    [
        (None, "must name address and reason"),
        (["address"], "must name address and reason"),
        (["address", "reason", "reason"], "must name address and reason"),
        (["address", "reason", "why"], "unknown columns why"),
    ],
)
def test_says_what_is_wrong_with_a_header(columns: list[str] | None, told: str):
    with pytest.raises(ValueError, match=told):
        check_header(columns)


def test_of_two_lines_about_one_place_the_longer_one_stays():
    month = Suppression("email", "a@example.com", "x", "y", NOW + timedelta(days=30))
    good = Suppression("email", "a@example.com", "x", "y")
    other = Suppression("email", "b@example.com", "x", "y")

    assert merged([month, good, other, month]) == [good, other]


def test_an_exported_line_reads_back_as_what_it_was():
    until = NOW + timedelta(days=3)
    line = SuppressionLine("*", "bo@example.com", "-offers", "=HYPERLINK(1)", "x", until, NOW)
    cells = exported(line, line.address)
    check_header(EXPORTED)

    assert cells[2:4] == ["'-offers", "'=HYPERLINK(1)"]
    said = read_line(dict(zip(EXPORTED, cells, strict=True)), INLET)
    assert (said.place, said.reason, said.expires_at) == (line.place, line.reason, until)


@given(st.text())
def test_no_cell_begins_like_a_formula_and_none_is_lost(text: str):
    assert not guarded(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert unguarded(guarded(text)) == text


@pytest.mark.parametrize(
    ("reason", "cause"), [("complaint", Cause.COMPLAINT), ("by phone", Cause.BY_HAND)]
)
def test_what_people_write_is_one_kind_of_reason(reason: str, cause: Cause):
    assert cause_of(reason) is cause


@pytest.mark.parametrize(
    ("would", "told"),
    [
        (Lifting(0, 0, 0, 0), "No recipient is reached there, so nothing would go."),
        (Lifting(1, 0, 0, 1), "nothing waits for them. In the last 30 days 0 deliveries were"),
        (Lifting(1, 0, 0, 1), "1 other suppression stops the address still."),
        (Lifting(2, 1, 1200, 0), "1 delivery that waits would find the address free"),
        (Lifting(2, 1, 1200, 0), "1,200 deliveries were skipped for it; lifting sends none"),
    ],
)
def test_says_what_lifting_would_send(would: Lifting, told: str):
    assert told in sentence(would)
