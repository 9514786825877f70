"""The overview's figures, from counts that are written down here."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.showing import figures
from dashboard.showing.figures import History, Queue
from dashboard.showing.overview import tiles_of
from dashboard.showing.spans import STEPS, Span, bins, period
from models.readings.figures import Flow, Speed, Standing

NOW = datetime(2026, 11, 22, 12, 0, 30, tzinfo=UTC)
HOUR = period(Span.HOUR, NOW)


def flow(minutes_ago: int, state: str, entered: int, left: int = 0, **more: str) -> Flow:
    at = HOUR.until - (minutes_ago + 1) * HOUR.step
    channel, reason = more.get("channel", "email"), more.get("reason", "")
    return Flow(at, channel, state, reason, entered, left)


def history(*flows: Flow, speeds: tuple[Speed, ...] = ()) -> History:
    return History(HOUR, flows, speeds)


def tile(key: str, of: History, queue: Queue | None = None):
    queue = queue or Queue(NOW, (), {})
    return next(tile for tile in tiles_of(Span.HOUR, of, queue) if tile.key == key)


@pytest.mark.parametrize("span", list(Span))
def test_a_period_ends_with_the_bin_that_is_running(span: Span):
    of = period(span, NOW)

    assert of.until - STEPS[span] <= NOW < of.until
    assert bins(of)[0] == of.since
    assert bins(of)[-1] + of.step == of.until


def test_counts_fall_into_their_bins_and_empty_bins_are_zero():
    counts = figures.series(HOUR, [flow(0, "sent", 3), flow(2, "sent", 5)], figures.entered("sent"))

    assert counts[-3:] == [5, 0, 3]
    assert len(counts) == 60


def test_depth_is_counted_back_from_what_it_is_now():
    of = history(flow(0, "scheduled", 10, left=2), flow(1, "sending", 1, left=4))

    assert figures.depths(of, 8)[-3:] == [3, 0, 8]


def test_a_depth_is_never_below_zero():
    assert min(figures.depths(history(flow(0, "scheduled", 50)), 8)) == 0


@pytest.mark.parametrize(
    ("histogram", "share", "expected"),
    [
        ({}, 0.5, None),
        ({40: 10}, 1.0, 2 ** (41 / 4)),
        ({40: 10}, 0.5, 2 ** (40.5 / 4)),
        ({0: 50, 40: 50}, 0.5, 2 ** (1 / 4)),
        ({0: 99, 40: 1}, 0.99, 2 ** (1 / 4)),
        ({0: 98, 40: 2}, 0.99, 2 ** (40.5 / 4)),
    ],
)
def test_a_quantile_is_read_off_the_histogram(
    histogram: dict[int, int], share: float, expected: float | None
):
    assert figures.quantile(histogram, share) == (expected and pytest.approx(expected))


def test_sends_a_minute_count_the_running_minute_by_its_share():
    counts = [0] * 54 + [10, 10, 10, 10, 10, 5]

    assert figures.per_minute(counts, timedelta(minutes=1), now_share=0.5) == pytest.approx(10.0)


def test_sends_a_minute_of_long_bins_are_a_mean():
    assert figures.per_minute([300, 0], timedelta(minutes=30), now_share=0.0) == 10


def test_in_app_does_not_dilute_the_bounce_rate():
    shown = tile(
        "bounced",
        history(flow(0, "sent", 9), flow(0, "bounced", 1), flow(0, "sent", 90, channel="in_app")),
    )

    assert shown.value == "10.0%"
    assert shown.colour == "red"


def test_what_comes_back_later_was_handed_over_once():
    shown = tile(
        "bounced",
        history(flow(9, "sent", 10), flow(1, "sent", 0, left=1), flow(1, "bounced", 1)),
    )

    assert shown.value == "10.0%"


def test_doubt_that_was_resolved_is_counted_but_not_shown_as_doubt():
    came = history(flow(3, "in_doubt", 2), flow(1, "in_doubt", 0, left=2))
    resolved, left = tile("doubt", came), tile("doubt", came, Queue(NOW, (), {}, in_doubt=1))

    assert (resolved.value, resolved.colour) == ("0", "primary")
    assert resolved.note == "2 fell in doubt in the last hour"
    assert (left.value, left.colour, left.target) == ("1", "orange", "doubt")


def test_the_queue_says_how_long_the_oldest_has_been_due():
    standing = Standing("scheduled", None, 4, 2, NOW - timedelta(seconds=75), None)
    held = Standing("scheduled", "quiet_hours", 3, 0, None, NOW + timedelta(hours=1))
    queue = Queue(NOW, (standing, held), {NOW + timedelta(hours=1): 3})

    assert tile("queue", history(), queue).note == "oldest due 1 min 15 s ago"
    assert tile("queue", history(), queue).value == "7"
    assert tile("held", history(), queue).note == "quiet hours 3"
    assert tile("held", history(), queue).course[:3] == [0, 3, 0]


def test_outcomes_are_the_reasons_with_the_commonest_first():
    flows = [
        flow(0, "skipped", 3, reason="opted_out"),
        flow(1, "skipped", 4, reason="opted_out"),
        flow(1, "failed", 5, reason="rendering"),
        flow(1, "sent", 100),
    ]

    assert figures.outcomes(flows) == [("skipped", "opted_out", 7), ("failed", "rendering", 5)]


def test_every_tile_leads_to_a_list():
    for each in tiles_of(Span.DAY, history(), Queue(NOW, (), {})):
        assert each.target == "doubt" or each.query["state"]


def test_where_nobody_tells_what_arrived_no_rate_is_told():
    silent = history(flow(1, "sent", 40))
    heard = history(flow(1, "sent", 40), flow(0, "delivered", 1))

    assert (tile("bounced", silent).value, tile("bounced", silent).note) == (
        "–", "no delivery feedback",
    )  # fmt: skip
    assert tile("sent", silent).note == "no delivery feedback"
    assert tile("bounced", heard).value == "0.00%"
    assert tile("sent", heard).note == "1 confirmed delivered"
