"""What waits to be planned, and what was refused there."""

from collections.abc import Mapping
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from models.queries.keeping.gauges import Waiting
from models.readings.events import SourceStanding


def age(oldest: datetime | None, now: datetime) -> float:
    """Seconds since a moment; 0 without one."""
    return 0.0 if oldest is None else max((now - oldest).total_seconds(), 0.0)


def outbox(waiting: Waiting, now: datetime) -> tuple[Metric, Metric]:
    """How many rows wait in our own outbox, and for how long."""
    oldest = age(waiting.oldest, now)
    return (
        GaugeMetricFamily(
            "tidings_outbox_waiting_rows", "Rows in our own outbox.", value=waiting.rows
        ),
        GaugeMetricFamily(
            "tidings_outbox_oldest_seconds", "Age of the oldest of them.", value=oldest
        ),
    )


def sources(sources: Mapping[str, SourceStanding], now: datetime) -> tuple[Metric, Metric, Metric]:
    """Outboxes in databases of their own, as a worker saw them within the last seconds."""
    rows = GaugeMetricFamily(
        "tidings_source_waiting_rows", "Rows in a producer's own outbox.", labels=["source"]
    )
    oldest = GaugeMetricFamily(
        "tidings_source_oldest_seconds", "Age of the oldest of them.", labels=["source"]
    )
    reach = GaugeMetricFamily(
        "tidings_source_reachable", "1 when a worker could look there.", labels=["source"]
    )
    for name, one in sources.items():
        rows.add_metric([name], one.rows)
        oldest.add_metric([name], age(one.oldest, now))
        reach.add_metric([name], float(one.problem is None))
    return rows, oldest, reach


def rejections(rejections: Mapping[str, int]) -> Metric:
    """Since midnight UTC; a counter that starts anew each day."""
    events = CounterMetricFamily(
        "tidings_events_rejected", "Events that were rejected.", labels=["reason"]
    )
    for reason, number in rejections.items():
        events.add_metric([reason], number)
    return events
