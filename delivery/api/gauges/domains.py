"""How the checks of sending domains came out, for Prometheus."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric

from delivery.domains.history import read, worst
from models.records import DomainCheck


def states(checks: Iterable[DomainCheck]) -> Metric:
    """The state of each check of each domain at the last look."""
    state = GaugeMetricFamily(
        "tidings_domain_check",
        "1 for the state a check of a sending domain was in at the last look.",
        labels=["domain", "check", "state"],
    )
    for one in checks:
        for check, condition in worst(read(one.verdicts)).items():
            state.add_metric([one.domain, check, condition], 1)
    return state
