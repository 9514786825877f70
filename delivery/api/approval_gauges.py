"""What waits for approval, for Prometheus."""

from prometheus_client.core import GaugeMetricFamily, Metric


def asks(waiting: int, oldest: float) -> tuple[Metric, Metric]:
    """How many asks wait, and for how many seconds the oldest does."""
    return (
        GaugeMetricFamily("tidings_approvals_waiting", "Asks for approval.", value=waiting),
        GaugeMetricFamily(
            "tidings_approvals_oldest_seconds", "Age of the oldest of them.", value=oldest
        ),
    )
