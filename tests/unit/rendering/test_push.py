"""What a device shows of a push notification, and what fits."""

import pytest

from delivery.messages import Content
from delivery.rendering.push import LARGEST, Push, push


def test_what_fits_is_shown_as_it_is():
    shown = push(Content("Board shared", " Mark shared *Roadmap* \n", url="/boards/1"))
    assert shown == Push("Board shared", "Mark shared *Roadmap*", "/boards/1")


@pytest.mark.parametrize("letter", ["x", "ж", "🎉", '"'])
def test_what_does_not_fit_is_cut_to_the_last_character_that_does(letter: str):
    shown = push(Content("T", letter * 5000))
    assert shown is not None
    assert shown.body.endswith(f"{letter}…")
    assert shown.cut + len(shown.body) - 1 == 5000
    assert 0 <= LARGEST - 512 - shown.octets < 5


def test_a_title_that_takes_it_all_leaves_nothing_to_show():
    assert push(Content("x" * LARGEST, "body")) is None
