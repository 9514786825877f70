"""What recipients did after messages: told by products, kept with the message it counts for."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Bucket


class ConversionWaiting(Base):
    """What a product tells, posted or written in SQL, drained like the outbox. A local table."""

    __tablename__ = "conversions_waiting"
    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    source: Mapped[UUID | None]
    """The source of the API key that posted it; null: written in SQL."""
    recipient_id: Mapped[str]
    name: Mapped[str]
    value: Mapped[Decimal | None] = mapped_column(Numeric())
    currency: Mapped[str | None]
    occurred_at: Mapped[datetime | None]
    key: Mapped[str | None]
    """The same key of the same source and recipient is the same conversion."""
    delivery_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    problem: Mapped[str | None]
    """Why it is none; null while it waits."""
    __table_args__ = (
        Index("conversions_waiting_since", "created_at", postgresql_where=text("problem IS NULL")),
    )


class Conversion(Base):
    """One thing a recipient did, and the delivery it counts for, if any is known."""

    __tablename__ = "conversions"
    bucket: Mapped[Bucket]
    conversion_id: Mapped[UUID] = mapped_column(primary_key=True)
    recipient_id: Mapped[str]
    name: Mapped[str]
    value: Mapped[Decimal | None] = mapped_column(Numeric())
    currency: Mapped[str | None]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    delivery_id: Mapped[UUID | None]
    basis: Mapped[str | None]
    """Why it counts for that one: `named`, `clicked`, `opened` or `delivered`."""
    __table_args__ = (
        Index("conversions_delivery", "bucket", "delivery_id"),
        Index("conversions_recipient", "bucket", "recipient_id", "occurred_at"),
    )
