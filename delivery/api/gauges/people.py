"""What people began and wait for, and who tries to sign in."""

from collections.abc import Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from models.states import CampaignState


def campaigns(states: Mapping[str, int]) -> Metric:
    """Campaigns by how they stand."""
    family = GaugeMetricFamily(
        "tidings_campaigns", "Campaigns by how they stand.", labels=["state"]
    )
    for state in CampaignState:
        family.add_metric([state], states.get(state, 0))
    return family


def asks(waiting: int, oldest: float) -> tuple[Metric, Metric]:
    """How many asks wait, and for how many seconds the oldest does."""
    return (
        GaugeMetricFamily("tidings_approvals_waiting", "Asks for approval.", value=waiting),
        GaugeMetricFamily(
            "tidings_approvals_oldest_seconds", "Age of the oldest of them.", value=oldest
        ),
    )


def erasures(age: float) -> Metric:
    """The gauge that says for how many seconds the oldest unfinished erasure has waited."""
    help_ = "Age of the oldest unfinished erasure."
    return GaugeMetricFamily("tidings_erasure_oldest_seconds", help_, value=age)


def sign_ins(tried: Mapping[tuple[str, str], int], signed_in: int) -> tuple[Metric, Metric]:
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
