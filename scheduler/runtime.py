"""The composition root: everything a tick needs, made in one place."""

import asyncio
import os
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import structlog

from delivery.envelopes import Letterhead, letterhead
from delivery.ports import Channel, Provider, Rules
from delivery.reach import rules_of
from delivery.registry import all_channels, all_providers
from delivery.roads.accounts import choose
from delivery.settings import DeliverySettings
from models.database import Database, UnavailableError
from models.pseudonyms import Pseudonyms
from models.queries.routing import TOGETHER, Shards
from models.records import Account, Source
from models.secret import secret_key
from models.settings import DatabaseSettings
from scheduler.known.catalog import Shelf
from scheduler.known.controls import Controls
from scheduler.known.files import Files
from scheduler.known.roads import Roads
from scheduler.known.signatory import Signatory, signatory
from scheduler.sending.hurry import Hurry
from scheduler.sending.lanes import Rounds
from scheduler.sending.lease import boottime
from scheduler.settings import WorkerSettings
from scheduler.ticking.bell import Bell
from scheduler.ticking.outage import Outage

_DRAINS = 2
"""Connections to a source's own database: one of its drains plans, the other what is critical."""

_RESERVED = 8
"""The part of the wire that is kept free for critical messages: an eighth."""

log = structlog.get_logger()


@dataclass
class Runtime:
    """What the ticks of one worker process share. One event loop, so no locks.

    Attributes:
        worker: This process's id, drawn once.
        sources: Pools of the databases whose outboxes we drain, by source.
        left_behind: Pools of sources that moved to another URL, closed at the end.
        days: Days whose partitions are known to be there.
        outbox_came: Rung when rows may be waiting in an outbox.
        queue_came: Rung when deliveries may have become due.
        turns: When the next letter of an account, a destination and a class may go, as far as
            this worker put them off.
        signatory: What signs mail.
        stopping: Set by SIGTERM: nothing new is claimed.
        outage: Who waits for our own database.
        wire: Batches on their way out.
        express: Those of them that are critical: they have a way of their own.
        hurry: Whether they are on their way just now.
        rounds: Whose turn it is when outbox rows are planned.
        on_wire: Messages being handed over right now, of all batches.
        shards: Which buckets lie together in the database.
        boottime: What leases are measured on.
    """

    worker: UUID
    database: Database
    settings: WorkerSettings
    delivery: DeliverySettings
    letterhead: Letterhead
    channels: Mapping[str, Channel]
    providers: Mapping[str, Provider]
    shelf: Shelf
    rules: Rules
    pseudonyms: Pseudonyms
    signatory: Signatory
    controls: Controls = field(default_factory=Controls)
    roads: Roads = field(default_factory=Roads)
    files: Files = field(default_factory=Files)
    turns: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    sources: dict[UUID, Database] = field(default_factory=dict)
    left_behind: list[Database] = field(default_factory=list)
    days: set[date] = field(default_factory=set)
    outbox_came: Bell = field(default_factory=Bell)
    queue_came: Bell = field(default_factory=Bell)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    outage: Outage = field(default_factory=Outage)
    wire: set[asyncio.Task[None]] = field(default_factory=set)
    express: set[asyncio.Task[None]] = field(default_factory=set)
    hurry: Hurry = field(default_factory=Hurry)
    rounds: Rounds = field(default_factory=Rounds)
    on_wire: int = 0
    process: int = 0
    shards: Shards = TOGETHER
    boottime: Callable[[], float] = boottime
    _left: asyncio.Event = field(default_factory=asyncio.Event)

    def stop(self) -> None:
        """Claim nothing more; whoever waits for work looks up."""
        self.stopping.set()
        self.outbox_came.ring()
        self.queue_came.ring()

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let a batch go its way while the next is claimed."""
        task = asyncio.create_task(work)
        self.wire.add(task)
        task.add_done_callback(self._landed)
        return task

    def spawn_express(self, work: Coroutine[Any, Any, None]) -> None:
        """The same for a batch that waits for no other."""
        self.hurry.begin()
        self.express.add(self.spawn(work))

    def _landed(self, task: asyncio.Task[None]) -> None:
        self.wire.discard(task)
        if task in self.express:
            self.express.discard(task)
            self.hurry.end()
        self.queue_came.ring()
        if not task.cancelled() and (error := task.exception()) is not None:
            # Its rows are released, or fall in doubt, when their lease ends.
            bug = None if isinstance(error, UnavailableError) else error
            log.error("batch.lost", error=str(error), exc_info=bug)

    def reserve(self) -> int:
        """Messages on the wire for which there is always room when they are critical."""
        return self.settings.worker_concurrency // _RESERVED

    async def room(self, messages: int, spared: int) -> None:
        """Wait until so many more messages may go on the wire, and count them in.

        Args:
            messages: How many.
            spared: Room that must be left for others.
        """
        most = self.settings.worker_concurrency - spared
        while self.on_wire and self.on_wire + messages > most:
            self._left.clear()
            await self._left.wait()
        self.on_wire += messages

    def leave(self, messages: int = 1) -> None:
        """Count messages out."""
        self.on_wire -= messages
        self._left.set()

    def source(self, source: Source) -> Database:
        """The pool of a source's database; ours for our own."""
        if source.url is None:
            return self.database
        known = self.sources.get(source.source)
        if known is None or known.url != source.url:
            if known is not None:
                self.left_behind.append(known)
            limits = limits_of(self.settings)
            known = Database.connect(source.url, "tidings relay", _DRAINS, **limits)
            self.sources[source.source] = known
        return known

    def account(self, channel: str) -> Account | None:
        """The account that carries a message of a channel, as long as nothing bounds it."""
        accounts = self.accounts(channel)
        return choose(accounts, random.random())  # noqa: S311 - a share of the work, no secret

    def accounts(self, channel: str) -> Sequence[Account]:
        """The enabled accounts of a channel; the settings' own where nobody ever named one."""
        named = [one for one in self.shelf.catalog.accounts if one.channel == channel]
        if not named:
            return (own_account(self.delivery),) if channel == "email" else ()
        return [one for one in named if one.enabled and one.provider in self.providers]

    def rules_for(self, channel: str) -> Rules:
        """Who may receive on a channel; the local mailbox is free to use, and only that."""
        own = own_account(self.delivery)
        free = self.delivery.uses_mailbox and list(self.accounts(channel)) == [own]
        return Rules() if free else self.rules

    async def close(self) -> None:
        """End connections politely."""
        for provider in self.providers.values():
            await provider.close()
        for database in (*self.left_behind, *self.sources.values(), self.database):
            await database.close()


