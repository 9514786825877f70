"""Quiet hours: instants in every zone, which rules are in force, and what the policy answers."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings, strategies as st

from delivery.policies import quiet_hours
from delivery.ports import Draft, Rules
from delivery.rulebook import read
from delivery.rulebook.hours import in_force
from delivery.rulebook.quiet import Schedule, quiet
from delivery.rulebook.weeks import WEEK, rest, weekly
from delivery.rulebook.zones import ZoneOf, ZoneSource, zone_of
from delivery.verdicts import HoldUntil, Keep, SkipBecause
from models.reasons import Hold, Skip
from models.records import Class, Facts, Profile, Zones
from tests.values import ROW, make_draft, make_facts, make_topic

MOST = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


def at(text: str, zone: str = "UTC", fold: int = 0) -> datetime:
    """A wall time as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def ends(lines: Sequence[str], now: datetime, zone: str = "UTC") -> datetime | None:
    found = quiet([(weekly(tuple(lines)), zone)], now, MOST)
    return found and found.until


NIGHT = ["daily 22:00-07:00"]
BERLIN = "Europe/Berlin"
WALLS = [
    (NIGHT, "2026-11-22T12:00", "UTC", None),
    (NIGHT, "2026-11-22T22:00", "UTC", "2026-11-23T07:00"),
    (NIGHT, "2026-11-22T21:59:59", "UTC", None),
    (NIGHT, "2026-11-23T06:59:59.999999", "UTC", "2026-11-23T07:00"),
    (NIGHT, "2026-11-23T07:00", "UTC", None),
    (NIGHT, "2026-11-22T23:30", BERLIN, "2026-11-23T07:00"),
    (["sun 22:00-07:00"], "2026-11-23T06:00", BERLIN, "2026-11-23T07:00"),
    (["sun 22:00-07:00"], "2026-11-24T06:00", BERLIN, None),
    (["weekends 00:00-24:00", "fri 18:00-24:00", "mon 00:00-08:00"], "2026-11-21T12:00", BERLIN,
     "2026-11-23T08:00"),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "now", "zone", "until"), WALLS)
def test_quiet_ends_at_its_wall_time(lines: list[str], now: str, zone: str, until: str | None):
    assert ends(lines, at(now, zone), zone) == (None if until is None else at(until, zone))


def test_times_to_send_are_quiet_all_the_rest():
    work = (rest(weekly(("mon-fri 09:00-17:00",))), BERLIN)
    friday = at("2026-11-27T17:00", BERLIN)
    found = quiet([work], friday, MOST)
    assert found is not None
    assert found.until == at("2026-11-30T09:00", BERLIN)
    assert quiet([work], friday - MINUTE, MOST) is None


def test_an_end_in_a_gap_is_the_first_instant_after_it():
    # 29 March 2026: 02:00 becomes 03:00.
    assert ends(["daily 22:00-02:30"], at("2026-03-29T01:00", BERLIN), BERLIN) == at(
        "2026-03-29T03:00", BERLIN
    )


def test_a_beginning_in_a_gap_is_the_first_instant_after_it():
    lines = ["daily 02:30-06:00"]
    assert ends(lines, at("2026-03-29T03:00", BERLIN), BERLIN) == at("2026-03-29T06:00", BERLIN)
    assert ends(lines, at("2026-03-29T03:00", BERLIN) - MINUTE, BERLIN) is None


def test_an_end_that_comes_twice_is_the_later_one():
    # 25 October 2026: 03:00 becomes 02:00.
    lines, night = ["daily 22:00-02:30"], at("2026-10-25T01:00", BERLIN)
    later = at("2026-10-25T02:30", BERLIN, fold=1)
    assert ends(lines, night, BERLIN) == later
    assert ends(lines, later - MINUTE, BERLIN) == later
    assert ends(lines, later, BERLIN) is None


def test_a_beginning_that_comes_twice_is_the_earlier_one():
    lines, first = ["daily 02:30-06:00"], at("2026-10-25T02:30", BERLIN)
    morning = at("2026-10-25T06:00", BERLIN)
    assert ends(lines, first, BERLIN) == morning
    assert ends(lines, at("2026-10-25T02:10", BERLIN, fold=1), BERLIN) == morning


def test_a_day_that_never_was_is_passed_over():
    # Samoa had no 30 December 2011.
    apia = "Pacific/Apia"
    friday = ["fri 00:00-24:00"]
    assert ends(friday, at("2011-12-29T23:59", apia), apia) is None
    assert ends(friday, at("2011-12-31T00:00", apia), apia) is None
    assert ends(["thu 20:00-20:30", "thu 20:30-10:00"], at("2011-12-29T21:00", apia), apia) == at(
        "2011-12-31T00:00", apia
    )


