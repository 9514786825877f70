"""The whole pipeline in one test: a database, its ticks, a mail server, a clock that can be moved.

The ticks are the real ones, called by hand; only time is a test's own, because nobody waits seven
days for a window to close.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.sql import SQL, Composable, Identifier, Literal

from models.clock import Clock
from models.queries.configuring import catalog, templates
from models.records import Class, Step, TemplateVersion, Topic
from scheduler.keeping import waking
from scheduler.known.catalog import Shelf
from scheduler.known.controls import Controls
from scheduler.known.roads import Roads
from scheduler.planning import fanout, plan
from scheduler.runtime import Runtime, build_runtime
from scheduler.sending import feed, send
from scheduler.sending.lanes import Turns
from scheduler.sending.release import release
from tests.factories import Rows, rows
from tests.invariants import check
from tests.mail_servers import MailServer

SECRET = "a secret of thirty-two characters"

MJML = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>{}</mj-text></mj-column></mj-section>"
    "</mj-body></mjml>"
)


class MovableClock(Clock):
    """The database's time, plus what a test adds to it."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass
class Raw:
    """An SQL expression instead of a value, for what no driver would let a producer write."""

    sql: str


@dataclass
class Pipeline:
    """One worker process's ticks on one database."""

    url: str
    runtime: Runtime
    clock: MovableClock
    connection: psycopg.Connection[tuple[Any, ...]]
    mail: MailServer
    feed_turns: Turns = field(default_factory=lambda: Turns(300))
    send_turns: Turns = field(default_factory=lambda: Turns(300))

    # What tests begin with

    def make(self) -> Any:
        """Rows of any table, in one transaction."""
        return rows(self.url)

    async def topic(self, key: str = "board.shared", **values: Any) -> Topic:
        """A topic with one in-app step, unless told otherwise; seen by the ticks at once.

        Tests say the same again and again: here that is as many messages, unless told otherwise.
        """
        channels = values.pop("channels", ("in_app",))
        words = values.pop("words", "{{ recipient.name }} sees {{ data.board }}")
        steps = tuple([await self._step(key, channel, words) for channel in channels])
        default = {
            "title": key, "category": "news", "klass": Class.TRANSACTIONAL, "steps": steps,
            "same_content": timedelta(),
        }  # fmt: skip
        topic = Topic(key, **{**default, **values})
        async with self.runtime.database.begin() as tx:
            for query in catalog.save_topic(topic, self.clock.now()):
                await tx.run(query)
        self.forget_catalog()
        return topic

    async def _step(self, topic: str, channel: str, words: str) -> Step:
        source = MJML.format(words) if channel == "email" else words
        template = f"{topic}-{channel.replace('_', '-')}"
        await self.template(TemplateVersion(template, 1, channel, f"Subject: {words}", source))
        return Step(channel, channel, template)

    async def template(self, version: TemplateVersion) -> None:
        async with self.runtime.database.begin() as tx:
            await tx.follow(
                templates.save_version(version, version.template, "ada", self.clock.now())
            )
        self.forget_catalog()

    def forget_catalog(self) -> None:
        """Have the configuration read again: it is kept for a second."""
        self.runtime.shelf = Shelf()
        self.runtime.controls = Controls()
        self.runtime.roads = Roads()

    def people(self, *recipients: str, address: bool = True) -> None:
        """Known recipients, each with a mail address of the same name."""
        with self.make() as make:
            for recipient in recipients:
                self._person(make, recipient, address=address)

    def _person(self, make: Rows, recipient: str, *, address: bool) -> None:
        make.recipient(recipient)
        if address:
            make.address(recipient, f"{recipient}@example.com")

    def emit(
        self,
        topic: str = "board.shared",
        recipients: Sequence[Any] | None = ("anna",),
        **columns: Any,
    ) -> UUID:
        """One outbox row, written in SQL as a producer would."""
        given = {"topic": topic, "recipients": recipients, "data": {"board": "Roadmap"}, **columns}
        return emit(self.connection, **given)

    # The ticks

    async def plan(self) -> int:
        """Plan all that waits in our own outbox."""
        return await exhausted(lambda: plan.step(self.runtime))

    async def expand(self) -> int:
        return await exhausted(lambda: fanout.step(self.runtime))

    async def feed(self) -> int:
        """Settle all in-app rows that are due."""
        return await exhausted(lambda: feed.step(self.runtime, self.feed_turns))

    async def send(self) -> int:
        """One claim, and everything it puts on the wire."""
        did = await send.step(self.runtime, self.send_turns)
        await self.land()
        return did

    async def land(self) -> None:
        """Wait for what is on the wire; what went wrong there goes wrong here."""
        while self.runtime.wire:
            done, _ = await asyncio.wait(self.runtime.wire)
            for batch in done:
                batch.result()

    async def release(self) -> int:
        return await release(self.runtime)

    async def wake(self) -> int:
        """Let go what was held back."""
        return await waking.wake(self.runtime)

    async def run(self, *emitted: UUID) -> tuple[UUID, ...]:
        """From the outbox to the feed and the wire."""
        await self.plan()
        await self.expand()
        await self.feed()
        await self.send()
        return emitted

    def travel(self, **amount: float) -> None:
        """Let time pass."""
        self.clock.ahead += timedelta(**amount)

    # What tests look at

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        return self.connection.execute(query, values or None).fetchall()

    def row(self, query: str, *values: Any) -> tuple[Any, ...]:
        """The only row."""
        (found,) = self.rows(query, *values)
        return found

    def value(self, query: str, *values: Any) -> Any:
        """The only value."""
        (found,) = self.row(query, *values)
        return found

    def column(self, query: str, *values: Any) -> list[Any]:
        return [found for (found,) in self.rows(query, *values)]

    def run_sql(self, statement: str, *values: Any) -> int:
        return self.connection.execute(statement, values or None).rowcount

    def event(self, outbox_id: UUID) -> tuple[str, str | None, str | None]:
        """State, reason and detail of the event that a row became."""
        found: tuple[str, str | None, str | None] = self.row(
            "SELECT state, reason, detail FROM events WHERE outbox_id = %s", outbox_id
        )
        return found

    def deliveries(self) -> dict[tuple[str, str], tuple[str, str | None]]:
        """(recipient, channel) to state and reason: of the only event."""
        return {
            (recipient, channel): (state, reason)
            for recipient, channel, state, reason in self.rows(
                "SELECT recipient_id, channel, state, coalesce(held_for, reason) FROM v_deliveries"
            )
        }

    def check(self) -> None:
        """What must be true whenever nobody works."""
        check(self.connection)


