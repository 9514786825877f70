"""The fields of a topic's document, each with the form it has."""

import json
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, Strict

from delivery.errors import RenderingError
from delivery.files import MOST_FILES
from delivery.reading import compiled
from delivery.rendering import mailboxes
from delivery.rendering.lines import line
from delivery.rulebook.spans import pause, span
from delivery.topics.calendar_body import CalendarBody
from models.records import (
    Class,
    Digest,
    OnDoubt,
    OnUnsent,
    Over,
    Step,
    Throttle,
    Topic,
    Unless,
    read_digest,
)
from models.storable import storable

LONGEST = timedelta(days=400)
"""The longest time a topic may name."""


def _length(text: Any) -> timedelta:
    if not isinstance(text, str):
        raise ValueError("write a length of time like '15 min', '2 h' or '7 days'")  # noqa: TRY004 - pydantic's way
    return pause(text, LONGEST)


def _span(text: Any) -> timedelta:
    if not isinstance(text, str):
        raise ValueError("write a length of time like '24 hours' or '7 days'")  # noqa: TRY004 - pydantic's way
    length = span(text)
    if length % timedelta(seconds=1):
        raise ValueError(f"{text[:60]!r}: write whole seconds")
    return length


def _some(length: timedelta) -> timedelta:
    if not length:
        raise ValueError("write more than nothing, or leave it out")
    return length


def _named(text: str) -> str:
    if not text.strip() or storable(text).replaced:
        raise ValueError("write a text that is not empty and holds no NUL")
    return text


def _octets(text: str) -> str:
    if len(text.encode()) > 255:  # noqa: PLR2004 - it stands in unsubscribe links, behind a length of one octet
        raise ValueError("it has more than 255 bytes")
    return text


def _jinja(text: str) -> str:
    try:
        line("attachments", text)
    except RenderingError as error:
        raise ValueError(error.problems[0].message.removeprefix("subject: ")) from None
    return text


def _reply_to(text: str) -> str:
    if fault := mailboxes.fault(text):
        raise ValueError(fault)
    return text


def _schema(value: Any) -> str:
    """JSON text of an object; also written as a table."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
        text = json.dumps(found, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"it is not JSON: {error}") from None
    if not isinstance(found, dict) or storable(found).replaced:
        raise ValueError("a JSON Schema is an object, without NUL in its texts")
    compiled(text)
    return text


def _digest(value: Any) -> Digest:
    try:
        return read_digest(value)
    except ValueError as error:
        raise ValueError(str(error).removeprefix("digest.")) from None


Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.:/-]{0,199}$")]
Text = Annotated[str, Field(max_length=400), AfterValidator(_named)]
Length = Annotated[timedelta, BeforeValidator(_length)]
Some = Annotated[Length, AfterValidator(_some)]
Flag = Annotated[bool, Strict()]
Attachments = Annotated[list[Annotated[Text, AfterValidator(_jinja)]], Field(max_length=MOST_FILES)]
ReplyTo = Annotated[Text, AfterValidator(_reply_to)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class StepBody(_Strict):
    """One step."""

    key: Key
    channel: str
    template: Text | None = None
    after: Length | None = None
    unless: Unless | None = None
    on_unsent: OnUnsent = OnUnsent.WAIT

    def step(self) -> Step:
        """The record."""
        return Step(**dict(self))


class ThrottleBody(_Strict):
    """At most so many to one recipient in a while."""

    limit: Annotated[int, Strict(), Field(ge=1, le=999)]
    within: Annotated[timedelta, BeforeValidator(_span)]
    key: Text | None = None
    over: Literal["skip", "hold"] = "skip"

    def throttle(self) -> Throttle:
        """The record."""
        return Throttle(self.limit, self.within, self.key, Over(self.over))


class TopicBody(_Strict):
    """A topic as people write it."""

    key: Key
    title: Text
    category: Annotated[Text, AfterValidator(_octets)]
    klass: Class = Field(alias="class")
    mandatory: Flag = False
    sensitive: Flag = False
    on_doubt: OnDoubt | None = None
    dedup_window: Some = timedelta(days=7)
    lifetime: Some | None = None
    same_content: Length | None = None
    max_lateness: Length | None = None
    on_late: Literal["send", "skip"] | None = None
    throttle: ThrottleBody | None = None
    track_opens: Flag | None = None
    track_clicks: Flag | None = None
    attribution: Some | None = None
    reply_to: ReplyTo | None = None
    calendar: CalendarBody | None = None
    attachments: Attachments = Field(default_factory=list)
    cancels: Annotated[list[Key], Field(max_length=100)] = Field(default_factory=list)
    digest: Annotated[Digest, BeforeValidator(_digest)] | None = None
    json_schema: Annotated[str, BeforeValidator(_schema)] | None = Field(None, alias="schema")
    steps: Annotated[list[StepBody], Field(max_length=20)] = Field(default_factory=list)

    def topic(self) -> Topic:
        """The record."""
        fields = dict(self) | {"steps": tuple(step.step() for step in self.steps)}
        fields["cancels"] = tuple(self.cancels)
        fields["attachments"] = tuple(self.attachments)
        fields["calendar"] = self.calendar and self.calendar.entry()
        fields["throttle"] = self.throttle and self.throttle.throttle()
        return Topic(schema=fields.pop("json_schema"), **fields)
