"""A cap in the fields of a form and in the rulebook: both say the same."""

from datetime import time, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from dashboard.showing.capform import ROLLING, CapForm, body, filled, told, with_cap
from delivery.rulebook import RulebookError, read
from models.records import Class, Over, Rhythm

Said = dict[str, Any]
KLASSES = st.sets(st.sampled_from(Class), min_size=1)
NAMES = st.sets(st.sampled_from(["a", "b.c", "d"]), min_size=1, max_size=2)
CAPS = st.fixed_dictionaries(
    {"key": st.just("k"), "limit": st.integers(1, 1000)},
    optional={
        "counts": KLASSES.map(sorted), "exempts": st.sets(st.sampled_from(Class)).map(sorted),
        "classes": KLASSES.map(sorted), "tags": NAMES.map(sorted), "orgs": NAMES.map(sorted),
    },
)  # fmt: skip
WINDOWS = st.one_of(
    st.sampled_from(["day", "week", "month"]).map(lambda per: {"per": per}),
    st.integers(1, 2_678_400).map(lambda seconds: {"within": f"{seconds} seconds"}),
)
OVERS = st.one_of(
    st.sampled_from([Over.HOLD, Over.SKIP, Over.DOWNGRADE]).map(lambda over: {"over": str(over)}),
    st.just({"over": "digest", "digest": {"every": "week", "on": "monday", "at": "09:30"}}),
)


@given(CAPS, WINDOWS, OVERS)
def test_a_rule_that_goes_through_the_form_stays_the_same(cap: Said, window: Said, over: Said):
    try:
        (rule,) = read({"caps": [{**cap, **window, **over}]}).caps
    except RulebookError:
        return  # it limits nobody
    (again,) = read({"caps": [body(filled(rule))]}).caps
    assert again == rule


def test_what_a_rule_would_say_anyway_is_left_out():
    assert body(CapForm("offers")) == {
        "key": "offers", "classes": ["promotional"], "limit": 2, "per": "day",
    }  # fmt: skip


def test_each_field_is_said():
    form = CapForm(
        " mail ", 5, ROLLING, "3 hours", {"channels": ("email",), "tags": ("a",)},
        ("promotional",), (), Over.DIGEST, Rhythm(time(9), 0),
    )  # fmt: skip
    assert body(form) == {
        "key": "mail", "channels": ["email"], "tags": ["a"], "limit": 5, "within": "3 hours",
        "counts": ["promotional"], "exempts": [], "over": "digest",
        "digest": {"every": "week", "at": "09:00", "on": "monday"},
    }  # fmt: skip
    (cap,) = read({"caps": [body(form)]}).caps
    assert (cap.window, filled(cap)) == (timedelta(hours=3), CapForm(
        "mail", 5, ROLLING, "3 hours", {"channels": ("email",), "tags": ("a",)},
        ("promotional",), (), Over.DIGEST, Rhythm(time(9), 0),
    ))  # fmt: skip


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        (CapForm(), "key"), (CapForm("A b"), "key"),
        (CapForm("a", window=ROLLING, within="soon"), "no length of time"),
        (CapForm("a", free=("transactional", "promotional")), "limits nobody"),
    ],
)  # fmt: skip
def test_what_is_no_rule_says_why(form: CapForm, fault: str):
    with pytest.raises(RulebookError, match=fault):
        told(body(form))


def test_a_cap_takes_the_place_of_the_one_it_changes():
    one, two, new = ({"key": key} for key in ("one", "two", "new"))
    book = {"caps": [one, two], "zones": {"default": "UTC"}}
    assert with_cap(book, None, new)["caps"] == [one, two, new]
    assert with_cap(book, "one", new) == {"caps": [new, two], "zones": {"default": "UTC"}}
    assert with_cap(book, "two", None)["caps"] == [one]
    assert with_cap({"caps": [one]}, "one", None) == {}
    assert with_cap({}, None, new) == {"caps": [new]}