async def exhausted(step: Any) -> int:
    """Repeat a step until there is nothing more for it to do."""
    total = 0
    while did := await step():
        total += did
    return total


def emit(connection: psycopg.Connection[Any], **columns: Any) -> UUID:
    """Insert one outbox row; the value of a column may be `Raw` SQL."""
    statement = SQL("INSERT INTO outbox ({}) VALUES ({}) RETURNING id").format(
        SQL(", ").join(map(Identifier, columns)),
        SQL(", ").join(_literal(value) for value in columns.values()),
    )
    row = connection.execute(statement).fetchone()
    assert row is not None
    identifier: UUID = row[0]
    return identifier


def _literal(value: Any) -> Composable:
    if isinstance(value, Raw):
        return SQL(value.sql)  # type: ignore[arg-type]
    if isinstance(value, Mapping):
        return Literal(json.dumps(value))
    if isinstance(value, tuple):
        return SQL("CAST({} AS text[])").format(Literal(list(value)))
    return Literal(value)


@asynccontextmanager
async def pipeline(url: str, through: str = "") -> AsyncIterator[Pipeline]:
    """A worker's ticks on a database; the mail server must be in the environment already.

    They may reach it `through` a proxy; what the test looks at never does.
    """
    runtime = build_runtime(through or url, bundled=False)
    clock = MovableClock()
    runtime.database.clock = clock
    connection = psycopg.connect(url, autocommit=True, options="-c timezone=UTC")
    try:
        yield Pipeline(url, runtime, clock, connection, MailServer())
    finally:
        connection.close()
        await runtime.close()