def test_several_schedules_are_quiet_as_long_as_any_is():
    schedules: list[Schedule] = [
        (weekly(("daily 22:00-07:00",)), "UTC"),
        (weekly(("daily 06:00-08:00",)), "UTC"),
        (weekly(("daily 09:00-10:00",)), "UTC"),
    ]
    found = quiet(schedules, at("2026-11-22T23:00"), timedelta(hours=3))
    assert found is not None
    assert (found.until, found.room) == (at("2026-11-23T08:00"), timedelta(hours=1))


def test_schedules_that_leave_no_time_end_somewhere():
    schedules: list[Schedule] = [
        (weekly(("mon-thu 00:00-24:00",)), "UTC"),
        (weekly(("thu-mon 00:00-24:00",)), "UTC"),
    ]
    now = at("2026-11-22T23:00")
    found = quiet(schedules, now, MOST)
    assert found is not None
    assert now + timedelta(days=14) < found.until < now + timedelta(days=30)


ZONES = sorted(available_timezones())
DAY_1, DAY_N = datetime(1970, 1, 2, tzinfo=UTC), datetime(2037, 12, 30, tzinfo=UTC)


@st.composite
def lines_of_a_week(draw: st.DrawFn) -> list[str]:
    found = []
    for _ in range(draw(st.integers(1, 3))):
        day = draw(st.sampled_from(["daily", "mon", "sat-mon", "wed,sun"]))
        start, end = draw(
            st.tuples(st.integers(0, 95), st.integers(1, 96)).filter(
                lambda pair: pair[0] != pair[1]
            )
        )
        start_text, end_text = (f"{at // 4:02}:{at % 4 * 15:02}" for at in (start, end))
        found.append(f"{day} {start_text}-{end_text}")
    try:
        weekly(tuple(found))
    except ValueError:
        return ["daily 22:00-07:00"]
    return found


@st.composite
def instants(draw: st.DrawFn, zone: str) -> datetime:
    """Some moment; every other one near a change of the zone's clocks, if it has any."""
    seconds = int((DAY_N - DAY_1).total_seconds())
    moment = DAY_1 + timedelta(seconds=draw(st.integers(0, seconds)))
    if draw(st.booleans()):
        moment = _change(moment, ZoneInfo(zone)) + MINUTE * draw(st.integers(-2000, 2000))
    return moment


def _change(start: datetime, zone: ZoneInfo) -> datetime:
    """The first change of the offset within two years, to the second."""
    step = timedelta(days=7)
    for weeks in range(105):
        before, after = start + step * weeks, start + step * (weeks + 1)
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            return _between(before, after, zone)
    return start


def _between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    for _ in range(math.ceil(math.log2((after - before).total_seconds()))):
        middle = before + (after - before) / 2
        same = middle.astimezone(zone).utcoffset() == before.astimezone(zone).utcoffset()
        before, after = (middle, after) if same else (before, middle)
    return after


def covers(times: tuple[tuple[int, int], ...], wall: datetime) -> bool:
    """Whether a clock that shows this shows a quiet time."""
    minute = wall.weekday() * 1440 + wall.hour * 60 + wall.minute
    return any((minute - start) % WEEK < length for start, length in times)


@settings(deadline=None)
@given(st.data())
def test_in_every_zone_quiet_lasts_at_least_as_long_as_clocks_say(data: st.DataObject):
    zone = data.draw(st.sampled_from(ZONES))
    lines = data.draw(lines_of_a_week())
    now = data.draw(instants(zone))
    times, place = weekly(tuple(lines)), ZoneInfo(zone)
    found = quiet([(times, zone)], now, MOST)
    shown = now.astimezone(place)
    if found is None:
        assert not covers(times, shown), "a clock shows a quiet time"
        return
    # It ends when no clock shows a quiet time any more, and was never interrupted.
    assert found.until > now
    assert not covers(times, found.until.astimezone(place))
    assert quiet([(times, zone)], found.until, MOST) is None
    for part in range(1, 20):
        assert quiet([(times, zone)], now + (found.until - now) * part / 20, MOST) is not None
    last = (found.until - timedelta(seconds=1)).astimezone(place)
    offsets = {
        (now + timedelta(hours=hours)).astimezone(place).utcoffset()
        for hours in range(-200, 200, 4)
    }
    if len(offsets) == 1:
        # Clocks go evenly: quiet is just what they show, to the minute.
        assert covers(times, shown)
        assert covers(times, last)
        assert found.until.astimezone(place).second == 0


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_the_room_after_quiet_is_free(data: st.DataObject):
    zone = data.draw(st.sampled_from(ZONES))
    schedule = (weekly(tuple(data.draw(lines_of_a_week()))), zone)
    found = quiet([schedule], data.draw(instants(zone)), MOST)
    if found is not None:
        assert timedelta() < found.room <= MOST
        for part in range(10):
            assert quiet([schedule], found.until + found.room * part / 10, MOST) is None


