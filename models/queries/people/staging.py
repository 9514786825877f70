"""Profiles as the statements of `recipients` find them: in parameters, or copied in before."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from models.profiles import FIELDS, NewProfile
from models.queries.routing import Slice, slice_of
from models.query import Copy, Query, count, sql

_PROFILE = {
    "bucket": "int2", "recipient_id": "text", "given": "int2", "name": "text",
    "locale": "text", "timezone": "text", "org": "text", "quiet_hours": "jsonb",
    "digest": "jsonb", "attributes": "jsonb",
}  # fmt: skip
_CHANNEL = {"bucket": "int2", "recipient_id": "text", "channel": "text"}
_ADDRESS = {**_CHANNEL, "address": "text", "preferred": "bool"}

Values = list[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Staged:
    """What to write, and where: three relations named `p`, `c` and `a` with these sources."""

    slice: Slice
    profiles: str
    channels: str
    addresses: str
    parameters: dict[str, Any]


def given(name: str) -> str:
    """The SQL condition that a profile says a field."""
    return f"p.given & {1 << FIELDS.index(name)} <> 0"


def _profiles(profiles: Iterable[NewProfile]) -> Values:
    return [
        (
            p.bucket, p.recipient_id, sum(1 << FIELDS.index(name) for name in p.said),
            *(p.said.get(name) for name in FIELDS[:-3]), _json(p.said.get("quiet_hours")),
            _json(p.said.get("digest")), json.dumps(p.said.get("attributes") or {}),
        )
        for p in profiles
    ]  # fmt: skip


def _json(value: Any) -> str | None:
    return None if value is None else json.dumps(value)


def _channels(profiles: Iterable[NewProfile]) -> Values:
    return [(p.bucket, p.recipient_id, channel) for p in profiles for channel in p.channels]


def _addresses(profiles: Iterable[NewProfile]) -> Values:
    return [
        (p.bucket, p.recipient_id, a.channel, a.address, a.preferred)
        for p in profiles
        for a in p.addresses
    ]


_RELATIONS = {
    "p": ("staged_profiles", _PROFILE, _profiles),
    "c": ("staged_channels", _CHANNEL, _channels),
    "a": ("staged_addresses", _ADDRESS, _addresses),
}


def in_parameters(profiles: Sequence[NewProfile]) -> Staged:
    """Profiles as arrays: for hundreds."""
    sources, parameters = {}, {}
    for alias, (_, columns, make) in _RELATIONS.items():
        arrays = [f"CAST(:{alias}_{name} AS {kind}[])" for name, kind in columns.items()]
        sources[alias] = f"unnest({', '.join(arrays)}) {alias} ({', '.join(columns)})"
        rows = make(profiles)
        for place, name in enumerate(columns):
            parameters[f"{alias}_{name}"] = [row[place] for row in rows]
    slice_ = slice_of(profile.bucket for profile in profiles)
    return Staged(slice_, sources["p"], sources["c"], sources["a"], parameters)


def stages() -> list[Query[int]]:
    """Temporary tables to copy profiles into; gone at the end of the transaction."""
    return [
        sql(
            f"CREATE TEMPORARY TABLE {table}"
            f" ({', '.join(f'{name} {kind}' for name, kind in columns.items())}) ON COMMIT DROP",
            count,
        )
        for table, columns, _ in _RELATIONS.values()
    ]


def copied(profiles: Sequence[NewProfile]) -> list[Copy]:
    """Profiles into the temporary tables: for thousands."""
    return [
        Copy(table, list(columns), make(profiles)) for table, columns, make in _RELATIONS.values()
    ]


def in_tables(profiles: Sequence[NewProfile]) -> Staged:
    """Profiles that were copied in, in this transaction."""
    slice_ = slice_of(profile.bucket for profile in profiles)
    p, c, a = (f"{table} {alias}" for alias, (table, _, _) in _RELATIONS.items())
    return Staged(slice_, p, c, a, {})
