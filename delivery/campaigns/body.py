"""The fields of a campaign's document, each with the form it has."""

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    Strict,
)

from delivery.campaigns.occasions import Recurring
from delivery.reading import MAX_RECIPIENT, TRAVELS_UP_TO
from delivery.rulebook.spans import spelled
from delivery.rulebook.zones import known_zone
from delivery.topics.body import Attachments, Key, Length, ReplyTo, Some, Text
from models.storable import storable

MOST_LISTED = 1000
"""Recipients that a document itself may list; more are a saved audience."""
FIRST = "first"
"""The step of a campaign that names none."""


def _moment(value: Any) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, datetime):
        raise ValueError("write a moment like 2026-12-01T09:00:00+01:00")  # noqa: TRY004 - pydantic's way
    return value


def _zoned(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("name the time zone: 2026-12-01T09:00:00+01:00, or Z for UTC")
    return moment.astimezone(UTC)


def _local(moment: datetime) -> datetime:
    if moment.tzinfo is not None:
        raise ValueError("leave the time zone out: it is that of each recipient")
    return moment


def _recipient(text: str) -> str:
    if not text or text.strip() != text or len(text.encode()) > MAX_RECIPIENT or "\0" in text:
        raise ValueError("a recipient id is 1 to 200 bytes without NUL or surrounding space")
    return text


def _data(value: dict[str, Any]) -> dict[str, Any]:
    try:
        text = json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"it is not JSON: {error}") from None
    if storable(value).replaced:
        raise ValueError("a text in it holds NUL: leave that out")
    if len(text.encode()) > TRAVELS_UP_TO:
        raise ValueError(f"it has more than {TRAVELS_UP_TO} bytes of JSON")
    return value


Delay = Annotated[Length, PlainSerializer(spelled)]
While = Annotated[Some, PlainSerializer(spelled)]
Percent = Annotated[float, Field(gt=0, le=100)]
Part = Annotated[float, Field(gt=0, le=50)]
Templates = dict[Key, Text]
"""Channel to template: what a step says there, instead of its topic's."""


class Strictly(BaseModel):
    """A table of the document: nothing in it is passed over in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Schedule(Strictly):
    """When a campaign goes out; without any of it at once."""

    at: Annotated[datetime, BeforeValidator(_moment), AfterValidator(_zoned)] | None = None
    local_at: Annotated[datetime, BeforeValidator(_moment), AfterValidator(_local)] | None = None
    late: Literal["tomorrow", "skip"] = "tomorrow"
    cron: Text | None = None
    zone: Annotated[str, AfterValidator(known_zone)] = "UTC"
    until: Annotated[datetime, BeforeValidator(_moment), AfterValidator(_zoned)] | None = None
    over: While | None = None
    per_minute: Annotated[int, Strict(), Field(ge=1, le=10_000_000)] | None = None

    @property
    def recurring(self) -> Recurring | None:
        """Its moments, where it has many."""
        return None if self.cron is None else Recurring(self.cron, self.zone, self.until)


class Step(Strictly):
    """One message of a sequence."""

    key: Key
    after: Delay = timedelta()
    templates: Templates = Field(default_factory=dict)


class Variant(Strictly):
    """One way to say it, for a share of the people."""

    key: Key
    share: Percent = 100
    templates: Templates = Field(default_factory=dict)


class Goal(Strictly):
    """What a campaign is for: a conversion of this name, of whatever value."""

    conversion: Text
    stop: bool = True


class Winner(Strictly):
    """Variants are tested with a share; later everybody else gets the best."""

    share: Part
    after: While
    by: Literal["opened", "clicked", "converted"]


class Canary(Strictly):
    """A share goes first; the rest follows when nothing is wrong with it. Limits in per cent."""

    share: Part
    after: While
    bounced: Percent = 5
    complained: Percent = 0.3
    failed: Percent = 5


class CampaignBody(Strictly):
    """A campaign as people write it."""

    key: Key
    title: Text
    topic: Key
    team: Key | None = None
    audience: Key | None = None
    recipients: Annotated[
        tuple[Annotated[str, AfterValidator(_recipient)], ...], Field(max_length=MOST_LISTED)
    ] = ()
    data: Annotated[dict[str, Any], AfterValidator(_data)] = Field(default_factory=dict)
    reply_to: ReplyTo | None = None
    attachments: Attachments = Field(default_factory=list)
    holdout: Part | None = None
    schedule: Schedule = Schedule()
    steps: Annotated[tuple[Step, ...], Field(max_length=20)] = (Step(key=FIRST),)
    variants: Annotated[tuple[Variant, ...], Field(max_length=10)] = ()
    goal: Goal | None = None
    winner: Winner | None = None
    canary: Canary | None = None

    def templates(self, step: str, variant: str) -> dict[str, str]:
        """Channel to template of a step, as a variant says it; the others are the topic's.

        Variants are ways to say the first step.
        """
        said = next((dict(one.templates) for one in self.steps if one.key == step), {})
        if step == self.steps[0].key:
            said |= next((one.templates for one in self.variants if one.key == variant), {})
        return said
