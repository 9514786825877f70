"""CloudEvents 1.0 as events: what their attributes become.

    type                 topic
    source and id        the dedup key, when there is no Idempotency-Key
    subject              thread
    data                 data; it must be JSON
    recipients, tags     extensions: names separated by commas
    audience actor priority notbefore expiresat locale tenant traceparent test dedupkey
                         extensions: the field of that name

Other extensions, `time` and `dataschema` are read over, as the specification allows.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from delivery.api.problems import invalid
from delivery.profiles import Fault

FIELDS = {
    "type": "topic", "subject": "thread", "data": "data", "recipients": "recipients",
    "audience": "audience", "actor": "actor", "priority": "priority",
    "notbefore": "not_before", "expiresat": "expires_at", "tags": "tags", "locale": "locale",
    "tenant": "tenant", "traceparent": "traceparent", "test": "test", "dedupkey": "dedup_key",
}  # fmt: skip
"""Attribute to the field of an event it becomes."""
_REQUIRED = ("id", "source", "type")


def structured(event: object) -> dict[str, Any]:
    """The fields of an event in structured mode (JSON format, section 3)."""
    if not isinstance(event, dict):
        raise invalid(Fault("", "A CloudEvent is a JSON object."))
    if event.get("data_base64") is not None:
        raise invalid(Fault("/data_base64", "Data must be JSON: send it as `data`."))
    return _fields(event)


def binary(headers: Iterable[tuple[str, str]], data: object) -> dict[str, Any]:
    """The fields of an event in binary mode: attributes in `ce-…` headers (HTTP, section 3.1)."""
    attributes: dict[str, Any] = {
        name.removeprefix("ce-"): unquote(value, errors="surrogateescape")
        for name, value in headers
        if name.startswith("ce-")
    }
    return _fields({**attributes, "data": data})


def _fields(event: Mapping[str, Any]) -> dict[str, Any]:
    faults = [
        Fault(f"/{name}", "Every CloudEvent has it: a text that is not empty.")
        for name in _REQUIRED
        if not isinstance(event.get(name), str) or not event[name]
    ]
    if event.get("specversion") != "1.0":
        faults.append(Fault("/specversion", "Only CloudEvents 1.0 are read."))
    if faults:
        raise invalid(*faults)
    fields = {
        field: _READ.get(name, _as_it_is)(event[name])
        for name, field in FIELDS.items()
        if event.get(name) is not None
    }
    # A source is a URI reference and holds no space: the pair has one spelling.
    return {"dedup_key": f"{event['source'].replace(' ', '%20')} {event['id']}", **fields}


def _as_it_is(value: Any) -> Any:
    return value


def _names(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return [name.strip() for name in value.split(",") if name.strip()]


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _flag(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value


_READ = {"recipients": _names, "tags": _names, "priority": _number, "test": _flag}
"""How attributes that HTTP headers can only carry as text are read."""
