"""Understanding an outbox row, or saying what is wrong with it. Pure."""

import json
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import sha256
from math import isfinite
from typing import Any

import fastjsonschema

from models.reasons import Rejection
from models.records import PRIORITIES, Class, OutboxRow, Topic
from models.storable import DEEPEST

MAX_DATA = 256 * 1024
"""Most bytes of JSON an event may carry."""
EXPANDS_OVER = 1000
"""More recipients than this, and the event is planned chunk by chunk."""
TRAVELS_UP_TO = 4096
"""Data up to so many bytes is copied into the queue; more is read from the event."""
MAX_RECIPIENT = 200
"""Most bytes of UTF-8 in a recipient id."""
MAX_NAME = 400
"""Most characters of a dedup key, and of any other short text of a row."""

_TOO_DEEP = f"nested more than {DEEPEST} levels deep"
_SHORT_TEXTS = ("dedup_key", "actor", "thread", "locale", "tenant", "traceparent")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row cannot become deliveries."""

    reason: Rejection
    detail: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A row that was understood.

    Attributes:
        recipients: None of an audience's: they are gathered later.
    """

    topic: Topic
    recipients: tuple[str, ...]
    priority: int
    audience: str | None = None

    @property
    def gathers(self) -> bool:
        """Whether its recipients are yet to be found."""
        return self.audience is not None and not self.recipients

    @property
    def expands(self) -> bool:
        """Whether it is planned chunk by chunk."""
        return self.gathers or len(self.recipients) > EXPANDS_OVER


def read(
    row: OutboxRow, topics: Mapping[str, Topic], audiences: Container[str] = ()
) -> Accepted | Refusal:
    """Understand a row, or say what is wrong with it and what to do."""
    topic = topics.get(row.topic)
    if topic is None:
        return Refusal(Rejection.UNKNOWN_TOPIC, f"There is no topic {_shown(row.topic)}.")
    refusal = _field_refusal(row) or _target_refusal(row, audiences) or _data_refusal(row, topic)
    if refusal is not None:
        return refusal
    recipients = tuple(dict.fromkeys(r for r in row.recipients or () if r is not None))
    return Accepted(topic, recipients, priority_of(topic.klass, row.priority), row.audience)


def _shown(text: str) -> str:
    return repr(text if len(text) <= MAX_NAME else text[:MAX_NAME] + "…")


def _field_refusal(row: OutboxRow) -> Refusal | None:
    if row.problem:
        return Refusal(Rejection.UNSTORABLE, row.problem)
    wrong = _wrong_field(row)
    return None if wrong is None else Refusal(Rejection.BAD_FIELD, wrong)


def _wrong_field(row: OutboxRow) -> str | None:
    for name in _SHORT_TEXTS:
        if len(getattr(row, name) or "") > MAX_NAME:
            return f"{name} has more than {MAX_NAME} characters."
    if row.dedup_key == "":
        return "dedup_key is empty: leave it null or name something."
    if row.priority is not None and not 0 <= row.priority <= 9:  # noqa: PLR2004
        return f"priority is {row.priority}, not 0 to 9."
    if not all(isinstance(tag, str) for tag in row.tags or ()):
        return "tags holds something that is not a text."
    return None


def _target_refusal(row: OutboxRow, audiences: Container[str]) -> Refusal | None:
    if row.recipients and row.audience is not None:
        return Refusal(Rejection.TWO_TARGETS, "Give recipients or an audience, not both.")
    if row.audience is not None:
        return None if row.audience in audiences else unknown_audience(row.audience)
    if not row.recipients:
        return Refusal(Rejection.NO_TARGET, "Give at least one recipient, or an audience.")
    for place, recipient in enumerate(row.recipients, start=1):
        if not is_recipient_id(recipient):
            shown = _shown(recipient) if isinstance(recipient, str) else "not a text"
            return Refusal(Rejection.BAD_RECIPIENT, f"Recipient {place} is {shown}.")
    return None


def unknown_audience(key: str) -> Refusal:
    """That there is no such audience, or none any more."""
    return Refusal(Rejection.UNKNOWN_AUDIENCE, f"There is no audience {_shown(key)}.")