def token() -> UUID:
    """A name for one claim; drawn, because no two claims may ever share it."""
    return UUID(bytes=os.urandom(16))


def own_account(settings: DeliverySettings) -> Account:
    """The account that the settings describe: `TIDINGS_SMTP_URL`, or the local mailbox."""
    url = settings.smtp_url.get_secret_value()
    mailbox = f"smtp://127.0.0.1:{settings.mailbox_smtp_port}?tls=none"
    return Account("default" if url else "mailbox", "smtp", "email", url or mailbox)


def limits_of(settings: WorkerSettings) -> dict[str, str]:
    """What a server may do to our sessions: a frozen worker holds no lock beyond its leases.

    Leases are renewed every third, so two thirds are left of any when it freezes.
    """
    patience = settings.worker_lease * 1000 * 2 / 3
    return {"idle_in_transaction_session_timeout": f"{patience:.0f}"}


def build_runtime(url: str, *, bundled: bool) -> Runtime:
    """Everything of one worker process, from the settings."""
    worker, delivery = WorkerSettings(), DeliverySettings()
    configured = delivery.secret_key.get_secret_value()
    secret = secret_key(configured, DatabaseSettings().data_dir, bundled=bundled)
    return Runtime(
        worker=token(),
        database=Database.connect(
            url, "tidings worker", worker.worker_connections, **limits_of(worker)
        ),
        settings=worker,
        delivery=delivery,
        letterhead=_letterhead(delivery, secret),
        channels=all_channels(),
        providers=all_providers(),
        shelf=Shelf(),
        rules=rules_of(delivery),
        pseudonyms=Pseudonyms((secret, *delivery.older_keys)),
        signatory=signatory(delivery, secret),
    )


def _letterhead(settings: DeliverySettings, secret: bytes) -> Letterhead:
    head = letterhead(
        settings.mail_from, settings.bounce_domain, settings.public_url, secret,
        settings.preferences_link_lifetime,
    )  # fmt: skip
    return replace(head, tracking_url=settings.tracking_url.rstrip("/") or head.base_url)