# Which zone

ORGS = Zones("Asia/Tokyo", {"acme": "America/New_York", "bad": "Mars/Phobos"})
TOKYO = ZoneOf("Asia/Tokyo", ZoneSource.DEFAULT)
WHERE = [
    (Profile("a", timezone="Europe/Oslo", org="acme", quiet_hours={"timezone": BERLIN}),
     ZoneOf(BERLIN, ZoneSource.OWN)),
    (Profile("a", timezone="Europe/Oslo", org="acme"), ZoneOf("Europe/Oslo", ZoneSource.PROFILE)),
    (Profile("a", org="acme"), ZoneOf("America/New_York", ZoneSource.ORG)),
    (Profile("a", org="other"), TOKYO),
    (Profile("a"), TOKYO),
    (None, TOKYO),
    (Profile("a", timezone="Mars/Phobos", org="acme"),
     ZoneOf("America/New_York", ZoneSource.ORG, passed_over=True)),
    (Profile("a", timezone="", org="bad"), replace(TOKYO, passed_over=True)),
    (Profile("a", quiet_hours={"timezone": ["x"]}), replace(TOKYO, passed_over=True)),
    (Profile("a", quiet_hours=[BERLIN]), TOKYO),  # type: ignore[arg-type]
]  # fmt: skip


@pytest.mark.parametrize(("profile", "expected"), WHERE)
def test_the_nearest_zone_that_there_is_counts(profile: Profile | None, expected: ZoneOf):
    assert zone_of(profile, ORGS) == expected


# Which rules

OWN = {"quiet": ["daily 20:00-09:00"]}
RULES: list[dict[str, Any]] = [
    {"key": "all", "quiet": NIGHT},
    {"key": "org", "quiet": NIGHT, "orgs": ["acme"]},
    {"key": "topic", "quiet": NIGHT, "topics": ["sale"]},
    {"key": "law", "quiet": ["sun 00:00-24:00"], "binding": True, "tags": ["law"]},
    {"key": "both", "quiet": NIGHT, "classes": ["transactional"], "categories": ["bills"]},
    {"key": "work", "send": ["mon-fri 09:00-17:00"], "campaigns": ["b2b"]},
    {"key": "feed", "quiet": NIGHT, "channels": ["in_app", "push"], "tags": ["feed"]},
]


def draft(**values: Any) -> Draft:
    topic = {"klass": Class.PROMOTIONAL, "category": "news", **values.pop("topic", {})}
    key = topic.pop("key", "news")
    rules = Rules(rulebook=read({"quiet_hours": values.pop("book", RULES)}, 3))
    given = {"topic": make_topic(key, **topic), "rules": rules, "delivery_id": ROW, **values}
    return make_draft(given.pop("channel", "email"), **given)


def facts(**profile: Any) -> Facts:
    return make_facts("a@x.test", profile=Profile("anna", **profile))


APPLY = [
    (draft(), facts(), ("all",)),
    (draft(), facts(org="acme"), ("org",)),
    (draft(), facts(org="other"), ("all",)),
    (draft(topic={"key": "sale"}), facts(org="acme"), ("topic",)),
    (draft(tags=("law",)), facts(), ("law", "all")),
    (draft(campaign="b2b"), facts(org="acme"), ("work", "org")),
    (draft(), facts(quiet_hours=OWN), ("own",)),
    (draft(topic={"key": "sale"}), facts(quiet_hours=OWN, org="acme"), ("own",)),
    (draft(tags=("law",)), facts(quiet_hours=OWN), ("own", "law")),
    (draft(topic={"klass": Class.TRANSACTIONAL}), facts(), None),
    (draft(topic={"klass": Class.TRANSACTIONAL}), facts(quiet_hours=OWN), ("own",)),
    (draft(topic={"klass": Class.TRANSACTIONAL, "category": "bills"}), facts(), ("both",)),
    (draft(topic={"klass": Class.CRITICAL, "category": "bills"}), facts(quiet_hours=OWN), None),
    (draft(channel="in_app"), facts(quiet_hours=OWN), None),
    (draft(channel="in_app", tags=("feed",)), facts(), ("feed",)),
    (draft(channel="in_app", tags=("feed",)), facts(quiet_hours=OWN), ("feed",)),
    (draft(channel="push", tags=("feed",)), facts(), ("feed",)),
    (draft(), facts(quiet_hours={"quiet": ["whenever"]}), ("all",)),
    (draft(), facts(quiet_hours={"quiet": "daily 22:00-07:00"}), ("all",)),
    (draft(), facts(quiet_hours={"timezone": BERLIN}), ("all",)),
    (draft(book=[]), facts(), None),
]


