"""The table of a topic's document that says what its mails put into calendars."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo

from delivery.errors import RenderingError
from delivery.rendering import calendars
from delivery.rendering.lines import line
from models.records import CalendarEntry


def _readable(text: str, info: ValidationInfo) -> str:
    name = info.field_name or ""
    try:
        line(name, text)
    except RenderingError as error:
        raise ValueError(error.problems[0].message.removeprefix("subject: ")) from None
    jinja = "{{" in text or "{%" in text
    if not jinja and (fault := calendars.fault(name, text)):
        raise ValueError(fault)
    return text


Said = Annotated[str, Field(min_length=1, max_length=400), AfterValidator(_readable)]


class CalendarBody(BaseModel):
    """What goes into the recipient's calendar; each text may hold Jinja."""

    model_config = ConfigDict(extra="forbid")

    method: Said = "request"
    uid: Said
    start: Said
    end: Said | None = None
    zone: Said = "UTC"
    organizer: Said
    summary: Said
    sequence: Said = "0"
    location: Said | None = None
    description: Said | None = None

    def entry(self) -> CalendarEntry:
        """The record."""
        return CalendarEntry(**dict(self))
