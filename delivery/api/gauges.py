"""How the pipeline stands, for Prometheus: read from the database when somebody asks."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from delivery.api import sign_in_gauges, standings as reputation
from delivery.api.approval_gauges import asks
from delivery.api.domain_gauges import states
from delivery.api.erasure import oldest
from delivery.roads.pacing import allowed
from models.database import Database, Transaction
from models.queries.campaigns import campaigns
from models.queries.configuring import controls, domain_checks, traffic, warmings
from models.queries.console import metrics, sign_ins
from models.queries.erasing import erased
from models.queries.folding import feedback
from models.queries.keeping import gauges, lag, reputations, snapshots
from models.queries.keeping.gauges import Waiting
from models.queries.keeping.snapshots import Holder
from models.queries.planning.sources import drained_sources
from models.queries.repairing.selection import Selection, count_selected
from models.readings.deliveries import Wanted
from models.readings.events import SourceStanding
from models.readings.figures import Flow, Period, Standing
from models.records import Breaker, Change, Pace
from models.states import CampaignState, DeliveryState

_SEEN_WITHIN = timedelta(seconds=30)
_DAY = timedelta(days=1)
_DOUBT = Wanted(states=frozenset({DeliveryState.IN_DOUBT.value}))
_ENGAGEMENT = {
    "opens": ("opens", "Opens by whom, since midnight UTC."),
    "clicks": ("clicks", "Clicks by whom, since midnight UTC."),
    "opened": ("opened_deliveries", "Mails that were opened, by whom, since midnight UTC."),
    "clicked": ("clicked_deliveries", "Mails with a click, by whom, since midnight UTC."),
}
"""What is counted beside the states: its name and what it is."""
_CONVERTED = "converted"
_HELD = 5.0
"""Seconds from which a held snapshot is worth telling of."""


class _Reading(Collector):
    """One reading, handed to the text format."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


async def read(database: Database) -> bytes:
    """The pipeline's gauges in the text format of Prometheus.

    Raises:
        UnavailableError: The database does not answer.
    """
    now = await database.tell_time()
    async with database.begin() as tx:
        families = [*await _way(tx, now), *await _roads(tx, now), *await _people(tx, now)]
    return _text(families)


