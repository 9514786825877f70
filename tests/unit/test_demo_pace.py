"""How fast a replayed day passes."""

from math import inf

import pytest

from models.queries.planning.demo import NewRow
from scheduler.demo.pace import Pace, origin_of, speed_of
from scheduler.demo.replay import Offer

OFFERS = [
    Offer(offset, NewRow(topic="t", data="{}", dedup_key=str(offset)))
    for offset in (0, 60, 60, 120, 86_400)
]


@pytest.mark.parametrize(
    ("elapsed", "due"), [(0, 1), (0.9, 1), (1, 3), (2, 4), (1439, 4), (1440, 5)]
)
def test_at_sixty_times_a_minute_passes_in_a_second(elapsed: float, due: int):
    assert Pace(60).due(OFFERS, elapsed) == due


def test_at_infinite_speed_all_is_due_at_once():
    assert Pace(inf).due(OFFERS, 0) == len(OFFERS)


def test_what_comes_before_the_origin_is_not_waited_for():
    pace = Pace(60, origin=120)
    assert pace.due(OFFERS, 0) == 4
    assert pace.due(OFFERS, (86_400 - 120) / 60) == 5


@pytest.mark.parametrize(
    ("pace", "seconds"), [(Pace(60), 1440), (Pace(60, origin=43_200), 720), (Pace(inf), 0)]
)
def test_says_how_long_it_takes(pace: Pace, seconds: float):
    assert pace.lasts(OFFERS) == seconds
    assert pace.lasts([]) == 0


def test_waiting_begins_after_the_last_row_that_was_taken():
    assert origin_of(OFFERS, frozenset()) == 0
    assert origin_of(OFFERS, frozenset({"0", "60", "of another day"})) == 60


@pytest.mark.parametrize(
    ("text", "speed"), [("1", 1), ("0.5", 0.5), ("60", 60), ("max", inf), ("0", inf), ("inf", inf)]
)
def test_reads_a_speed(text: str, speed: float):
    assert speed_of(text) == speed


@pytest.mark.parametrize("text", ["-1", "fast", "", "nan", "-0.0"])
def test_refuses_what_is_no_speed(text: str):
    with pytest.raises(ValueError):  # noqa: PT011 - the command says it in its own words
        speed_of(text)
