"""The tables of a campaign's report."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dashboard.reading.campaign_report import Followed, Report
from dashboard.showing import campaign_tables as told
from dashboard.showing.campaign_charts import long_rows, progress
from dashboard.showing.spans import cut
from delivery.campaigns.forecast import Compared
from delivery.campaigns.judging import Count, tally
from delivery.campaigns.noise import WEEK, Noise
from delivery.campaigns.reporting import Funnel, by_variant
from models.readings.campaigns import Course, Group
from models.readings.engagement import LinkLine
from models.records import Campaign, TemplateVersion
from models.states import CampaignState

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
COUNTS = [
    Count("1/first/a", "email", "delivered", "", 180, 0),
    Count("1/first/a", "email", "bounced", "mailbox_full", 20, 0),
    Count("1/first/b", "email", "skipped", "opted_out", 9, 0),
    Count("1/first/a", "email", "opened", "person", 50, 50),
]
MAIL = TemplateVersion(
    "news", 3, "email", "News", "", compiled='<a href="https://shop.test/?a=1">Shop</a>'
)
REPORT = Report(
    campaign=Campaign(
        "spring", "Spring", None, "news", CampaignState.RUNNING, {}, 1, None, "", NOW, "ada"
    ),
    funnel=Funnel("spring", 210, tally(COUNTS), {"due": 1}),
    variants=by_variant(COUNTS),
    left_out={"holdout": 21},
    goal="upgraded",
    groups=(Group("", "a", 210, 30), Group("holdout", "", 21, 1)),
    links=(Followed(MAIL, (LinkLine(3, 1, "person", 7, 5), LinkLine(3, 1, "scanner", 2, 2))),),
    compared=(Compared("sent", "", 158, 156),),
    period=cut(NOW, NOW + timedelta(minutes=2)),
    courses=(
        Course(NOW, "sent", "", 200, 180), Course(NOW, "delivered", "", 180, 0),
        Course(NOW + timedelta(minutes=1), "opened", "person", 5, 5),
        Course(NOW + timedelta(minutes=1), "opened", "scanner", 9, 9),
        Course(NOW + timedelta(minutes=1), "skipped", "opted_out", 9, 0),
    ),
)  # fmt: skip
NOISE = Noise(1, 210, NOW, {0: 10, 3: 30}, {NOW: 4, NOW - WEEK: 2}, {})


def test_the_funnel_goes_by_reason():
    assert list(told.funnel(REPORT).rows)[:6] == [
        ("Eligible people", "", 210), ("Left out", "holdout", 21), ("Waiting", "due", 1),
        ("Skipped", "opted_out", 9), ("Handed over", "", 200), ("Delivered", "", 180),
    ]  # fmt: skip


def test_a_variant_that_nobody_got_has_no_rate():
    (row,) = told.variants(REPORT).rows
    assert row[:3] == ("a", 200, 0.25)
    assert len(row) == len(told.variants(REPORT).columns)


def test_the_goal_is_told_with_lift_and_holdout():
    treated, held = told.goal(REPORT).rows
    assert (treated[0], held[0], held[-1]) == ("a", "Holdout", None)
    assert all(len(row) == len(told.goal(REPORT).columns) for row in (treated, held))
    nothing = told.goal(replace(REPORT, goal=None, groups=()))
    assert "Give a campaign a goal" in nothing.nothing


def test_links_bounces_and_what_was_foretold():
    assert list(told.links(REPORT).rows) == [
        ("news", 3, 1, "Shop", "https://shop.test/?a=1", 7, 5, 2)
    ]
    assert list(told.bounces(REPORT).rows) == [
        ("Mailbox full", "The mailbox was full.", 20, 0.1)
    ]  # fmt: skip
    assert list(told.foretold(REPORT).rows) == [("Sent", "", 158, 156, -2)]


def test_progress_counts_on_and_leaves_machines_out():
    found = told.progress(REPORT)
    assert [row[1:] for row in found.rows][:2] == [(200, 0, 0, 0, 0), (200, 9, 5, 0, 0)]
    rows = long_rows(found.columns, found.rows)
    assert rows[0] == {"at": NOW, "what": "Handed over", "number": 200}
    assert progress(rows, told.LINES)["encoding"]["x"]["axis"]["format"] == "%H:%M"
    assert told.progress(replace(REPORT, courses=())).rows == []


def test_noise_is_told_in_words_and_tables():
    besides, weeks = told.added(NOISE)
    assert list(besides.rows) == [(0, 10), (3, 30)]
    assert [row[1] for row in weeks.rows] == [0, 0, 0, 2, 4]
    said = " ".join(told.noise_said(NOISE))
    assert "2.2 other messages each" in said
    assert "4 of 210 opted out in the week that began with run 1 (0.5 in a week" in said
    assert told.added(None) == []


def test_all_tables_have_a_key_of_their_own():
    keys = [table.key for table in told.tables(REPORT, NOISE)]
    assert len(keys) == len(set(keys)) == 9
    assert set(told.ADDED) < set(keys)


def test_a_period_is_cut_into_bins_that_can_be_told_apart():
    for hours in (0.1, 3, 40, 500):
        over = cut(NOW, NOW + timedelta(hours=hours))
        assert over.since <= NOW < over.until
        assert (over.until - over.since) / over.step <= 122
