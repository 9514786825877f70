"""The figures of the page Feedback, and how suppressions are told and named."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from dashboard.changing.stops import Ending, SuppressionPosition
from dashboard.components.card import as_csv
from dashboard.reading.returns import Returned
from dashboard.showing import feedback, feedback_charts as charts, stoplist
from dashboard.showing.feedback_tiles import tiles_of
from dashboard.showing.spans import LENGTHS, Span, bins, hourly, period
from delivery.registry import all_channels
from models.pseudonyms import Pseudonyms
from models.readings.returns import Change, Course, Delay
from models.readings.suppressions import SuppressionLine
from models.records import Place

NOW = datetime(2026, 11, 22, 12, 1, tzinfo=UTC)
WEEK = period(Span.WEEK, NOW)
KNOWN = all_channels(), Pseudonyms((b"k" * 32,))


def returned(*courses: Course, **more: object) -> Returned:
    rest = {"delays": (), "changes": (), **more}
    return Returned(WEEK, courses, **rest)  # type: ignore[arg-type]


def one(provider: str, state: str, entered: int, left: int = 0, reason: str = "") -> Course:
    return Course(bins(WEEK)[3], provider, "google", state, reason, entered, left)


def said(found: Returned) -> list[str]:
    return [str(row["said"]) for row in charts.funnel_rows(feedback.funnel(found))]


@pytest.mark.parametrize("span", list(Span))
@pytest.mark.parametrize("minute", [0, 1, 29, 30, 59])
def test_long_ranges_are_cut_by_whole_hours_up_to_now(span: Span, minute: int):
    now = NOW.replace(minute=minute)
    of = hourly(span, now)

    assert of.until - of.since == LENGTHS[span]
    assert of.until - of.step <= now < of.until
    if span is not Span.HOUR:
        assert of.step % timedelta(hours=1) == timedelta()
        assert of.since.minute == of.until.minute == 0


def test_plain_smtp_tells_nothing_of_delivery_which_is_no_zero():
    found = returned(one("smtp", "sent", 90, 10), one("smtp", "bounced", 10))

    assert feedback.silent(found) == ["smtp"]
    assert said(found) == ["90", "no delivery feedback"]
    assert tiles_of(Span.WEEK, found, {})[0].value == "–"


def test_what_is_delivered_is_a_share_of_what_those_sent_who_tell():
    found = returned(
        one("smtp", "sent", 1000), one("ses", "sent", 100, 98), one("ses", "delivered", 98)
    )

    assert said(found) == ["1\u202f100", "98 (98.0%)"]
    assert feedback.silent(found) == ["smtp"]


def test_opens_and_clicks_appear_when_they_are_counted_people_apart_from_machines():
    found = returned(
        one("ses", "sent", 100, 98), one("ses", "delivered", 98),
        one("ses", "opened", 30, 30, "person"), one("ses", "opened", 5, 5, "proxy"),
        one("ses", "opened", 40, 40, "prefetch"), one("ses", "clicked", 3, 3, "person"),
    )  # fmt: skip

    assert [(step.name, step.count) for step in feedback.funnel(found)[2:]] == [
        ("Opened, people", 35), ("Opened, machines", 40),
        ("Clicked, people", 3), ("Clicked, machines", 0),
    ]  # fmt: skip


def test_what_bounces_later_was_handed_over_once():
    found = returned(
        one("ses", "sent", 100, 100), one("ses", "delivered", 90, 5), one("ses", "bounced", 15)
    )

    assert feedback.total(found.courses, feedback.handed_over) == 100
    assert tiles_of(Span.WEEK, found, {})[1].value == "15.0%"


@pytest.mark.parametrize(("complained", "colour"), [(0, "primary"), (5, "orange"), (10, "red")])
def test_the_complaint_tile_warns_at_half_of_what_receivers_bear(complained: int, colour: str):
    found = returned(one("ses", "sent", 10_000), one("ses", "complained", complained, complained))

    assert tiles_of(Span.WEEK, found, {})[2].colour == colour


def test_a_complaint_rate_is_of_the_day_before_each_moment():
    moments = bins(WEEK)
    courses = [Course(at, "ses", "google", "sent", "", 1000, 0) for at in moments]
    courses.append(Course(moments[20], "ses", "google", "complained", "", 8, 8))
    rates = {row["at"]: row["rate"] for row in feedback.complaints(returned(*courses))}

    assert rates[moments[19]] == 0
    assert rates[moments[20]] == rates[moments[27]] == 0.001
    assert rates[moments[28]] == 0


def test_bounces_have_a_row_also_where_nothing_bounced():
    at = bins(WEEK)[3]
    found = returned(one("ses", "bounced", 2, reason="mailbox_full"))
    rows = feedback.bounces(found)

    assert len(rows) == len(bins(WEEK))
    assert [row["bounced"] for row in rows if row["at"] == at] == [2]
    assert {row["reason"] for row in rows} == {"Mailbox full"}


def test_suppressions_that_go_are_below_zero():
    at = bins(WEEK)[0]
    changes = tuple(
        Change(at, change, "complaint", 2) for change in ("suppressed", "lifted", "ended")
    )
    rows = feedback.growth(returned(changes=changes))

    assert {row["what"]: row["number"] for row in rows} == {
        "Complaint": 2, "Lifted": -2, "Ended by itself": -2,
    }  # fmt: skip


def test_delays_are_quantiles_in_seconds_by_kind():
    rows = feedback.delays(returned(delays=(Delay(bins(WEEK)[0], "delivered", 40, 10),)))

    assert [row["quantile"] for row in rows] == ["p50", "p90"]
    assert all(1.0 <= float(str(row["seconds"])) <= 1.22 for row in rows)


def test_a_table_as_a_file_holds_no_formula():
    at = pd.Timestamp(NOW)
    frame = pd.DataFrame({"Time": [at], "Reason": ["=1+1"], "Bounced": [-3]})

    assert as_csv(frame).decode() == "Time,Reason,Bounced\r\n2026-11-22T12:01:00+00:00,'=1+1,-3\r\n"


def line(reason: str, until: timedelta | None) -> SuppressionLine:
    ends = None if until is None else NOW + until
    return SuppressionLine("email", "a@example.com", "*", reason, "ses", ends, NOW)


@pytest.mark.parametrize(
    ("reason", "until", "ends", "chance"),
    [
        ("complaint", None, "when lifted", "called it spam"),
        ("by phone", None, "when lifted", "It stays until somebody lifts it."),
        ("by phone", timedelta(days=2), "in 2 d", "It ends by itself, and mail goes again."),
        ("soft_bounces", timedelta(days=2), "in 2 d", "a second chance. Mail goes there again"),
        ("soft_bounces", -timedelta(hours=3), "ended 3 h ago", "It ended by itself: a second"),
        ("mailbox_inactive", timedelta(days=9), "in 9 d", "one that comes back is enough"),
    ],
)
def test_its_end_is_told_in_words(reason: str, until: timedelta | None, ends: str, chance: str):
    assert stoplist.ends(line(reason, until), NOW) == ends
    assert chance in stoplist.chance(line(reason, until), NOW)


def test_who_may_not_see_addresses_looks_for_whole_ones_only():
    asked = {"address": "Anna"}

    assert stoplist.wanted(asked, NOW, KNOWN, personal=True).prefix == "Anna"
    masked = stoplist.wanted(asked, NOW, KNOWN, personal=False)
    assert (masked.prefix, masked.addresses[0]) == (None, "Anna")
    whole = stoplist.wanted({"address": "Anna@EXAMPLE.com"}, NOW, KNOWN, personal=True)
    assert {"Anna@example.com", *KNOWN[1].address("Anna@example.com")} <= set(whole.addresses)


def test_words_of_the_url_ask_for_codes_and_strange_ones_for_nothing():
    asked = {"scope": "Every channel", "cause": "By hand", "ending": "Over", "source": " ada "}
    wanted = stoplist.wanted(asked, NOW, KNOWN, personal=True)
    strange = stoplist.wanted(dict.fromkeys(asked, "?"), NOW, KNOWN, personal=True)

    assert (wanted.channel, wanted.cause, wanted.source) == ("*", "by_hand", "ada")
    assert wanted.ending is Ending.OVER
    assert (strange.channel, strange.cause, strange.ending) == (None, None, Ending.STANDING)


def test_places_and_names_survive_the_url_and_nothing_else_is_taken_for_one():
    position = SuppressionPosition(NOW, "a" * 32)
    place = Place("email", "a@example.com")

    assert stoplist.read(stoplist.written(position)) == position
    assert stoplist.named(stoplist.name_of(place)) == (place.bucket, place.digest)
    for text in ("", "x", "2026-11-22_x;", "2026-11-22T00:00:00_abc", "_"):
        assert stoplist.read(text) is None
    for text in ("", "1", "a.b", "99999.ab", "1.a'b", "².ab"):
        assert stoplist.named(text) is None


def test_an_address_is_seen_by_those_who_may_and_nobody_sees_an_erased_one():
    assert stoplist.shown("anna@example.com", personal=True) == "anna@example.com"
    assert stoplist.shown("anna@example.com", personal=False) == "a•••@example.com"
    assert stoplist.shown(KNOWN[1].address("a@example.com")[0], personal=True) == "(erased)"
