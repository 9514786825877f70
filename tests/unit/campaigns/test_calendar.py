"""What of campaigns goes out when, whom two of them hit, and where a cap is full."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from dashboard.showing import calendar as showing
from delivery.campaigns.calendar import Entry, Kept, Part, clashes, entries
from delivery.campaigns.headroom import Headroom, tight
from delivery.rulebook import read
from models.records import Campaign, Class, Run, RunKind, RunState, Step
from models.states import CampaignState
from tests.values import NOW, make_topic

DAY = timedelta(days=1)
UNTIL = NOW + 30 * DAY
UTC_ZONE = ZoneInfo("UTC")


def kept(
    key: str = "spring", state: CampaignState = CampaignState.DRAFT, size: int | None = 1000,
    **said: Any,
) -> Kept:  # fmt: skip
    document = {"key": key, "title": key.title(), "topic": "boards", "audience": "all", **said}
    next_at = said.pop("next_at", None)
    document.pop("next_at", None)
    campaign = Campaign(
        key, key.title(), None, "boards", state, document, 1, next_at, "", NOW, "ada"
    )
    return Kept(campaign, (), size)


def run(of: Kept, at: datetime, state: RunState = RunState.GOING, **said: Any) -> Kept:
    one = Run(
        UUID(int=1), of.campaign.key, 1, RunKind.LAUNCH, None, state, of.campaign.document, {},
        NOW, "ada", at, **said,
    )  # fmt: skip
    return Kept(of.campaign, (one,), of.size, of.forecast)


def found(*campaigns: Kept) -> list[tuple[str, str, datetime, int | None]]:
    return [(one.step, one.part, one.at, one.people) for one in entries(
        campaigns, NOW, UNTIL, NOW
    )]  # fmt: skip


def at(moment: datetime) -> dict[str, Any]:
    return {"at": moment.isoformat()}


def test_a_draft_stands_where_it_says_when_it_goes():
    assert found(kept(), kept("b", schedule=at(NOW + DAY))) == [("first", "all", NOW + DAY, 1000)]


def test_a_run_stands_where_it_began_later_by_as_long_as_it_was_paused():
    launched = kept(state=CampaignState.RUNNING)
    shifted = run(launched, NOW + DAY, shift=timedelta(hours=2), eligible=7)
    assert found(shifted) == [("first", "all", NOW + DAY + timedelta(hours=2), 7)]


@pytest.mark.parametrize("state", [RunState.UNDONE, RunState.CANCELLED])
def test_what_was_taken_back_or_cancelled_is_not_there(state: RunState):
    assert found(run(kept(state=CampaignState.FINISHED), NOW + DAY, state)) == []


def test_later_steps_canaries_and_the_rest_stand_for_themselves():
    whole = kept(
        schedule=at(NOW + DAY),
        canary={"share": 10, "after": "1 hour"},
        steps=[{"key": "one"}, {"key": "two", "after": "3 days"}],
    )
    opened = NOW + DAY + timedelta(hours=1)
    assert found(whole) == [
        ("one", "canary", NOW + DAY, 100),
        ("one", "rest", opened, 900),
        ("two", "all", opened + 3 * DAY, 1000),
    ]


def test_moments_to_come_of_what_recurs_are_those_of_its_triggers():
    weekly = {"cron": "0 9 * * mon", "zone": "Europe/Berlin"}
    first = datetime(2026, 11, 23, 8, tzinfo=UTC)
    going = kept(state=CampaignState.RUNNING, schedule=weekly, next_at=first)
    moments = [moment for _, _, moment, _ in found(going)]
    assert moments == [first + 7 * DAY * week for week in range(5)]
    assert moments == [moment for _, _, moment, _ in found(kept(schedule=weekly))], "a draft, too"


def test_who_is_left_out_by_the_forecast_is_not_expected():
    one = kept(schedule=at(NOW + DAY))
    forecast = {"audience": 900, "left_out": {"holdout": 50}, "others": []}
    ((_, _, _, people),) = found(Kept(one.campaign, (), 1000, forecast))
    assert people == 850


def test_a_document_that_nobody_can_read_hides_no_other():
    broken = kept("old", colour="red", schedule=at(NOW + DAY))
    assert len(found(broken, kept(schedule=at(NOW + DAY)))) == 1


def hits(*campaigns: Kept, forecasts: Any = None) -> list[tuple[str, str, int | None]]:
    every = entries(campaigns, NOW, UNTIL, NOW)
    return [
        (one.first.campaign.key, one.second.campaign.key, one.people)
        for one in clashes(every, forecasts or {})
    ]


def later(key: str, after: timedelta, **said: Any) -> Kept:
    return kept(key, schedule=at(NOW + after), **said)


def test_the_same_audience_within_a_day_is_hit_twice():
    day = timedelta(hours=24)
    one, other = later("a", DAY), later("b", DAY + timedelta(hours=23), size=400)
    assert hits(one, other) == [("a", "b", 400)]
    assert hits(one, later("b", DAY + day)) == []
    assert hits(one, later("b", DAY, audience="others")) == []


def test_audiences_that_overlap_by_a_forecast_are_hit_twice():
    others = [{"topic": "boards", "campaign": "b", "people": 31}]
    told = {"a": {"audience": 9, "left_out": {}, "others": others}}
    assert hits(later("a", DAY), later("b", DAY, audience="x"), forecasts=told) == [("a", "b", 31)]


def test_of_listed_people_those_on_both_lists_are_hit_twice():
    one = later("a", DAY, audience=None, recipients=["anna", "bo"])
    other = later("b", DAY, audience=None, recipients=["bo", "cleo"])
    assert hits(one, other) == [("a", "b", 1)]


def test_a_campaign_does_not_clash_with_itself():
    steps = [{"key": "one"}, {"key": "two", "after": "2 hours"}]
    assert hits(later("a", DAY, steps=steps)) == []


MAIL = make_topic(klass=Class.PROMOTIONAL, steps=(Step("email", "email", "board-mail"),))
CAPS = read(
    {"caps": [{"key": "one", "classes": ["promotional"], "limit": 1, "within": "24 hours"}]}
).caps


def test_a_day_on_which_campaigns_have_more_than_a_cap_lets_through_is_tight():
    every = entries([later("a", DAY), later("b", DAY)], NOW, UNTIL, NOW)
    day = (NOW + DAY).date()
    assert tight(every, {"boards": MAIL}, CAPS, UTC_ZONE, NOW) == [
        Headroom(day, "all", 2, 1, "one")
    ]
    assert tight(every[:1], {"boards": MAIL}, CAPS, UTC_ZONE, NOW) == []
    news = make_topic(klass=Class.TRANSACTIONAL, steps=MAIL.steps)
    assert tight(every, {"boards": news}, CAPS, UTC_ZONE, NOW) == []


@pytest.mark.parametrize(
    ("kind", "day", "first", "weeks"),
    [
        ("Week", date(2026, 11, 22), date(2026, 11, 16), 1),
        ("Month", date(2026, 11, 22), date(2026, 10, 26), 6),
        ("Month", date(2027, 2, 10), date(2027, 2, 1), 4),
        ("Month", date(2026, 12, 31), date(2026, 11, 30), 5),
    ],
)
def test_whole_weeks_are_drawn_from_monday(kind: str, day: date, first: date, weeks: int):
    span = showing.span(kind, day, ZoneInfo("Europe/Berlin"))
    assert (span.first, span.weeks) == (first, weeks)
    assert span.since.astimezone(ZoneInfo("Europe/Berlin")).hour == 0


def test_one_steps_to_the_next_and_the_last_month():
    assert showing.following("Month", date(2026, 12, 31), 1) == date(2027, 1, 1)
    assert showing.following("Month", date(2026, 1, 31), -1) == date(2025, 12, 1)
    assert showing.following("Week", date(2026, 12, 31), 1) == date(2027, 1, 7)


def drawn(every: list[Entry]) -> str:
    span = showing.span("Month", NOW.date(), UTC_ZONE)
    return showing.html(span, every, showing.marks(clashes(every, {}), [], NOW.date()))


def test_titles_are_text_and_never_markup():
    one = later("a", DAY)
    evil = Kept(Campaign("a", "<img src=x>", None, "boards", CampaignState.DRAFT,
                         one.campaign.document, 1, None, "", NOW, "ada"), (), 5)  # fmt: skip
    told = drawn(entries([evil], NOW, UNTIL, NOW))
    assert "<img" not in told
    assert "&lt;img" in told


def test_two_campaigns_are_told_of_once_a_day():
    canary = {"share": 10, "after": "1 hour"}
    every = entries([later("a", DAY, canary=canary), later("b", DAY)], NOW, UNTIL, NOW)
    found = clashes(every, {})
    assert len(found) == 2
    (said,) = showing.warnings(found, UTC_ZONE)
    assert said.startswith("100 people get A (Mon 23 Nov, 12:00) and B")


def test_what_clashes_is_marked_in_words_too():
    told = drawn(entries([later("a", DAY), later("b", DAY)], NOW, UNTIL, NOW))
    assert told.count("twice within a day") == 2
    assert Part.REST not in told
