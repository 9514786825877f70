"""How scopes fare with receivers, for Prometheus."""

from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric

from models.records import Reputation


def families(found: Iterable[Reputation]) -> tuple[Metric, Metric]:
    """State and rates of each scope; a rate nobody would tell us of is left out."""
    state = GaugeMetricFamily(
        "tidings_reputation_state",
        "1 for the state a scope is in; promotional mail waits in tripped and held.",
        labels=["scope", "state"],
    )
    share = GaugeMetricFamily(
        "tidings_reputation_share",
        "Share of mail that receivers hold against us, 0 to 1.",
        labels=["scope", "measure", "window"],
    )
    for one in found:
        state.add_metric([one.scope, one.trust], 1)
        for rate in one.rates:
            if rate.share is not None:
                share.add_metric([one.scope, rate.measure, rate.window], rate.share)
    return state, share
