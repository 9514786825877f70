"""Who may do what, who is in, who did what, and which workers live: small tables."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json, Small


class Person(Base):
    """Somebody who signs in to the console."""

    __tablename__ = "people"
    person: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    roles: Mapped[list[str]]
    active: Mapped[bool]
    created_at: Mapped[datetime]
    joined_at: Mapped[datetime | None]
    """When they first signed in; null: they were invited."""


class Team(Base):
    """Who owns topics, templates, audiences and campaigns; what has no team is everybody's."""

    __tablename__ = "teams"
    team: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    created_at: Mapped[datetime]


class Membership(Base):
    """The roles somebody has in a team, besides those they have everywhere."""

    __tablename__ = "memberships"
    person: Mapped[UUID] = mapped_column(ForeignKey("people.person"), primary_key=True)
    team: Mapped[str] = mapped_column(ForeignKey("teams.team"), primary_key=True)
    roles: Mapped[list[str]]


class SignIn(Base):
    """A one-time link. Only the SHA-256 of its token is kept."""

    __tablename__ = "sign_ins"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    person: Mapped[UUID] = mapped_column(ForeignKey("people.person"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Session(Base):
    """Somebody who is signed in somewhere. Only the SHA-256 of the cookie's token is kept."""

    __tablename__ = "sessions"
    session: Mapped[bytes] = mapped_column(primary_key=True)
    person: Mapped[UUID]
    method: Mapped[str]
    agent: Mapped[str]
    network: Mapped[str]
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    __table_args__ = (Index("sessions_person", "person"),)


class Password(Base):
    """The Argon2id hash of somebody's password."""

    __tablename__ = "passwords"
    person: Mapped[UUID] = mapped_column(primary_key=True)
    hash: Mapped[str]
    changed_at: Mapped[datetime]


class Tries(Base):
    """Failed sign-ins of one address or one client, until they are forgotten."""

    __tablename__ = "sign_in_tries"
    who: Mapped[bytes] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
    free_at: Mapped[datetime]


class SignInCount(Base):
    """How many sign-ins were tried since the installation, by method and outcome."""

    __tablename__ = "sign_in_counts"
    method: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]


class ApiKey(Base):
    """A producer's key. Only the SHA-256 of it is kept; `prefix` is what people recognise."""

    __tablename__ = "api_keys"
    key_id: Mapped[UUID] = mapped_column(primary_key=True)
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    prefix: Mapped[str]
    name: Mapped[str]
    source: Mapped[UUID] = mapped_column(ForeignKey("sources.source"))
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_by: Mapped[str | None]
    last_used_at: Mapped[datetime | None]
    """To the minute: it is not written at every request."""


class Audit(Base):
    """What a person did, written in the transaction that did it. Only added to: a trigger."""

    __tablename__ = "audit"
    audit_id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[Json]
    before: Mapped[Json | None]
    after: Mapped[Json | None]
    why: Mapped[str] = mapped_column(server_default=text("''"))
    redacted_at: Mapped[datetime | None]
    __table_args__ = (Index("audit_at", "at"),)


class Worker(Base):
    """A worker process and when it was last seen."""

    __tablename__ = "workers"
    worker: Mapped[UUID] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    version: Mapped[str]
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    clock_skew_ms: Mapped[int]
    process: Mapped[Small]
