"""Configuration as values: topics, templates, accounts, sources."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from models.records.calendar_entries import CalendarEntry
from models.records.consent import Category
from models.records.digest_rules import Digest
from models.records.templates import Live
from models.records.throttle import Throttle


class Class(StrEnum):
    """How much a topic may ask of a recipient's attention."""

    CRITICAL = "critical"
    """Security and one-time passwords."""
    TRANSACTIONAL = "transactional"
    """The recipient did something, or something happened to what is theirs."""
    PROMOTIONAL = "promotional"
    """We would like them to do something."""


PRIORITIES: dict[Class, tuple[int, int]] = {
    Class.CRITICAL: (7, 9),
    Class.TRANSACTIONAL: (4, 6),
    Class.PROMOTIONAL: (0, 3),
}
"""Lowest and highest priority of a class; 9 goes first."""


class OnDoubt(StrEnum):
    """What becomes of a message when nobody knows whether it was accepted."""

    RESEND = "resend"
    """It goes again after a pause: rather twice than not at all."""
    HOLD = "hold"
    """It waits for feedback or for a person: rather not at all than twice."""


class Unless(StrEnum):
    """What a recipient must not have done with an earlier in-app step for this one to go."""

    SEEN = "seen"
    READ = "read"


class OnUnsent(StrEnum):
    """What a step does when the one before it was not sent."""

    WAIT = "wait"
    """As if it had been: goes after its pause."""
    GO = "go"
    """Goes at once."""
    STOP = "stop"
    """Does not go either."""


@dataclass(frozen=True, slots=True)
class Step:
    """One channel a topic goes out on; `key` never changes, delivery ids are made of it.

    Attributes:
        after: It waits until the step before it has settled, and so much longer; `None`: it
            does not wait for another.
        unless: It is dropped when the recipient saw or read an earlier in-app step.
        on_unsent: What it does when the one before it was not sent.
        tells_many: Its template, as it is live, tells of several news at once.
    """

    key: str
    channel: str
    template: str | None
    after: timedelta | None = None
    unless: Unless | None = None
    on_unsent: OnUnsent = OnUnsent.WAIT
    tells_many: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Topic:
    """What a notification is about, and how it is treated; `schema` is JSON text.

    Attributes:
        same_content: How long the same content is one message; zero: it may be said twice,
            `None`: an hour, of events without a dedup key.
    """

    key: str
    title: str
    category: str
    klass: Class
    steps: tuple[Step, ...]
    schema: str | None = None
    dedup_window: timedelta = timedelta(days=7)
    lifetime: timedelta | None = None
    mandatory: bool = False
    sensitive: bool = False
    on_doubt: str | None = None
    same_content: timedelta | None = None
    max_lateness: timedelta | None = None
    on_late: str | None = None
    digest: Digest | None = None
    """How its news are collected, where they are."""
    cancels: tuple[str, ...] = ()
    """Topics whose earlier news of the same thread its events take back."""
    throttle: Throttle | None = None
    track_opens: bool | None = None
    """Whether opens of its mails are noticed; `None`: as the installation does."""
    track_clicks: bool | None = None
    attribution: timedelta | None = None
    """How long after a message a conversion may be its doing; `None`: 7 days."""
    reply_to: str | None = None
    """Jinja; the mailbox that answers to its mails go to."""
    calendar: CalendarEntry | None = None
    """What its mails put into calendars."""
    attachments: tuple[str, ...] = ()
    """Jinja each; keys of the files its mails carry."""

    @property
    def doubt_rule(self) -> OnDoubt:
        """What becomes of its messages in doubt: as it says, else by its class."""
        said = self.on_doubt or ("resend" if self.klass is Class.CRITICAL else "hold")
        return OnDoubt.RESEND if said == OnDoubt.RESEND else OnDoubt.HOLD

    @property
    def templates(self) -> list[str]:
        """All that its steps say something with, each once."""
        return sorted({step.template for step in self.steps if step.template})

    def digest_of(self, step: str) -> Digest | None:
        """The rule by which a step is collected, if it is."""
        rule = self.digest
        return rule if rule is not None and step in rule.steps else None

    def template(self, step: str) -> str | None:
        """The template of one of its steps."""
        return next((one.template for one in self.steps if one.key == step), None)


@dataclass(frozen=True, slots=True)
class File:
    """A file that mails may carry; it never changes.

    Attributes:
        name: As readers of mails see it.
        kind: Its media type.
        octets: Empty where only what it is was asked for.
        size: Octets it has.
        expires_at: When nobody needs it any more; `None`: when somebody removes it.
    """

    key: str
    name: str
    kind: str
    size: int
    expires_at: datetime | None
    octets: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """One account at a provider.

    Attributes:
        key: Its name.
        provider: Key of the provider.
        channel: Key of the channel it carries.
        url: How to reach it, credentials included: never logged, never shown.
        price: Of a thousand messages, in the currency of the installation; `None`: nobody said.
    """

    key: str
    provider: str
    channel: str
    url: str = field(repr=False)
    priority: int = 0
    weight: int = 1
    enabled: bool = True
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An outbox we drain; `url` is `None` for our own database.

    Attributes:
        keep_for: How long planned rows are kept beside it; `None`: not at all.
    """

    source: UUID
    name: str
    url: str | None = field(repr=False)
    keep_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Catalog:
    """Configuration as it stands: what topics, templates, accounts and sources there are.

    Attributes:
        live: Template key to the version that is sent now.
        categories: The kinds of topics that are described.
        orgs_choose: Whether any organisation has defaults of its own.
        audiences: The keys of those there are.
    """

    topics: Mapping[str, Topic]
    live: Mapping[str, Live]
    accounts: tuple[Account, ...]
    sources: tuple[Source, ...]
    categories: Mapping[str, Category] = field(default_factory=dict)
    orgs_choose: bool = False
    audiences: frozenset[str] = frozenset()
