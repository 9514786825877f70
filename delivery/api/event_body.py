"""An event as it is posted: the fields of the outbox, checked for their types alone.

What the fields mean is checked by planning, so that an event posted here and a row inserted in
SQL are judged alike: an unknown topic is a rejected event, not a refused request.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from delivery.api.problems import invalid
from delivery.profiles import Fault
from delivery.reading import MAX_NAME
from models.records import OutboxRow
from models.storable import pointer, storable


def _moment(value: object) -> object:
    """A moment in UTC; strict datetimes are not read from texts by pydantic."""
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("no offset")  # noqa: TRY301 - the sentence below names it too
        return moment.astimezone(UTC)
    except (OverflowError, ValueError) as error:
        raise ValueError("write it like 2026-11-22T09:30:00Z, with an offset") from error


Moment = Annotated[datetime, BeforeValidator(_moment)]


class EventBody(BaseModel):
    """One event. Exactly one of `recipients` and `audience` is expected."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        json_schema_extra={
            "example": {
                "topic": "board.shared",
                "recipients": ["anna", "bo"],
                "data": {"board": "Roadmap", "actor": "Mark"},
            }
        },
    )

    topic: str = Field(description="Key of a topic.")
    recipients: list[str] | None = Field(default=None, description="Recipients' ids.")
    audience: str | None = Field(default=None, description="Key of a saved audience.")
    data: Any = Field(default=None, description="What templates see as `data`.")
    dedup_key: str | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_NAME,
        description="The same as the header Idempotency-Key.",
    )
    actor: str | None = Field(default=None, description="Who caused it; never notified of it.")
    thread: str | None = Field(default=None, description="What it is about, like `board:42`.")
    priority: int | None = Field(default=None, ge=0, le=9, description="9 goes first.")
    not_before: Moment | None = Field(default=None, description="Earliest useful moment.")
    expires_at: Moment | None = Field(default=None, description="Latest useful moment.")
    tags: list[str] | None = None
    locale: str | None = None
    tenant: str | None = None
    traceparent: str | None = Field(default=None, description="W3C trace context.")
    test: bool = Field(default=False, description="Goes to the allow-list only.")


@dataclass(frozen=True, slots=True)
class Sender:
    """On whose behalf a row is written, when, and under which id."""

    source: UUID
    now: datetime
    outbox_id: UUID


def read_event(fields: object, names: Mapping[str, str], sender: Sender) -> OutboxRow:
    """The outbox row that says what was posted.

    Args:
        fields: The event, as JSON; its texts may hold what the database cannot.
        names: Field to the name it was posted under, for the pointers of faults.
        sender: Who posts it.

    Raises:
        ProblemError: A field is unknown, missing or of the wrong type.
    """
    try:
        clean = storable(fields)
        body = EventBody.model_validate(clean.value)
    except ValidationError as error:
        raise invalid(*(_fault(each, names) for each in error.errors())) from error
    except ValueError as error:
        raise invalid(Fault("", f"The event is {error}.")) from error
    return _row(body, clean.problem, sender)


def _fault(error: Mapping[str, Any], names: Mapping[str, str]) -> Fault:
    first, *rest = error["loc"] or ("",)
    place = pointer([names.get(str(first), first), *rest]) if error["loc"] else ""
    if error["type"] != "extra_forbidden":
        return Fault(place, f"{error['msg'].removeprefix('Value error, ')}.")
    known = list(EventBody.model_fields)
    meant = get_close_matches(str(first), known, 1)
    hint = f"did you mean {meant[0]}?" if meant else f"the fields are {', '.join(known)}."
    return Fault(place, f"There is no such field: {hint}")


def _row(body: EventBody, problem: str | None, sender: Sender) -> OutboxRow:
    said = body.model_dump(exclude={"recipients", "tags", "data"})
    return OutboxRow(
        **said,
        recipients=None if body.recipients is None else tuple(body.recipients),
        tags=None if body.tags is None else tuple(body.tags),
        data=json.dumps({} if body.data is None else body.data, sort_keys=True),
        id=sender.outbox_id,
        created_at=sender.now,
        source=sender.source,
        problem=problem,
    )
