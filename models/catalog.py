"""Configuration that people write and every worker reads: reference tables on Citus."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json, Small


class Source(Base):
    """An outbox we drain. Keys are taken under its id, so name and URL may change."""

    __tablename__ = "sources"
    source: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str | None]
    """Where its database is; null: ours. Holds a password: never shown."""
    enabled: Mapped[bool]
    created_at: Mapped[datetime]
    keep_for: Mapped[timedelta | None]
    """How long planned rows are kept in its `outbox_done`; null: not at all."""


class Topic(Base):
    """What a notification is about, and how it is treated."""

    __tablename__ = "topics"
    topic: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    category: Mapped[str]
    klass: Mapped[str] = mapped_column("class")
    schema: Mapped[Json | None]
    dedup_window: Mapped[timedelta]
    lifetime: Mapped[timedelta | None]
    """After this long a message of the topic is useless; null: by class."""
    mandatory: Mapped[bool]
    sensitive: Mapped[bool]
    on_doubt: Mapped[str | None]
    same_content: Mapped[timedelta | None]
    """How long the same content is one message; null: an hour, of events without a dedup key."""
    max_lateness: Mapped[timedelta | None]
    """How late it may still be sent; null: by class."""
    on_late: Mapped[str | None]
    digest: Mapped[Json | None]
    """How its news is collected: see `models.records.digest_rules`; null: not at all."""
    cancels: Mapped[list[str] | None]
    """Topics whose earlier news of the same thread its events take back."""
    throttle: Mapped[Json | None]
    """At most so many to one recipient: `limit`, `seconds`, `key`, `over`."""
    track_opens: Mapped[bool | None]
    """Whether opens of its mails are noticed; null: as the installation does."""
    track_clicks: Mapped[bool | None]
    attribution: Mapped[timedelta | None]
    """How long after a message a conversion may be its doing; null: 7 days."""
    reply_to: Mapped[str | None]
    """Jinja; the mailbox that answers to its mails go to."""
    calendar: Mapped[Json | None]
    """What its mails put into calendars: see `models.records.calendar_entries`."""
    attachments: Mapped[list[str] | None]
    """Jinja each; keys of the files its mails carry."""
    team: Mapped[str | None] = mapped_column(ForeignKey("teams.team"))
    """Who owns it; null: the installation."""
    updated_at: Mapped[datetime]


class TopicStep(Base):
    """One channel of a topic, in order."""

    __tablename__ = "topic_steps"
    topic: Mapped[str] = mapped_column(ForeignKey("topics.topic"), primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[Small]
    channel: Mapped[str]
    template: Mapped[str | None] = mapped_column(ForeignKey("templates.template"))
    after: Mapped[timedelta | None]
    """Waits until the step before it has settled, and so much longer; null: does not wait."""
    unless: Mapped[str | None]
    """Dropped when an earlier in-app step was `seen` or `read`."""
    on_unsent: Mapped[str] = mapped_column(server_default=text("'wait'"))
    """When the step before it was not sent: `wait` all the same, `go` at once, `stop`."""


class File(Base):
    """A file that mails may carry. Never changes. Single-node."""

    __tablename__ = "files"
    file: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    """Its media type."""
    octets: Mapped[bytes]
    added_at: Mapped[datetime]
    added_by: Mapped[str]
    expires_at: Mapped[datetime | None]
    """When nobody needs it any more; null: when somebody removes it."""
    __table_args__ = (
        Index("files_expiry", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
    )


class ProviderAccount(Base):
    """One account at a provider. None for a channel: the settings' own account is used."""

    __tablename__ = "provider_accounts"
    account: Mapped[str] = mapped_column(primary_key=True)
    provider: Mapped[str]
    channel: Mapped[str]
    url: Mapped[str]
    priority: Mapped[Small]
    weight: Mapped[Small]
    enabled: Mapped[bool]
    price: Mapped[Decimal | None] = mapped_column(Numeric(12, 4))
    """Of a thousand messages, in the currency of the installation."""
    updated_at: Mapped[datetime]


class Rulebook(Base):
    """One published version of the installation-wide rules; the highest is in force."""

    __tablename__ = "rulebooks"
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    document: Mapped[Json]
    note: Mapped[str]
    published_at: Mapped[datetime]
    published_by: Mapped[str]
    woken: Mapped[int] = mapped_column(server_default=text("0"))
    """Buckets whose held rows were looked at again since it was published."""


class Warming(Base):
    """A counter of a cap: how far it knows what was sent before its rule was published."""

    __tablename__ = "warmings"
    counter: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime]
    begins_at: Mapped[datetime]
    next_bucket: Mapped[Small] = mapped_column(server_default=text("0"))
    found: Mapped[int] = mapped_column(server_default=text("0"))
    done_at: Mapped[datetime | None]


class Switch(Base):
    """A kill switch: `all`, `class:…`, `topic:…`, `channel:…` or `account:…`."""

    __tablename__ = "switches"
    switch: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    set_by: Mapped[str]
    set_at: Mapped[datetime]


class Category(Base):
    """A kind of topics that recipients turn on and off together."""

    __tablename__ = "categories"
    category: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    description: Mapped[str]
    position: Mapped[Small]
    defaults: Mapped[Json]
    """Channel (or `*`) to whether it is wanted by whoever said nothing."""
    updated_at: Mapped[datetime]


class OrgPreference(Base):
    """What an organisation wants for its people, until they choose themselves."""

    __tablename__ = "org_preferences"
    org: Mapped[str] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(primary_key=True)
    """`*` for every category."""
    channel: Mapped[str] = mapped_column(primary_key=True)
    """`*` for every channel."""
    allowed: Mapped[bool]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]