async def _way(tx: Transaction, now: datetime) -> list[Metric]:
    """From the outboxes to what became of messages."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    names = {source.source: source.name for source in await tx.run(drained_sources())}
    standings = await tx.run(lag.standings())
    sources = {names[key]: one for key, one in standings.items() if key in names}
    flows = await tx.run(metrics.flows(Period(today, today + _DAY, _DAY)))
    return [
        *_outbox(await tx.run(gauges.waiting()), now),
        *_sources(sources, now),
        *_queue(await tx.run(metrics.standings(now)), now),
        *_digests(await tx.run(gauges.open_digests()), now),
        _rejections(await tx.run(gauges.rejections(today))),
        _moves(flows),
        _suppressions(flows),
        *_engagement(flows),
        _doubts(await tx.run(count_selected(Selection(_DOUBT, now)))),
        _feedback(await tx.run(feedback.how_many_wait())),
    ]


async def _roads(tx: Transaction, now: datetime) -> list[Metric]:
    """Who sends, over what, and what holds it up."""
    breakers = await tx.run(traffic.breakers())
    return [
        _workers(len(await tx.run(metrics.workers(now - _SEEN_WITHIN)))),
        _switches(len(await tx.run(controls.switches()))),
        *_accounts(breakers, await tx.run(traffic.lessons()), now),
        _snapshots((await tx.run(snapshots.held(_HELD)))[:1]),
        _warming(len(await tx.run(warmings.unfinished()))),
        states(await tx.run(domain_checks.checks())),
        *reputation.families(await tx.run(reputations.reputations())),
    ]


async def _people(tx: Transaction, now: datetime) -> list[Metric]:
    """What people began and wait for."""
    asked = await tx.run(gauges.asks())
    signed_in = await tx.run(sign_ins.signed_in(now))
    return [
        oldest(_age(await tx.run(erased.oldest_open()), now)),
        _campaigns(await tx.run(campaigns.states())),
        *asks(asked.rows, _age(asked.oldest, now)),
        *sign_in_gauges.families(await tx.run(sign_ins.sign_ins()), signed_in),
    ]


def _text(families: Iterable[Metric]) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Reading(families))
    return generate_latest(registry)


def _campaigns(states: Mapping[str, int]) -> Metric:
    family = GaugeMetricFamily(
        "tidings_campaigns", "Campaigns by how they stand.", labels=["state"]
    )
    for state in CampaignState:
        family.add_metric([state], states.get(state, 0))
    return family


def _age(oldest: datetime | None, now: datetime) -> float:
    return 0.0 if oldest is None else max((now - oldest).total_seconds(), 0.0)


def _outbox(waiting: Waiting, now: datetime) -> tuple[Metric, Metric]:
    oldest = _age(waiting.oldest, now)
    return (
        GaugeMetricFamily(
            "tidings_outbox_waiting_rows", "Rows in our own outbox.", value=waiting.rows
        ),
        GaugeMetricFamily(
            "tidings_outbox_oldest_seconds", "Age of the oldest of them.", value=oldest
        ),
    )


def _sources(sources: Mapping[str, SourceStanding], now: datetime) -> tuple[Metric, Metric, Metric]:
    """Outboxes in databases of their own, as a worker saw them within the last seconds."""
    rows = GaugeMetricFamily(
        "tidings_source_waiting_rows", "Rows in a producer's own outbox.", labels=["source"]
    )
    age = GaugeMetricFamily(
        "tidings_source_oldest_seconds", "Age of the oldest of them.", labels=["source"]
    )
    reach = GaugeMetricFamily(
        "tidings_source_reachable", "1 when a worker could look there.", labels=["source"]
    )
    for name, one in sources.items():
        rows.add_metric([name], one.rows)
        age.add_metric([name], _age(one.oldest, now))
        reach.add_metric([name], float(one.problem is None))
    return rows, age, reach


def _rejections(rejections: Mapping[str, int]) -> Metric:
    """Since midnight UTC; a counter that starts anew each day."""
    events = CounterMetricFamily(
        "tidings_events_rejected", "Events that were rejected.", labels=["reason"]
    )
    for reason, number in rejections.items():
        events.add_metric([reason], number)
    return events


def _queue(standings: Iterable[Standing], now: datetime) -> tuple[Metric, Metric]:
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


def _snapshots(oldest: Iterable[Holder]) -> Metric:
    held = GaugeMetricFamily(
        "tidings_snapshot_held_seconds",
        "How long the oldest snapshot is held, and by whom; nothing when none is old.",
        labels=["kind", "pid", "name", "state"],
    )
    for holder in oldest:
        who = [holder.kind, str(holder.pid or ""), holder.name, holder.state]
        held.add_metric(who, holder.seconds or 0.0)
    return held


def _doubts(number: int) -> Metric:
    return GaugeMetricFamily(
        "tidings_in_doubt_deliveries", "Deliveries nobody knows the end of.", value=number
    )


def _digests(collecting: Waiting, now: datetime) -> tuple[Metric, Metric]:
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


def _feedback(waiting: int) -> Metric:
    return GaugeMetricFamily(
        "tidings_feedback_waiting_events", "Vendors' events not folded yet.", value=waiting
    )


def _workers(alive: int) -> Metric:
    return GaugeMetricFamily(
        "tidings_workers", "Worker processes seen within 30 seconds.", value=alive
    )


def _warming(rules: int) -> Metric:
    said = "Caps that still read what was sent before them; what they limit waits."
    return GaugeMetricFamily("tidings_caps_warming", said, value=rules)


def _engagement(flows: Iterable[Flow]) -> list[Metric]:
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


def _switches(on: int) -> Metric:
    return GaugeMetricFamily("tidings_switches", "Kill switches that are on.", value=on)


def _accounts(
    breakers: Iterable[Breaker], lessons: Iterable[Pace], now: datetime
) -> tuple[Metric, Metric]:
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


def _moves(flows: Iterable[Flow]) -> Metric:
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


def _suppressions(flows: Iterable[Flow]) -> Metric:
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
