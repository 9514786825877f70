"""The form of the preference page: only what differs from what was shown is asked for."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from delivery.api.form import (
    Form,
    Gone,
    Over,
    Pause,
    Wish,
    choices_of,
    obstacles,
    pauses,
    read_form,
    undo,
)
from delivery.consent.choices import Known
from models.records import EVERY, Choice
from tests.values import NOW

LATER = NOW + timedelta(days=1)
KNOWN = Known({"boards", "my boards"}, {"email", "sms"})


def fields(pairs: list[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize(
    ("shown", "ticked", "asked"),
    [
        ("default on email my boards", True, None),
        ("default on email my boards", False, (False, None)),
        ("default off email my boards", False, None),
        ("default off email my boards", True, (True, None)),
        ("on on email my boards", False, (False, True)),
        ("off off email my boards", True, (True, False)),
    ],
)
def test_a_box_that_was_left_alone_asks_for_nothing(
    shown: str, *, ticked: bool, asked: tuple[bool, bool | None] | None
):
    on = ["email my boards"] if ticked else []
    found = read_form({"shown": [shown], "on": on}).wishes
    assert found == (() if asked is None else (Wish("my boards", "email", *asked),))


@pytest.mark.parametrize(
    ("was", "wanted", "choices"),
    [
        ("none", "none", []),
        ("none", "mute", [(False, None)]),
        ("none", LATER.isoformat(), [(False, LATER)]),
        ("mute", "none", [(None, None), (None, NOW)]),
        (LATER.isoformat(), "mute", [(False, None)]),
        (LATER.isoformat(), LATER.isoformat(), []),
    ],
)
def test_a_pause_becomes_a_mute_a_snooze_or_neither(
    was: str, wanted: str, choices: list[tuple[object, object]]
):
    form = read_form({"pause_was": [was], "pause": [wanted]})
    found = choices_of(form, "anna", NOW)
    assert [(choice.allowed, choice.until) for choice in found] == choices
    assert {(choice.category, choice.channel) for choice in found} <= {(EVERY, EVERY)}


def test_a_form_without_a_word_about_pauses_leaves_them():
    assert read_form({"pause_was": ["mute"]}) == Form(pause_was=Pause(muted=True))


def test_wanting_a_channel_takes_its_mute_back():
    form = Form((Wish(EVERY, "email", wanted=True),))
    assert choices_of(form, "anna", NOW) == [Choice("anna", EVERY, "email", None)]


wishes = st.builds(
    Wish, st.sampled_from(["boards", "my boards", EVERY]), st.just("email"), st.booleans(),
    st.none() | st.booleans(),
)  # fmt: skip
stops = st.sampled_from([Pause(), Pause(muted=True), Pause(until=LATER)])


@given(wishes, stops, stops)
def test_undoing_asks_for_exactly_what_there_was(wish: Wish, was: Pause, wanted: Pause):
    form = Form((wish,), None if wanted == was else wanted, was)
    back = read_form(fields(undo(form, NOW)))
    assert back.undoes
    assert [(each.category, each.channel, each.wanted) for each in back.wishes] == [
        (wish.category, wish.channel, wish.before)
    ]
    assert back.pause == (None if wanted == was else was)


def test_undoing_does_not_bring_a_pause_back_that_is_over():
    form = Form(pause=Pause(muted=True), pause_was=Pause(until=NOW))
    assert read_form(fields(undo(form, NOW))).pause == Pause()


def test_everything_that_cannot_be_had_is_found():
    form = Form(
        (Wish("boards", "email", wanted=True), Wish("gone", "email", wanted=True),
         Wish("boards", "pigeon", wanted=None)),
        Pause(until=NOW),
    )  # fmt: skip
    assert obstacles(form, KNOWN, NOW) == [Over(), Gone(form.wishes[1]), Gone(form.wishes[2])]
    assert obstacles(Form(form.wishes[:1], Pause(until=LATER)), KNOWN, NOW) == []


def test_what_is_gone_can_still_be_taken_back():
    assert obstacles(Form((Wish("gone", "email", wanted=None),)), KNOWN, NOW) == []


def test_pauses_are_at_least_as_long_as_they_say_and_end_at_a_full_minute():
    now = NOW.replace(second=59, microsecond=7)
    for name, days in (("day", 1), ("week", 7), ("month", 30)):
        until = pauses(now)[name].until
        assert until is not None
        assert timedelta(0) < until - now - timedelta(days=days) <= timedelta(minutes=1)
        assert (until.second, until.microsecond) == (0, 0)


@pytest.mark.parametrize(
    "said",
    [
        {"shown": ["default on email"]},
        {"shown": ["perhaps on email boards"]},
        {"shown": ["on perhaps email boards"]},
        {"set": ["email boards"]},
        {"set": ["maybe email boards"]},
        {"on": ["email"]},
        {"pause": ["tomorrow"]},
        {"pause": ["2030-01-01T00:00:00"]},
        {"pause": ["none", "mute"]},
        {"pause_was": []},
    ],
)
def test_what_no_page_of_ours_sends_is_not_read(said: dict[str, list[str]]):
    with pytest.raises(ValueError):  # noqa: PT011 - what is wrong with it is told to nobody
        read_form(said)


@given(st.dictionaries(st.sampled_from(["shown", "on", "set", "pause", "pause_was"]),
                       st.lists(st.text(max_size=20), max_size=3)))  # fmt: skip
def test_whatever_is_sent_is_read_or_refused(said: dict[str, list[str]]):
    with suppress(ValueError):
        read_form(said)
