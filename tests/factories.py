"""Rows for tests: say what matters, the rest is plausible.

with rows(database_url) as make:
    sent = make.delivery(recipient="anna", state="sent")
    make.attempt(sent, code=250)
"""

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import count
from json import dumps
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, NullPool, create_engine, insert, inspect, text

import models.templates  # noqa: F401 - topics refer to its tables
from models import ids, outbox
from models.access import Person, Session, Worker
from models.base import Base
from models.counts import Latency, Rollup
from models.deliveries import Attempt, Delivery, Queue
from models.feedback import Feedback
from models.inbox import InboxItem
from models.queries.console.people import hash_of
from models.queries.keeping import partitions
from models.queries.planning.sources import OWN_SOURCE
from models.recipients import Address, Preference, Recipient, Suppression
from models.urls import sqlalchemy_url

QUEUED = {"scheduled", "sending"}
_NUMBERS = count(1)


def suppressed(reason: str, until: datetime | None = None, mark: str = "email/*") -> Any:
    """The copy of a suppression on an address."""
    return {mark: {"reason": reason, "until": until and until.astimezone(UTC).isoformat()}}


@dataclass(frozen=True, slots=True)
class Made:
    """A delivery that was made."""

    id: UUID
    bucket: int
    day: Any
    event: UUID
    recipient: str
    created_at: datetime


