"""Reading what was posted as an event: plain JSON, or a CloudEvent in either mode."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from math import isfinite
from typing import Any, NoReturn

from fastapi import Request

from delivery.api import cloudevents
from delivery.api.problems import Kind, ProblemError, invalid
from delivery.profiles import Fault

_BATCH = "application/cloudevents-batch+json"
_STRUCTURED = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields of an event, not checked yet, and the names they were posted under."""

    fields: Any
    names: Mapping[str, str] = field(default_factory=dict)


_ATTRIBUTES = {name: attribute for attribute, name in cloudevents.FIELDS.items()}


async def posted_event(request: Request) -> Posted:
    """What was posted, with the Idempotency-Key as its dedup key.

    Raises:
        ProblemError: It is not JSON, or of a media type we do not read.
    """
    posted = _posted(request, await request.body())
    key = _header(request, "idempotency-key")
    if key is None or not isinstance(posted.fields, dict):
        return posted
    named = posted.fields.get("dedup_key")
    if not posted.names and named is not None and named != key:
        raise invalid(Fault("/dedup_key", "The header Idempotency-Key says another: send one."))
    return Posted({**posted.fields, "dedup_key": key}, {**posted.names, "dedup_key": _KEY})


_KEY = "Idempotency-Key"


def _posted(request: Request, octets: bytes) -> Posted:
    media_type = _media_type(request)
    if media_type == _STRUCTURED:
        return Posted(cloudevents.structured(parse_json(octets)), _ATTRIBUTES)
    if media_type == _BATCH or not _is_json(media_type):
        raise ProblemError(Kind.MEDIA_TYPE, f"{media_type or 'This'} is not read here.")
    if "ce-specversion" in request.headers:
        data = parse_json(octets) if octets else None
        names = [(name, _header(request, name) or "") for name in request.headers]
        return Posted(cloudevents.binary(names, data), _ATTRIBUTES)
    return Posted(parse_json(octets))


def _media_type(request: Request) -> str:
    message = Message()
    message["content-type"] = request.headers.get("content-type", "application/json")
    return message.get_content_type()


def _is_json(media_type: str) -> bool:
    return media_type == "application/json" or media_type.endswith("+json")


def _header(request: Request, name: str) -> str | None:
    """A header as UTF-8; octets that are none become lone surrogates, as in any other text."""
    value = request.headers.get(name)
    if value is None:
        return None
    return value.encode("latin-1").decode(errors="surrogateescape")


def parse_json(octets: bytes) -> Any:
    """JSON as RFC 8259 has it; lone surrogates are let through, to be replaced visibly.

    Raises:
        ProblemError: It is none, saying where.
    """
    try:
        text = octets.decode(errors="surrogatepass")
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except json.JSONDecodeError as error:
        where = f"{error.msg} at line {error.lineno}, column {error.colno}."
        raise ProblemError(Kind.MALFORMED, where) from error
    except UnicodeDecodeError as error:
        where = f"Byte {error.start} is not UTF-8."
        raise ProblemError(Kind.MALFORMED, where) from error
    except RecursionError as error:
        raise ProblemError(Kind.MALFORMED, "It is nested too deeply.") from error
    except ValueError as error:
        raise ProblemError(Kind.MALFORMED, f"{error}.") from error


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(f"The number {text[:20]} is too large: send it as a text")
    return number
