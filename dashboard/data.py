"""Everything the console reads. Each call is one short transaction with a time limit."""

from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from dashboard import settings
from dashboard.reading.news import left_out
from dashboard.reading.reports import (
    EventReport,
    RecipientReport,
    Report,
    TemplateReport,
    TrafficReport,
    delivery_ids,
    unmasked,
)
from dashboard.reading.standing import standings_of
from dashboard.showing.figures import AHEAD, AHEAD_STEP, History, Queue, Signs
from dashboard.showing.spans import Span, period
from delivery.contexts import unpacked
from delivery.digests.windows import FULL
from delivery.rendering.locales import nearest
from delivery.rulebook import newest_sound
from delivery.templates.translations import Lack, Lag, lacks, lags
from models.database import DatabaseError, SyncDatabase, SyncTransaction
from models.people import AuditEntry, Person, Session
from models.queries.configuring import (
    catalog,
    controls,
    domain_checks,
    rulebooks as published,
    templates as stored,
    traffic as roads,
    translations,
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
    sessions,
    templates,
)
from models.queries.console.incoming import EventsWanted
from models.queries.folding import conversions, engagements
from models.queries.keeping import lag, reputations
from models.queries.repairing.selection import COUNTED_UP_TO, Selection, count_selected
from models.query import Query
from models.readings.deliveries import Delivery, DeliveryLine, Wanted
from models.readings.events import Event, Repeat, SourceLine, SourceStanding, Waiting
from models.readings.held import HeldLine, ReleaseBin
from models.readings.recipients import RecentRecipient
from models.readings.templates import TemplateLine
from models.records import STOPPED, Live, Rulebook, StoredDocument, TemplateVersion, Topic
from models.states import DeliveryState

T = TypeVar("T")

__all__ = ["COUNTED_UP_TO", "DatabaseError", "EventsWanted", "Selection", "Wanted"]
_LOOKED_AT = 500
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


def _read(query: Query[T]) -> T:
    with database().begin() as tx:
        return tx.run(query)


def _first(found: list[T]) -> T | None:
    return found[0] if found else None


def now() -> datetime:
    """The database's time."""
    return database().now()


def person(identifier: UUID) -> Person | None:
    """Somebody, as they are now."""
    return _read(people.person_by_id(identifier))


def session_of(token: str) -> Session | None:
    """The session that a cookie's token opens, if it does."""
    return _read(sessions.session_of(token, now(), settings.door().idle))


def is_live(session: bytes) -> bool:
    """Whether a session still counts."""
    return _read(sessions.live_session(session, now(), settings.door().idle)) is not None


def signed_in(session: bytes) -> Person | None:
    """Who a session belongs to, as they are now; `None` when it ended or they were closed."""
    return _read(sessions.person_in(session, now(), settings.door().idle))


def touch(session: bytes) -> None:
    """Remember that somebody did something in a session."""
    _read(sessions.touch(session, now()))


def all_people() -> list[Person]:
    """Everybody, the closed ones last."""
    return _read(people.all_people())


def audit(limit: int = 100) -> list[AuditEntry]:
    """What people did last."""
    return _read(people.read_audit(limit))


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
    return _read(catalog.topics())


def deliveries(wanted: Wanted) -> list[DeliveryLine]:
    """Deliveries, newest first."""
    return _read(history.deliveries(wanted))


def selected(asked: Selection) -> int:
    """How many deliveries a selection means, up to a limit."""
    return _read(count_selected(asked))


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


def events(wanted: EventsWanted) -> list[Event]:
    """Events, newest first."""
    return _read(incoming.events(wanted))


def rejected(since: datetime) -> list[Event]:
    """Events that could not be understood, newest first."""
    return _read(incoming.rejected(since, limit=100))


def repeats(since: datetime) -> list[Repeat]:
    """Outbox rows that repeated a dedup key, newest first."""
    return _read(incoming.repeats(since, limit=100))


def waiting() -> list[Waiting]:
    """What waits in our own outbox, by topic."""
    return _read(incoming.waiting())


def sources() -> tuple[list[SourceLine], dict[UUID, SourceStanding]]:
    """All sources, ours first, and how those in databases of their own stood."""
    with database().begin() as tx:
        return tx.run(incoming.source_lines()), tx.run(lag.standings())


def event_report(identifier: UUID) -> EventReport | None:
    """One event with its deliveries and repeats; `None` when nothing is known of it.

    Raises:
        ValueError: It is not an id of ours.
    """
    with database().begin() as tx:
        found = tx.run(incoming.event_by_id(identifier))
        if not found:
            return None
        topic = tx.run(catalog.topics()).get(found[0].topic)
        ids = delivery_ids(found[0], topic)
        return EventReport(
            event=found[0],
            topic=topic,
            deliveries=tuple(tx.run(history.deliveries_by_id(ids))) if ids else (),
            repeats=tuple(tx.run(incoming.repeats_of(identifier))),
        )


def recent_recipients() -> list[RecentRecipient]:
    """Whom the newest deliveries are for."""
    return _read(history.recent_recipients(_LOOKED_AT, limit=12))


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
    return _read(published.newest(limit))


def template_lines() -> list[TemplateLine]:
    """All templates, partials and layouts with what uses them."""
    return _read(templates.template_lines())


def template_report(template: str) -> TemplateReport | None:
    """One template with its versions and what it may be filled with; `None` when unknown."""
    with database().begin() as tx:
        lines = {line.template: line for line in tx.run(templates.template_lines())}
        if template not in lines:
            return None
        line, known = lines[template], tx.run(catalog.topics())
        users = [line, *(lines[user] for user in line.users)]
        keys = dict.fromkeys(topic for user in users for topic in user.topics)
        used = [known[key] for key in keys if key in known]
        return TemplateReport(
            line=line,
            versions=tuple(tx.run(stored.versions_of(template))),
            saved=tuple(tx.run(templates.version_lines(template))),
            topics=tuple(used),
            last_data=_last_data(tx, used),
            links=tuple(tx.run(engagements.links_of(template))),
            texts=tuple(tx.run(stored.texts(template, line.live_version or 0))),
            partials=tuple(tx.run(stored.live_partials())),
            behind={lag.locale: lag.since for lag in _lags(tx, template)},
        )


def lacking(template: str) -> list[Lack]:
    """The languages of recipients that a template does not speak; reads every recipient."""
    with database().begin() as tx:
        return lacks(_live(tx, template), tx.run(translations.readers()))


def _lags(tx: SyncTransaction, template: str) -> list[Lag]:
    return lags(_live(tx, template), tx.run(translations.wordings(template)))


def _live(tx: SyncTransaction, template: str) -> dict[str, Live]:
    return {key: one for key, one in tx.run(stored.live()).items() if key == template}


def _last_data(tx: SyncTransaction, used: list[Topic]) -> dict[str, Any]:
    found = {}
    for topic in used:
        if not topic.sensitive and (data := tx.run(incoming.last_data(topic.key, _LOOKED_AT))):
            found[topic.key] = data[0]
    return found