@dataclass
class Rows:
    """Makes rows in one transaction; `now` is the database's time at its beginning."""

    connection: Connection
    now: datetime
    _counts: dict[tuple[Any, ...], list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: type[Base], **values: Any) -> None:
        """Any row of any table."""
        self.connection.execute(insert(table).values(**values))

    def count(self, table: type[Base], **values: Any) -> None:
        """The same for a table of which there are thousands: written together, at the end."""
        attributes = inspect(table).columns
        named = {attributes[key].name: value for key, value in values.items()}
        self._counts.setdefault((table, *named), []).append(named)

    def write_counts(self) -> None:
        """Write them now: for who reads them in the same transaction."""
        for (table, *_), every in self._counts.items():
            self.connection.execute(insert(table), every)
        self._counts.clear()

    def uuid(self) -> UUID:
        return UUID(int=next(_NUMBERS), version=4)

    def person(self, email: str, *roles: str, name: str = "Ada Park", active: bool = True) -> UUID:
        person = self.uuid()
        self.add(
            Person, person=person, email=email, name=name, roles=list(roles), active=active,
            created_at=self.now, joined_at=self.now,
        )  # fmt: skip
        return person

    def session(self, person: UUID, **values: Any) -> str:
        """The token of a session of somebody's."""
        token = f"session-{self.uuid()}"
        default = {
            "method": "link", "agent": "tests", "network": "127.0.0.0/24", "began_at": self.now,
            "seen_at": self.now, "ends_at": self.now + timedelta(hours=24),
        }  # fmt: skip
        self.add(Session, session=hash_of(token), person=person, **{**default, **values})
        return token

    def event(
        self, topic: str = "page.edited", ago: timedelta = timedelta(), **values: Any
    ) -> UUID:
        at = self.now - ago
        row = values.pop("outbox_id", None) or self.uuid()
        event = ids.event_id(OWN_SOURCE, row, ids.day_of(at))
        place = ids.place_of(event)
        recipients = values.setdefault("recipients", ["anna"])
        default = {
            "state": "planned", "data": {"page": "Great Wave"}, "priority": 5, "test": False,
            "recipient_count": len(recipients or ()), "created_at": at,
            "planned_at": at + timedelta(milliseconds=12),
        }  # fmt: skip
        self._partition("events", place.day)
        self.add(
            outbox.Event, bucket=place.bucket, day=place.day, event_id=event, source=OWN_SOURCE,
            outbox_id=row, topic=topic, **{**default, **values},
        )  # fmt: skip
        return event

    def delivery(
        self,
        recipient: str = "anna",
        channel: str = "email",
        state: str = "sent",
        ago: timedelta = timedelta(),
        **values: Any,
    ) -> Made:
        at = self.now - ago
        event = values.pop("event", None) or self.event(ago=ago, recipients=[recipient])
        step = values.pop("step", channel)
        delivery = ids.delivery_id(event, recipient, channel, step)
        made = Made(delivery, *ids.place_of(delivery), event, recipient, at)
        queued = {name: values.pop(name) for name in _QUEUE_ONLY if name in values}
        if "due_at" in values:
            queued["due_at"] = values["due_at"]
        settled = None if state in QUEUED else at + timedelta(milliseconds=240)
        sent = settled if state in {"sent", "delivered", "bounced"} else None
        default = {
            "topic": "page.edited", "klass": "transactional", "state": state, "test": False,
            "attempts": int(sent is not None and channel != "in_app"), "created_at": at,
            "due_at": at + timedelta(milliseconds=12), "settled_at": settled, "sent_at": sent,
        }  # fmt: skip
        values = {**default, **values}
        queued = {"due_at": self.now + timedelta(hours=1), **queued}
        self._partition("deliveries", made.day)
        self.add(
            Delivery, bucket=made.bucket, day=made.day, delivery_id=delivery, event_id=event,
            recipient_id=recipient, channel=channel, step=step, **values,
        )  # fmt: skip
        if state in QUEUED:
            self._queue(made, channel, step, values, queued)
        return made

    def _queue(
        self, made: Made, channel: str, step: str, values: Mapping[str, Any], more: dict[str, Any]
    ) -> None:
        shared = {name: values[name] for name in _IN_BOTH if name in values}
        default = {"entered_at": self.now, "lane": 80}
        self.add(
            Queue, bucket=made.bucket, delivery_id=made.id, day=made.day, event_id=made.event,
            recipient_id=made.recipient, channel=channel, step=step, **shared,
            **{**default, **more},
        )  # fmt: skip

    def attempt(self, of: Made, number: int = 1, outcome: str = "sent", **values: Any) -> None:
        default = {
            "account": "local", "provider": "smtp", "code": 250, "response": "OK",
            "begun_at": of.created_at + timedelta(milliseconds=60),
            "ended_at": of.created_at + timedelta(milliseconds=240),
        }  # fmt: skip
        self._partition("attempts", of.day)
        self.add(
            Attempt, bucket=of.bucket, day=of.day, delivery_id=of.id, attempt=number,
            outcome=outcome, **{**default, **values},
        )  # fmt: skip

    def reaction(self, of: Made, kind: str, **values: Any) -> None:
        default = {
            "vendor": "smtp", "vendor_event_id": str(self.uuid()), "detail": {},
            "occurred_at": of.created_at, "received_at": of.created_at,
        }  # fmt: skip
        self._partition("feedback", of.day)
        self.add(
            Feedback, bucket=of.bucket, day=of.day, delivery_id=of.id, kind=kind,
            **{**default, **values},
        )  # fmt: skip

    def item(self, of: Made, title: str, body: str, seq: int = 1, **values: Any) -> None:
        default = {"topic": "page.edited", "change": seq, "created_at": of.created_at}
        self.add(
            InboxItem, bucket=of.bucket, recipient_id=of.recipient, seq=seq, delivery_id=of.id,
            title=title, body=body, **{**default, **values},
        )  # fmt: skip

    def recipient(self, recipient: str, **values: Any) -> None:
        default = {
            "name": recipient.capitalize(), "locale": "en", "timezone": "Europe/Stockholm",
            "attributes": {}, "created_at": self.now, "updated_at": self.now,
        }  # fmt: skip
        bucket = ids.bucket_of(recipient)
        self.add(Recipient, bucket=bucket, recipient_id=recipient, **{**default, **values})

    def address(self, recipient: str, address: str, channel: str = "email", **values: Any) -> None:
        default = {"preferred": True, "created_at": self.now}
        if "suppressed_for" in values:
            values["suppressed"] = suppressed(values.pop("suppressed_for"))
        self.add(
            Address, bucket=ids.bucket_of(recipient), recipient_id=recipient, channel=channel,
            address=address, **{**default, **values},
        )  # fmt: skip

    def suppression(self, address: str, reason: str, source: str) -> None:
        self.add(
            Suppression, bucket=ids.bucket_of(address), channel="email", address=address,
            reason=reason, source=source, created_at=self.now,
        )  # fmt: skip

    def preference(
        self, recipient: str, category: str, *, allowed: bool, channel: str = "email"
    ) -> None:
        self.add(
            Preference, bucket=ids.bucket_of(recipient), recipient_id=recipient,
            category=category, channel=channel, allowed=allowed, changed_at=self.now,
            changed_by="recipient",
        )  # fmt: skip

    def moves(self, state: str, entered: int, ago: timedelta = timedelta(), **values: Any) -> None:
        batch = self.uuid()
        default = {
            "topic": "page.edited", "channel": "email", "provider": "smtp",
            "destination": "example.com", "klass": "transactional", "reason": "", "left": 0,
        }  # fmt: skip
        self.count(
            Rollup, bucket=batch.int % ids.BUCKETS, batch=batch, minute=self.minute(ago),
            state=state, entered=entered, **{**default, **values},
        )  # fmt: skip

    def speed(self, bin_: int, number: int, ago: timedelta = timedelta()) -> None:
        batch = self.uuid()
        self.count(
            Latency, bucket=batch.int % ids.BUCKETS, batch=batch, minute=self.minute(ago),
            channel="email", klass="transactional", bin=bin_, count=number,
        )  # fmt: skip

    def minute(self, ago: timedelta) -> datetime:
        return (self.now - ago).replace(second=0, microsecond=0)

    def worker(self, unseen_for: timedelta = timedelta()) -> None:
        self.add(
            Worker, worker=self.uuid(), host="host-1", pid=4711, version="0.1.0",
            started_at=self.now - timedelta(hours=3), seen_at=self.now - unseen_for,
            clock_skew_ms=0, process=0,
        )  # fmt: skip

    def _partition(self, table: str, day: Any) -> None:
        found = self.connection.execute(
            text("SELECT to_regclass(:name)"), {"name": partitions.partition(table, day)}
        )
        if found.scalar() is None:
            for query in partitions.make_partition(table, day):
                self.connection.execute(text(query.statement), query.parameters)


_IN_BOTH = ("topic", "klass", "state", "test", "created_at", "campaign", "cohort")
_QUEUE_ONLY = ("held_for", "token", "lease_until", "begun_at", "lane")


def packed(context: Mapping[str, Any]) -> bytes:
    """A fill context as it is kept beside a delivery."""
    return zlib.compress(dumps(context).encode())


@lru_cache(maxsize=8)
def _engine(url: str) -> Engine:
    """Asking a server what it is takes longer than most rows; connections are not kept."""
    return create_engine(sqlalchemy_url(url), poolclass=NullPool)


@contextmanager
def rows(url: str) -> Iterator[Rows]:
    """A transaction to make rows in, committed at the end."""
    with _engine(url).begin() as connection:
        made = Rows(connection, connection.scalar(text("SELECT clock_timestamp()")))
        yield made
        made.write_counts()
