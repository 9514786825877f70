"""How the pipeline stands, for Prometheus: read from the database when somebody asks."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from delivery.api.gauges import domains, flows, outboxes, people, queue, reputation, roads
from delivery.api.gauges.outboxes import age
from models.database import Database, Transaction
from models.queries.campaigns import campaigns
from models.queries.configuring import controls, domain_checks, traffic, warmings
from models.queries.console import metrics, sign_ins
from models.queries.erasing import erased
from models.queries.folding import feedback
from models.queries.keeping import gauges, lag, reputations, snapshots
from models.queries.planning.sources import drained_sources
from models.queries.repairing.selection import Selection, count_selected
from models.readings.deliveries import Wanted
from models.readings.figures import Period
from models.states import DeliveryState

_SEEN_WITHIN = timedelta(seconds=30)
_DAY = timedelta(days=1)
_DOUBT = Wanted(states=frozenset({DeliveryState.IN_DOUBT.value}))
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
    found = {names[key]: one for key, one in standings.items() if key in names}
    moved = await tx.run(metrics.flows(Period(today, today + _DAY, _DAY)))
    return [
        *outboxes.outbox(await tx.run(gauges.waiting()), now),
        *outboxes.sources(found, now),
        *queue.queue(await tx.run(metrics.standings(now)), now),
        *queue.digests(await tx.run(gauges.open_digests()), now),
        outboxes.rejections(await tx.run(gauges.rejections(today))),
        flows.moves(moved),
        flows.suppressions(moved),
        *flows.engagement(moved),
        queue.doubts(await tx.run(count_selected(Selection(_DOUBT, now)))),
        queue.feedback(await tx.run(feedback.how_many_wait())),
    ]


async def _roads(tx: Transaction, now: datetime) -> list[Metric]:
    """Who sends, over what, and what holds it up."""
    breakers = await tx.run(traffic.breakers())
    return [
        roads.workers(len(await tx.run(metrics.workers(now - _SEEN_WITHIN)))),
        roads.switches(len(await tx.run(controls.switches()))),
        *roads.accounts(breakers, await tx.run(traffic.lessons()), now),
        roads.snapshots((await tx.run(snapshots.held(_HELD)))[:1]),
        roads.warming(len(await tx.run(warmings.unfinished()))),
        domains.states(await tx.run(domain_checks.checks())),
        *reputation.families(await tx.run(reputations.reputations())),
    ]


async def _people(tx: Transaction, now: datetime) -> list[Metric]:
    """What people began and wait for."""
    asked = await tx.run(gauges.asks())
    signed_in = await tx.run(sign_ins.signed_in(now))
    return [
        people.erasures(age(await tx.run(erased.oldest_open()), now)),
        people.campaigns(await tx.run(campaigns.states())),
        *people.asks(asked.rows, age(asked.oldest, now)),
        *people.sign_ins(await tx.run(sign_ins.sign_ins()), signed_in),
    ]


def _text(families: Iterable[Metric]) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Reading(families))
    return generate_latest(registry)
