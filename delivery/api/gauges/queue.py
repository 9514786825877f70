"""What waits to be sent, to be settled or to be folded."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from models.queries.keeping.gauges import Waiting
from models.readings.figures import Standing


def queue(standings: Iterable[Standing], now: datetime) -> tuple[Metric, Metric]:
    """Deliveries still to be done, by state and by what holds them."""
    rows = GaugeMetricFamily(
        "tidings_queue_rows", "Deliveries still to be done.", labels=["state", "held_for"]
    )
    oldest = 0.0
    for standing in standings:
        rows.add_metric([standing.state, standing.held_for or ""], standing.rows)
        if standing.oldest_due is not None:
            oldest = max(oldest, (now - standing.oldest_due).total_seconds())
    age = GaugeMetricFamily(
        "tidings_queue_oldest_due_seconds", "How long the oldest due one waits.", value=oldest
    )
    return rows, age


def digests(collecting: Waiting, now: datetime) -> tuple[Metric, Metric]:
    """Digests that collect, and how late the oldest of them is."""
    late = 0.0 if collecting.oldest is None else (now - collecting.oldest).total_seconds()
    return (
        GaugeMetricFamily(
            "tidings_digests_open", "Digests that still collect.", value=collecting.rows
        ),
        GaugeMetricFamily(
            "tidings_digests_overdue_seconds",
            "How long the oldest of them should have been closed.",
            value=max(late, 0.0),
        ),
    )


def doubts(number: int) -> Metric:
    """Deliveries nobody knows the end of."""
    return GaugeMetricFamily(
        "tidings_in_doubt_deliveries", "Deliveries nobody knows the end of.", value=number
    )


def feedback(waiting: int) -> Metric:
    """What vendors told and is not folded yet."""
    return GaugeMetricFamily(
        "tidings_feedback_waiting_events", "Vendors' events not folded yet.", value=waiting
    )