@pytest.mark.parametrize(("about", "whom", "expected"), APPLY)
def test_the_most_particular_rules_apply_and_binding_ones_besides(
    about: Draft, whom: Facts, expected: tuple[str, ...] | None
):
    found = in_force(about, whom)
    assert (found and found.keys) == expected


# The policy

EVENING = at("2026-11-22T23:00")
MORNING = at("2026-11-23T07:00")


def test_holds_until_the_window_opens_and_a_little_more():
    verdict = quiet_hours.decide(draft(expires_at=None), facts(), EVENING)
    assert isinstance(verdict, HoldUntil)
    assert verdict.reason == Hold.QUIET_HOURS
    assert MORNING <= verdict.until < MORNING + MOST
    assert verdict.note == "all@3 UTC default"
    assert quiet_hours.decide(draft(expires_at=None), facts(), verdict.until) == Keep(verdict.note)


def test_what_waits_for_one_moment_is_spread():
    decided = [
        quiet_hours.decide(
            draft(expires_at=None, delivery_id=type(ROW)(int=number**9)), facts(), EVENING
        )
        for number in range(200)
    ]
    moments = {verdict.until for verdict in decided if isinstance(verdict, HoldUntil)}
    assert len(moments) > 150
    assert min(moments) >= MORNING
    assert MOST * 0.9 < max(moments) - min(moments) < MOST


def test_is_not_spread_into_the_next_quiet_time():
    book = [{"key": "short", "send": ["daily 09:00-09:01"]}]
    for number in range(50):
        asked = draft(book=book, expires_at=None, delivery_id=type(ROW)(int=number**9))
        verdict = quiet_hours.decide(asked, facts(), EVENING)
        assert isinstance(verdict, HoldUntil)
        assert at("2026-11-23T09:00") <= verdict.until < at("2026-11-23T09:01")
        assert isinstance(quiet_hours.decide(asked, facts(), verdict.until), Keep)


@pytest.mark.parametrize("late", [timedelta(), timedelta(hours=-3)])
def test_what_would_be_useless_by_then_is_skipped(late: timedelta):
    verdict = quiet_hours.decide(draft(expires_at=MORNING + late), facts(), EVENING)
    assert verdict == SkipBecause(Skip.QUIET_TOO_LONG, "all@3 UTC default")


def test_what_expires_soon_after_goes_before_it_does():
    last = MORNING + timedelta(seconds=1)
    verdict = quiet_hours.decide(draft(expires_at=last), facts(), EVENING)
    assert isinstance(verdict, HoldUntil)
    assert MORNING <= verdict.until < last


def test_a_test_event_does_not_wait():
    assert quiet_hours.decide(draft(test=True), facts(), EVENING) == Keep()


def test_a_note_stays_short():
    book = [{"key": f"{'k' * 38}{n}", "quiet": NIGHT} for n in range(9)]
    zone = max(ZONES, key=len)
    verdict = quiet_hours.decide(draft(book=book, expires_at=None), facts(timezone=zone), EVENING)
    assert isinstance(verdict, (HoldUntil, Keep))
    assert len(verdict.note) <= 80


PROFILE = "Asked: nights (rules of version 3), in Europe/Berlin, from their profile."
DEFAULT = (
    "Asked: their own hours, law (rules of version 12), in UTC, the installation's, as none is"
    " known of them; a zone that was named before it is none."
)
TOLD = [("nights@3 Europe/Berlin profile", PROFILE), ("own,law@12 UTC default!", DEFAULT)]


@pytest.mark.parametrize(("note", "sentence"), TOLD)
def test_a_note_is_told_as_a_sentence(note: str, sentence: str):
    assert quiet_hours.tell(note) == sentence
