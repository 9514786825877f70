"""What features would spare a day: small days whose figures can be counted by hand."""

from datetime import UTC, datetime, timedelta

from scheduler.demo.edits import Day, Edit
from scheduler.demo.noise import FEATURES, Row, compare
from scheduler.demo.people import cast_of
from scheduler.demo.replay import begin_of, offers_of
from scheduler.samples import TOPICS

BEGIN = datetime(2026, 11, 2, tzinfo=UTC)


def edits_of(*hours: float, page: str = "Great Wave", user: str = "bo") -> list[Edit]:
    """Somebody edits a page at these hours."""
    moments = [BEGIN + timedelta(hours=hour) for hour in hours]
    return [Edit(0, at, "en.wikipedia", page, user) for at in moments]


def rows(*edits: Edit) -> dict[str, Row]:
    ordered = sorted(edits, key=lambda edit: edit.at)
    numbered = [
        Edit(number, one.at, one.wiki, one.page, one.user)
        for number, one in enumerate(ordered, start=1)
    ]
    day = Day("small", tuple(numbered))
    found = compare(offers_of(day), cast_of(day), TOPICS, begin_of(day))
    return {row.feature: row for row in found}


def test_each_feature_spares_what_it_promises():
    anna = edits_of(9, user="anna")
    found = rows(*anna, *edits_of(10, 10.2, 10.4, 14, 15.5))
    mails = {feature: row.mails for feature, row in found.items()}
    assert mails == {
        "each event a message": 5,
        "mail an hour after the first, by page": 3,
        "mail once a day, at nine": 1,
        "at most three mails a day": 3,
        "at most three mails a day, the rest at six": 4,
        "hourly mail, at most three a day": 3,
        "quiet nights": 5,
    }
    assert list(mails) == [feature for feature, _ in FEATURES]


def test_what_comes_at_night_waits():
    found = rows(*edits_of(1, user="anna"), *edits_of(2, 3, 12))
    assert (found["quiet nights"].mails, found["quiet nights"].waits) == (3, 2)


def test_nobody_is_told_of_their_own_doing():
    assert rows(*edits_of(1, 2, 3))["each event a message"].mails == 0
