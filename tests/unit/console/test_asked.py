"""What the URL of the page Deliveries asks for."""

from datetime import UTC, datetime, timedelta

from dashboard.showing.asked import FILTERS, of_campaign, wanted
from dashboard.showing.noticed import behind
from models.readings.deliveries import Noticed, OfCampaign, Wanted

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_a_link_asks_for_what_it_was_made_of():
    of = OfCampaign("spring", 2, "first", "a")
    asked = behind(of, "sent", "in_doubt", reason="opted_out", noticed=Noticed.OPENED)
    assert wanted(asked, [], NOW) == Wanted(
        states=frozenset({"sent", "in_doubt"}), reason="opted_out", kind="opened", of=of
    )
    assert set(asked) <= set(FILTERS)


def test_without_a_word_it_is_the_last_day_as_on_the_page():
    assert wanted({}, [], NOW) == Wanted(since=NOW - timedelta(days=1))


def test_words_that_are_none_of_ours_ask_for_nothing():
    asked = {"state": ["Nonsense"], "channel": ["Fax"], "since": ["7d"], "class": ["'; --"]}
    assert wanted(asked, ["email"], NOW) == Wanted(since=NOW - timedelta(days=7))
    assert wanted({"channel": ["E-mail"], "since": ["all"]}, ["email"], NOW) == Wanted(
        channel="email"
    )


def test_a_run_is_a_number():
    assert of_campaign("", "1", "", "") is None
    assert of_campaign("spring", "first", "", "") == OfCampaign("spring")
