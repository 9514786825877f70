"""What became of deliveries today, and of those who read them."""

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from models.readings.figures import Flow
from models.records import Change

_ENGAGEMENT = {
    "opens": ("opens", "Opens by whom, since midnight UTC."),
    "clicks": ("clicks", "Clicks by whom, since midnight UTC."),
    "opened": ("opened_deliveries", "Mails that were opened, by whom, since midnight UTC."),
    "clicked": ("clicked_deliveries", "Mails with a click, by whom, since midnight UTC."),
}
"""What is counted beside the states: its name and what it is."""
_CONVERTED = "converted"


def moves(flows: Iterable[Flow]) -> Metric:
    """Deliveries that came into a state since midnight UTC; a counter that starts anew each day."""
    moves = CounterMetricFamily(
        "tidings_deliveries",
        "Deliveries by the state they entered.",
        labels=["channel", "state", "reason"],
    )
    for flow in flows:
        if flow.state not in {*Change, *_ENGAGEMENT, _CONVERTED}:
            moves.add_metric([flow.channel, flow.state, flow.reason], flow.entered)
    return moves


def suppressions(flows: Iterable[Flow]) -> Metric:
    """Since midnight UTC; a counter that starts anew each day."""
    changes = CounterMetricFamily(
        "tidings_suppressions",
        "Suppressions that were added or lifted.",
        labels=["channel", "change", "cause"],
    )
    for flow in flows:
        if flow.state in set(Change):
            changes.add_metric([flow.channel, flow.state, flow.reason], flow.entered)
    return changes


def engagement(flows: Iterable[Flow]) -> list[Metric]:
    """Since midnight UTC; gauges, for a person's click may turn out to be a scanner's."""
    families = {
        state: GaugeMetricFamily(f"tidings_{name}", said, labels=["channel", "by"])
        for state, (name, said) in _ENGAGEMENT.items()
    }
    for flow in flows:
        if flow.state in families:
            families[flow.state].add_metric([flow.channel, flow.reason], flow.entered)
    conversions = CounterMetricFamily(
        "tidings_conversions", "Conversions by what they count for.", labels=["channel", "basis"]
    )
    for flow in flows:
        if flow.state == _CONVERTED:
            conversions.add_metric([flow.channel, flow.reason], flow.entered)
    return [*families.values(), conversions]
