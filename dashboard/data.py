"""Everything the console reads. Each call is one short transaction with a time limit."""

from datetime import datetime, timedelta
from functools import cache
from typing import TypeVar
from uuid import UUID

from dashboard import settings
from dashboard.reading.news import left_out
from dashboard.reading.reports import (
    RecipientReport,
    Report,
    TrafficReport,
    unmasked,
)
from dashboard.reading.standing import standings_of
from dashboard.showing.figures import AHEAD, AHEAD_STEP, History, Queue, Signs
from dashboard.showing.spans import Span, period
from delivery.contexts import unpacked
from delivery.digests.windows import FULL
from delivery.rendering.locales import nearest
from delivery.rulebook import newest_sound
from models.database import DatabaseError, SyncDatabase, SyncTransaction
from models.people import AuditEntry
from models.queries.configuring import (
    catalog,
    controls,
    domain_checks,
    rulebooks as published,
    templates as stored,
    traffic as roads,
)
from models.queries.configuring.accounts import all_accounts
from models.queries.console import (
    cards,
    consents,
    digested,
    held as holds,
    history,
    incoming,
    metrics,
    people,
)
from models.queries.console.incoming import EventsWanted
from models.queries.folding import conversions
from models.queries.keeping import reputations
from models.queries.repairing.selection import COUNTED_UP_TO, Selection, count_selected
from models.query import Query
from models.readings.deliveries import Delivery, DeliveryLine, Wanted
from models.readings.held import HeldLine, ReleaseBin
from models.readings.recipients import RecentRecipient
from models.records import STOPPED, Rulebook, StoredDocument, TemplateVersion, Topic
from models.states import DeliveryState

T = TypeVar("T")

__all__ = ["COUNTED_UP_TO", "DatabaseError", "EventsWanted", "Selection", "Wanted"]
LOOKED_AT = 500
"""Newest rows that are looked at where something recent is wanted, not everything."""
_DOUBT = Wanted(states=frozenset({DeliveryState.IN_DOUBT.value}))
_TOLD_FOR = timedelta(days=1)
"""How long a lost worker and a rejected event are told of."""


@cache
def database() -> SyncDatabase:
    """The console's few connections; none of them holds a snapshot for long."""
    return SyncDatabase.connect(
        settings.database_url(),
        "tidings console",
        statement_timeout="5s",
        idle_in_transaction_session_timeout="10s",
    )


def read(query: Query[T]) -> T:
    """Run one query."""
    with database().begin() as tx:
        return tx.run(query)


def _first(found: list[T]) -> T | None:
    return found[0] if found else None


def now() -> datetime:
    """The database's time."""
    return database().now()


def audit(limit: int = 100) -> list[AuditEntry]:
    """What people did last."""
    return read(people.read_audit(limit))


def counted(span: Span) -> History:
    """What was counted in a span."""
    of = period(span, now())
    with database().begin() as tx:
        return History(of, tuple(tx.run(metrics.flows(of))), tuple(tx.run(metrics.speeds(of))))


def queue() -> Queue:
    """The queue as it stands."""
    at = now()
    with database().begin() as tx:
        standings, doubts = tx.run(metrics.standings(at)), count_selected(Selection(_DOUBT, at))
        releases = tx.run(metrics.releases(at, at + AHEAD, AHEAD_STEP))
        return Queue(at, tuple(standings), releases, tx.run(doubts))


def signs() -> Signs:
    """What tells of trouble besides the counts."""
    at = now()
    with database().begin() as tx:
        workers = tuple(tx.run(metrics.workers(at - _TOLD_FOR)))
        refused = tuple(tx.run(incoming.rejected(at - _TOLD_FOR, limit=100)))
        checks = tuple(tx.run(domain_checks.checks()))
        scopes = tx.run(reputations.reputations())
        return Signs(at, workers, refused, checks, tuple(o for o in scopes if o.trust in STOPPED))


def topics() -> dict[str, Topic]:
    """All topics by key."""
    return read(catalog.topics())


def deliveries(wanted: Wanted) -> list[DeliveryLine]:
    """Deliveries, newest first."""
    return read(history.deliveries(wanted))


def selected(asked: Selection) -> int:
    """How many deliveries a selection means, up to a limit."""
    return read(count_selected(asked))


def report(identifier: UUID) -> Report | None:
    """One delivery with everything around it; `None` when nothing is known of it.

    Raises:
        ValueError: It is not an id of ours.
    """
    with database().begin() as tx:
        found = tx.run(history.deliveries_by_id([identifier]))
        if not found:
            return None
        delivery = found[0]
        event = _first(tx.run(incoming.event_by_id(delivery.event_id)))
        return Report(
            delivery=delivery,
            event=event,
            topic=tx.run(catalog.topics()).get(delivery.topic),
            attempts=tuple(tx.run(history.attempts_of(identifier))),
            reactions=tuple(tx.run(history.reactions_to(identifier))),
            version=_version(tx, delivery),
            item=_first(tx.run(cards.feed_item(delivery.recipient_id, identifier))),
            carries=tuple(tx.run(digested.carried_by(delivery.event_id, limit=FULL))),
            carrier=_first(tx.run(digested.carrier_of(identifier))),
            conversions=tuple(tx.run(conversions.conversions_of(identifier))),
            news=left_out(tx, delivery, event),
        )


def _version(tx: SyncTransaction, delivery: Delivery) -> TemplateVersion | None:
    if delivery.template is None or delivery.template_version is None:
        return None
    texts = tx.run(stored.texts(delivery.template, delivery.template_version))
    kept = delivery.context
    return nearest(None if kept is None else unpacked(bytes(kept)).get("locale"), texts)


def recent_recipients() -> list[RecentRecipient]:
    """Whom the newest deliveries are for."""
    return read(history.recent_recipients(LOOKED_AT, limit=12))


def recipient_report(recipient: str) -> RecipientReport:
    """Everything kept about one recipient, who may be unknown to us."""
    at = now()
    with database().begin() as tx:
        addresses = tx.run(cards.addresses_of(recipient))
        card = _first(tx.run(cards.card(recipient)))
        return RecipientReport(
            card=card,
            addresses=tuple(addresses),
            consent=tx.follow(consents.consent_of(recipient, addresses)),
            counts=tx.run(cards.feed_counts(recipient)),
            feed=unmasked(tx.run(cards.feed_of(recipient, limit=20)), tx.run(catalog.topics())),
            deliveries=tuple(tx.run(history.deliveries(Wanted(recipient=recipient, limit=50)))),
            standings=tx.follow(standings_of(recipient, card, at)),
            zones=(newest_sound(tx.run(published.newest(10)))[0] or Rulebook()).zones,
        )


def traffic() -> TrafficReport:
    """The accounts, what bounds them, and what is stopped."""
    at = now()
    with database().begin() as tx:
        return TrafficReport(
            at=at,
            accounts=tuple(tx.run(all_accounts())),
            breakers={one.account: one for one in tx.run(roads.breakers())},
            limits=tuple(tx.run(roads.limits())),
            lessons=tuple(tx.run(roads.lessons())),
            switches=tuple(tx.run(controls.switches())),
        )


def held() -> tuple[datetime, list[HeldLine], list[ReleaseBin]]:
    """The moment, what is held then, and when it comes due within a day."""
    at = now()
    with database().begin() as tx:
        bins = tx.run(holds.release_bins(at, at + AHEAD, AHEAD_STEP))
        return at, tx.run(holds.held_lines(at)), bins


def rulebooks(limit: int = 50) -> list[StoredDocument]:
    """The published versions of the rules, the one in force first."""
    return read(published.newest(limit))
