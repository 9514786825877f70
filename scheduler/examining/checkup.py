"""The examinations of `tidings doctor`: each says how something is, and what to do about it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from delivery.reputation.sentences import advice as advise
from delivery.rulebook import newest_sound
from delivery.settings import DeliverySettings
from models import schema
from models.clock import Clock
from models.database import DatabaseError, SyncDatabase
from models.ids import day_of
from models.queries.configuring import rulebooks
from models.queries.console import metrics
from models.queries.console.audit import is_in_own_hands
from models.queries.keeping import checkup, health, partitions, reputations, snapshots
from models.queries.planning.sources import drained_sources, try_outbox
from models.records import STOPPED, Reputation, Trust
from scheduler.examining.checkup_domains import domains, relays
from scheduler.examining.checkup_returns import returns
from scheduler.examining.findings import Result
from scheduler.settings import BounceSettings

_OLDEST_SERVER = 150000
_SKEW = 1.0
_LATE = timedelta(minutes=1)
_SEEN_WITHIN = timedelta(seconds=30)
_HELD_TOO_LONG = 60.0


def examine(url: str) -> Iterator[Result]:
    """Look at everything, the foundations first; ends early when there is no database."""
    database = SyncDatabase.connect(url, "tidings doctor", 1)
    settings = DeliverySettings()
    try:
        yield from _foundations(database)
        yield from _work(database)
        yield audit(database)
        yield from relays(database, settings)
        yield from domains(database, settings)
        yield from returns(settings, BounceSettings())
    except DatabaseError as error:
        yield Result("database", str(error), "check TIDINGS_DATABASE_URL and the server's log")
    finally:
        database.close()


def _foundations(database: SyncDatabase) -> Iterator[Result]:
    now = database.now()
    with database.begin() as tx:
        server = tx.run(checkup.version())
        at = tx.run(health.revision())
        existing = tx.run(partitions.existing_partitions())
    old = "" if server >= _OLDEST_SERVER else "upgrade to Postgres 15 or newer"
    yield Result("database", f"Postgres {server // 10000} answers", old)
    current = at == schema.newest_revision()
    yield Result("schema", f"at revision {at}", "" if current else "run: tidings migrate")
    missing = partitions.missing(existing, [day_of(now), day_of(now + timedelta(days=1))])
    days = f"{len(missing)} missing" if missing else "made ahead"
    yield Result("partitions", days, "run: tidings migrate" if missing else "")
    skew = abs((Clock().now() - now).total_seconds())
    yield Result(
        "clock", f"{skew:.1f} s from the database's", "start NTP here" if skew > _SKEW else ""
    )


def _work(database: SyncDatabase) -> Iterator[Result]:
    now = database.now()
    with database.begin() as tx:
        alive = tx.run(metrics.workers(now - _SEEN_WITHIN))
        oldest = tx.run(checkup.oldest_due(now))
        holders = tx.run(snapshots.held(_HELD_TOO_LONG))
        sources = tx.run(drained_sources())
        unsound = tx.run(checkup.unsound_topics())
        paused = [one for one in tx.run(reputations.reputations()) if one.trust in STOPPED]
        broken = newest_sound(tx.run(rulebooks.newest(10)))[1]
    seen = f"{len(alive)} seen within 30 s"
    yield Result("workers", seen, "" if alive else "run: tidings work")
    yield _waiting(oldest, now)
    for holder in holders:
        yield Result("snapshots", f"{holder} holds one", f"end it: {holder.remedy}")
    for topic in unsound:
        yield Result(f"topic {topic.topic}", topic.problem, "correct it: see docs/operations.md")
    yield from _reputation(paused)
    for version, fault in broken.items():
        advice = "the one before it is in force: run tidings rules publish FILE"
        yield Result(f"rules of version {version}", fault, advice)
    for source in sources:
        if source.url is not None:
            yield _source(source.name, source.url)


def audit(database: SyncDatabase) -> Result:
    """Who could change what people did, past the trigger that watches."""
    with database.begin() as tx:
        own = tx.run(is_in_own_hands())
    if not own:
        return Result("audit", "this role can only add to it")
    hint = "a superuser can take that from it: see tidings audit rights"
    return Result("audit", "a trigger keeps it, which this role could remove", hint=hint)


def _reputation(paused: Sequence[Reputation]) -> Iterator[Result]:
    if not paused:
        yield Result("reputation", "no promotional mail is paused")
    for one in paused:
        advice = advise(one.rates) if one.trust is Trust.TRIPPED else "see: tidings reputation"
        yield Result(f"reputation of {one.scope}", f"{one.trust}: {one.why}", advice)


def _waiting(oldest: datetime | None, now: datetime) -> Result:
    if oldest is None or now - oldest < _LATE:
        return Result("queue", "nothing waits longer than it should")
    seconds = (now - oldest).total_seconds()
    return Result("queue", f"the oldest due delivery waits {seconds:.0f} s", "start more workers")


def _source(name: str, url: str) -> Result:
    try:
        _drain_nothing(url)
    except DatabaseError as error:
        return Result(f"source {name}", str(error), f"see: tidings sources move {name} --url …")
    return Result(f"source {name}", "its outbox can be drained")


def _drain_nothing(url: str) -> None:
    database = SyncDatabase.connect(url, "tidings doctor", 1)
    try:
        with database.begin() as tx:
            tx.run(try_outbox())
    finally:
        database.close()
