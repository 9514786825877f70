"""Sending domains and the keys that sign in their names."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class SendingDomain(Base):
    """A domain in whose name mail is sent."""

    __tablename__ = "sending_domains"
    domain: Mapped[str] = mapped_column(primary_key=True)
    added_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class SigningKey(Base):
    """A DKIM key; its private half only encrypted, and only while it may sign."""

    __tablename__ = "signing_keys"
    domain: Mapped[str] = mapped_column(primary_key=True)
    selector: Mapped[str] = mapped_column(primary_key=True)
    algorithm: Mapped[str]
    public_key: Mapped[str]
    """Base64, as in its DNS record."""
    made_at: Mapped[datetime]
    signs_since: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    sealed: Mapped[bytes | None]


class DomainCheck(Base):
    """When a domain is checked again, and how that went the last time."""

    __tablename__ = "domain_checks"
    domain: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    verdicts: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
