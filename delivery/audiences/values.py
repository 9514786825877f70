"""What the fields of conditions hold, each with the form it has."""

from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, Strict

from delivery.rulebook.spans import pause
from delivery.rulebook.zones import known_zone
from models.records.conditions import Scalar
from models.storable import storable

LONGEST = timedelta(days=3660)
"""How far a condition may look back or ahead."""
_MOST = 1000
"""Values that one condition may name."""
_FIRST, _LAST = datetime(1000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


def _length(text: Any) -> timedelta:
    if not isinstance(text, str):
        raise ValueError("write a length of time like '30 days' or '12 hours'")  # noqa: TRY004 - pydantic's way
    length = pause(text, LONGEST)
    if not length:
        raise ValueError("write more than nothing, or leave it out")
    return length


def moment(text: Any) -> datetime:
    """A moment that is written: ISO 8601; without an offset UTC, without a time midnight.

    Raises:
        ValueError: It is none.
    """
    try:
        found = datetime.fromisoformat(text)
        found = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise ValueError("write it like 2026-11-22 or 2026-11-22T09:30:00Z") from None
    if not _FIRST <= found < _LAST:
        raise ValueError("it is not between the years 1000 and 9000")
    return found


def _number(value: Any) -> int | float:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value):
        return value
    raise ValueError("write a number")


def _storable(text: str) -> str:
    if not text.strip() or storable(text).replaced:
        raise ValueError("write a text that is not empty and holds no NUL")
    return text


def _scalar(value: Any) -> Scalar:
    if isinstance(value, str):
        if storable(value).replaced:
            raise ValueError("no text can hold NUL or a lone surrogate")
        return value
    if isinstance(value, bool) or (isinstance(value, (int, float)) and isfinite(value)):
        return value
    raise ValueError("write a text, a number, true or false")


Name = Annotated[str, Field(max_length=200), AfterValidator(_storable)]
Names = Annotated[list[Name], Field(min_length=1, max_length=_MOST)]
Length = Annotated[timedelta, BeforeValidator(_length)]
Moment = Annotated[datetime, BeforeValidator(moment)]
Value = Annotated[Any, BeforeValidator(_scalar)]
Number = Annotated[Any, BeforeValidator(_number)]
Times = Annotated[int, Strict(), Field(ge=0, le=1_000_000)]
Range = Annotated[
    str, Field(pattern=r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$", max_length=60)
]  # RFC 4647, section 2.1
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,99}$")]
Values = Annotated[list[Value], Field(min_length=1, max_length=_MOST)]
Ranges = Annotated[list[Range], Field(min_length=1, max_length=_MOST)]
Zones = Annotated[
    list[Annotated[str, AfterValidator(known_zone)]], Field(min_length=1, max_length=_MOST)
]
