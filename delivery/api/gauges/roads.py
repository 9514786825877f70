"""Who sends, over what, and what holds it up."""

from collections.abc import Iterable
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from delivery.roads.pacing import allowed
from models.queries.keeping.snapshots import Holder
from models.records import Breaker, Pace


def workers(alive: int) -> Metric:
    """Processes that were seen lately."""
    return GaugeMetricFamily(
        "tidings_workers", "Worker processes seen within 30 seconds.", value=alive
    )


def switches(on: int) -> Metric:
    """Kill switches that are on."""
    return GaugeMetricFamily("tidings_switches", "Kill switches that are on.", value=on)


def accounts(
    breakers: Iterable[Breaker], lessons: Iterable[Pace], now: datetime
) -> tuple[Metric, Metric]:
    """How the breakers of accounts stand, and how far deferrals slow them down."""
    state = GaugeMetricFamily(
        "tidings_account_breaker",
        "1 for the state an account's breaker is in; none: it always worked.",
        labels=["account", "state"],
    )
    for breaker in breakers:
        state.add_metric([breaker.account, breaker.state], 1)
    pace = GaugeMetricFamily(
        "tidings_account_slowed_per_minute",
        "What deferrals leave of an account's way to a destination, a minute.",
        labels=["account", "destination"],
    )
    for lesson in lessons:
        if (left := allowed(lesson, now)) is not None:
            pace.add_metric([lesson.account, lesson.destination], left)
    return state, pace


def snapshots(oldest: Iterable[Holder]) -> Metric:
    """The oldest snapshot that is held, where it is old."""
    held = GaugeMetricFamily(
        "tidings_snapshot_held_seconds",
        "How long the oldest snapshot is held, and by whom; nothing when none is old.",
        labels=["kind", "pid", "name", "state"],
    )
    for holder in oldest:
        who = [holder.kind, str(holder.pid or ""), holder.name, holder.state]
        held.add_metric(who, holder.seconds or 0.0)
    return held


def warming(rules: int) -> Metric:
    """Caps that still read what was sent before them."""
    said = "Caps that still read what was sent before them; what they limit waits."
    return GaugeMetricFamily("tidings_caps_warming", said, value=rules)
