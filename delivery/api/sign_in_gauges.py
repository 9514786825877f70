"""Who tries to sign in to the console, for Prometheus."""

from collections.abc import Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric


def families(tried: Mapping[tuple[str, str], int], signed_in: int) -> tuple[Metric, Metric]:
    """How many sign-ins were tried, by method and outcome, and how many sessions there are."""
    counter = CounterMetricFamily(
        "tidings_sign_ins", "Tries to sign in to the console.", labels=["method", "outcome"]
    )
    for labels, number in sorted(tried.items()):
        counter.add_metric(labels, number)
    sessions = GaugeMetricFamily(
        "tidings_console_sessions", "Sessions of the console.", value=signed_in
    )
    return counter, sessions
