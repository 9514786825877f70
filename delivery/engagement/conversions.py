"""Conversions: understanding what a product tells, and for which message it counts. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, model_validator

from delivery.profiles import Fault
from delivery.reading import is_recipient_id
from models.ids import conversion_id
from models.records import Attributed, Basis, Candidate, Conversion, Topic
from models.storable import pointer

WINDOW = timedelta(days=7)
"""How long after a message a conversion may be its doing, of topics that do not say."""
_AHEAD = timedelta(days=1)
"""How far a product's clock may run ahead."""

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,99}$")]


class ConversionError(ValueError):
    """What was told is no conversion; carries every fault found."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(" ".join(f"{fault.pointer}: {fault.message}" for fault in faults))
        self.faults = faults


class ConversionBody(BaseModel):
    """A conversion as products tell it."""

    model_config = ConfigDict(extra="forbid")

    recipient_id: str = Field(description="Who did it.")
    name: Name = Field(description="What they did: `purchase`, `trial.started`.")
    value: Decimal | None = Field(None, max_digits=18, decimal_places=6)
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$", description="ISO 4217.")
    occurred_at: AwareDatetime | None = Field(None, description="When; now, if left out.")
    key: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="The same key is the same conversion; or the header `Idempotency-Key`."
    )
    delivery_id: UUID | None = Field(None, description="The message it is the doing of, if known.")

    @model_validator(mode="after")
    def _has_value(self) -> "ConversionBody":
        if self.currency is not None and self.value is None:
            raise ValueError("a currency needs a value: give one, or leave both out")
        return self


def read_conversion(said: Any, source: UUID, row: UUID, now: datetime) -> Conversion:
    """The conversion in what was told.

    Args:
        said: JSON, or the columns of a row.
        source: Who tells; keys are theirs.
        row: Stands for the key where there is none.
        now: When it came.

    Raises:
        ConversionError: It is none; every fault, never the values.
    """
    try:
        body = ConversionBody.model_validate(said)
    except ValidationError as error:
        faults = (Fault(pointer(each["loc"]), f"{each['msg']}.") for each in error.errors())
        raise ConversionError(*faults) from error
    return conversion_of(body, source, row, now)


def conversion_of(body: ConversionBody, source: UUID, row: UUID, now: datetime) -> Conversion:
    """The conversion that a body tells.

    Raises:
        ConversionError: The recipient's id is none, or it lies in the future.
    """
    if not is_recipient_id(body.recipient_id):
        message = "A recipient id is 1 to 200 bytes of UTF-8 without NUL or surrounding space."
        raise ConversionError(Fault("/recipient_id", message))
    if "\0" in (body.key or ""):
        raise ConversionError(Fault("/key", "No key can hold NUL: leave it out."))
    at = body.occurred_at or now
    if at > now + _AHEAD:
        raise ConversionError(Fault("/occurred_at", "It lies in the future: say when it happened."))
    key = str(row) if body.key is None else f"key {body.key}"
    return Conversion(
        conversion_id(source, body.recipient_id, key), body.recipient_id, body.name, at,
        body.value, body.currency, body.delivery_id,
    )  # fmt: skip


def window_of(topic: Topic | None) -> timedelta:
    """How long after a message of a topic a conversion may be its doing."""
    return WINDOW if topic is None or topic.attribution is None else topic.attribution


def attributed(
    conversion: Conversion, candidates: Iterable[Candidate], topics: Mapping[str, Topic]
) -> Attributed:
    """The delivery that a conversion counts for: the last clicked, else opened, else handed over.

    Args:
        conversion: What somebody did.
        candidates: Deliveries to them, in any order.
        topics: All there are, with their windows.
    """
    mine = [one for one in candidates if one.recipient_id == conversion.recipient_id]
    if conversion.delivery_id is not None:
        named = [one for one in mine if one.delivery_id == conversion.delivery_id]
        return Attributed(conversion, *((named[0], Basis.NAMED) if named else ()))
    for basis in (Basis.CLICKED, Basis.OPENED, Basis.DELIVERED):
        found = [
            (at, one.delivery_id.bytes, one)
            for one in mine
            for at in _moments(one, basis)
            if at <= conversion.occurred_at <= at + window_of(topics.get(one.counted.topic))
        ]
        if found:
            return Attributed(conversion, max(found)[-1], basis)
    return Attributed(conversion)


def _moments(one: Candidate, basis: Basis) -> Iterable[datetime]:
    return {Basis.CLICKED: one.clicked, Basis.OPENED: one.opened}.get(basis, (one.sent_at,))
