"""Chart specifications: what is drawn, not how Vega draws it."""

from datetime import UTC, datetime

from dashboard import charts
from dashboard.showing.figures import History
from dashboard.showing.spans import Span, bins, period
from models.readings.figures import Flow, Speed

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = period(Span.HOUR, NOW)


def test_a_bin_in_which_nothing_was_sent_is_drawn_as_zero():
    first = bins(HOUR)[0]
    rows = charts.volume_rows(History(HOUR, (Flow(first, "email", "sent", "", 7, 0),), ()))

    assert rows[0] == {"at": first, "channel": "E-mail", "sent": 7}
    assert {row["sent"] for row in rows[1:]} == {0}


def test_the_running_bin_is_left_out():
    last = bins(HOUR)[-1]
    rows = charts.volume_rows(History(HOUR, (Flow(last, "email", "sent", "", 7, 0),), ()))

    assert last not in {row["at"] for row in rows}


def test_latencies_are_seconds_for_each_quantile():
    at = bins(HOUR)[0]
    rows = charts.latency_rows(History(HOUR, (), (Speed(at, 40, 10),)))

    assert [row["quantile"] for row in rows] == ["p50", "p95", "p99"]
    assert 1.0 < rows[0]["seconds"] < rows[1]["seconds"] < 1.3


def test_each_outcome_has_the_colour_of_its_state():
    rows = charts.outcome_rows([("failed", "rendering", 2), ("skipped", "opted_out", 5)])
    spec = charts.outcomes(rows, {"red": "#f00", "gray": "#999"})
    scale = spec["layer"][0]["encoding"]["color"]["scale"]

    assert dict(zip(scale["domain"], scale["range"], strict=True)) == {
        "Failed": "#f00",
        "Skipped": "#999",
    }