def is_recipient_id(value: Any) -> bool:
    """1 to 200 bytes of UTF-8, no NUL, no surrounding space."""
    if not isinstance(value, str) or value != value.strip() or "\0" in value:
        return False
    return 1 <= len(value.encode(errors="surrogatepass")) <= MAX_RECIPIENT


def _data_refusal(row: OutboxRow, topic: Topic) -> Refusal | None:
    text = row.data if row.data is not None else "{}"
    size = len(text.encode())
    if size > MAX_DATA:
        detail = f"The data is {size} bytes of JSON; at most {MAX_DATA} are taken."
        return Refusal(Rejection.DATA_TOO_LARGE, detail)
    many = row.audience is not None or len(row.recipients or ()) > EXPANDS_OVER
    if topic.sensitive and size > TRAVELS_UP_TO and many:
        # It is copied to every delivery: what is secret shall not stay beside the event.
        detail = f"The data is {size} bytes; secret and to so many, at most {TRAVELS_UP_TO}."
        return Refusal(Rejection.DATA_TOO_LARGE, detail)
    wrong = wrong_data(text, topic)
    return None if wrong is None else Refusal(Rejection.BAD_DATA, wrong[:MAX_NAME])


def wrong_data(text: str, topic: Topic) -> str | None:
    """What is wrong with an event's data, as JSON text, by its topic's schema."""
    if not text.startswith("{"):
        return "The data is not a JSON object."
    try:
        data = json.loads(text, parse_float=_finite)
        _refuse_depths(text, data)
        _validator(topic.key, topic.schema)(data)
    except fastjsonschema.JsonSchemaException as error:
        return f"{error}."
    except RecursionError:
        return f"The data cannot be read: {_TOO_DEEP}."
    except Exception as error:  # noqa: BLE001 - a schema makes validators raise whatever Python can
        return f"The data cannot be read: {error}."
    return None


def _refuse_depths(text: str, data: Any) -> None:
    """Depths that can be read here could still be too deep for whoever reads them later."""
    if text.count("{") + text.count("[") > DEEPEST:
        _descend(data, DEEPEST)


def _descend(value: Any, levels: int) -> None:
    if not isinstance(value, (dict, list)):
        return
    if not levels:
        raise ValueError(_TOO_DEEP)
    for member in value.values() if isinstance(value, dict) else value:
        _descend(member, levels - 1)


def _finite(text: str) -> float:
    """A number as templates will see it; one beyond a double would become Infinity."""
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"the number {text[:20]} is out of range")
    return number


class _Nowhere(dict[str, Callable[[str], Any]]):
    """Refuses every reference out of a schema: reading one may not reach a network or a file."""

    def __contains__(self, _: object) -> bool:
        return True

    def __missing__(self, scheme: str) -> Callable[[str], Any]:
        raise ValueError(f"it refers to {scheme}: only references into itself are followed")


@lru_cache(maxsize=1024)
def _validator(topic: str, schema: str | None) -> Callable[[Any], Any]:
    """A compiled validator; a schema that does not compile refuses all data, saying so."""
    if schema is None:
        return lambda data: data
    try:
        return compiled(schema)
    except ValueError as error:
        return partial(_refuse, f"the JSON Schema of topic {topic} is broken: {error}")


def compiled(schema: str) -> Callable[[Any], Any]:
    """What raises unless data fits a JSON Schema.

    Raises:
        ValueError: It is no schema.
    """
    try:
        made: Callable[[Any], Any] = fastjsonschema.compile(
            json.loads(schema), handlers=_Nowhere(), use_default=False
        )
    except Exception as error:
        raise ValueError(str(error)) from error
    return made


def _refuse(why: str, _: Any) -> None:
    raise ValueError(why)


def priority_of(klass: Class, wished: int | None) -> int:
    """The wish, clamped to the class; the class's second lowest without one."""
    low, high = PRIORITIES[klass]
    return min(max(low + 1 if wished is None else wished, low), high)


def body_hash(row: OutboxRow) -> bytes:
    """SHA-256 of what the row says, without its id, key and time."""
    said = (
        row.topic, row.recipients, row.audience, row.data, row.actor, row.thread, row.priority,
        row.tags, row.locale, row.tenant, row.test,
        None if row.not_before is None else row.not_before.isoformat(),
        None if row.expires_at is None else row.expires_at.isoformat(),
    )  # fmt: skip
    return sha256(json.dumps(said).encode()).digest()
