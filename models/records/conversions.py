"""What recipients did after a message, as products tell it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from models.records.deliveries import Move


class Basis(StrEnum):
    """Why a conversion is counted for a delivery."""

    NAMED = "named"
    """Its product named the delivery."""
    CLICKED = "clicked"
    """It was the last one in which its recipient followed a link before."""
    OPENED = "opened"
    """Nothing was followed; it was the last one opened before."""
    DELIVERED = "delivered"
    """Nothing was followed or opened; it was the last one handed over before."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """Something a recipient did that somebody hoped for.

    Attributes:
        conversion_id: The same for the same source, recipient and key.
        currency: ISO 4217; only with a value.
        delivery_id: The message it is the doing of, where its product knows.
    """

    conversion_id: UUID
    recipient_id: str
    name: str
    occurred_at: datetime
    value: Decimal | None = None
    currency: str | None = None
    delivery_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A delivery that a conversion may be the doing of.

    Attributes:
        counted: What it is counted under.
        opened: When it was opened by a person, as far as one can see; in any order.
        clicked: When a person followed a link in it.
    """

    delivery_id: UUID
    recipient_id: str
    counted: Move
    test: bool
    sent_at: datetime
    opened: Sequence[datetime] = ()
    clicked: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True)
class Attributed:
    """A conversion and the delivery it is counted for, if any."""

    conversion: Conversion
    candidate: Candidate | None = None
    basis: Basis | None = None
