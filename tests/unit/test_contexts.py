"""What is kept of what a message was filled with: all of it, or all but the news."""

import pytest

from delivery.contexts import KEPT_UP_TO, lacks_news, packed, unpacked

RECIPIENT = {"recipient": {"id": "anna", "name": "Änna"}}
SMALL = {"data": {"board": "Roadmap"}, **RECIPIENT}
LARGE = "x" * KEPT_UP_TO


def test_a_small_one_is_kept_whole():
    kept = packed(SMALL)
    assert kept
    assert unpacked(kept) == SMALL
    assert not lacks_news(unpacked(kept))


@pytest.mark.parametrize(
    "news", [{"data": {"board": LARGE}}, {"data": {}, "items": [{"data": LARGE}], "count": 1}]
)
def test_of_a_large_one_the_news_is_left_out(news: dict[str, object]):
    kept = packed({**news, **RECIPIENT})
    assert kept
    assert unpacked(kept) == RECIPIENT
    assert lacks_news(unpacked(kept))


def test_nothing_is_kept_where_the_rest_is_too_large_as_well():
    assert packed({"data": {}, "recipient": {"attributes": LARGE}}) is None
