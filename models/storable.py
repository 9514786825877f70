"""JSON values as the database can hold them: what it cannot hold is written out, visibly."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

DEEPEST = 100
"""Levels of nesting that a value may have."""

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
"""What JSON can say and no text of Postgres can hold: NUL and lone surrogates."""
_NAMED = 3
"""Places that a problem names before it says how many more there are."""

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Storable:
    """A JSON value as the database can hold it, and where something had to be replaced."""

    value: Any
    replaced: tuple[Path, ...] = ()

    @property
    def problem(self) -> str | None:
        """What was replaced and what to do, as one sentence; `None` when nothing was."""
        if not self.replaced:
            return None
        places = ", ".join(map(pointer, self.replaced[:_NAMED]))
        more = len(self.replaced) - _NAMED
        rest = f" and {more} more places" if more > 0 else ""
        return (
            "NUL or a lone surrogate, which no text can hold, was replaced by its escape at"
            f" {places}{rest}: send it without."
        )


def pointer(path: Sequence[object]) -> str:
    """A path as a JSON Pointer (RFC 6901), itself free of what cannot be stored."""
    names = (str(name).replace("~", "~0").replace("/", "~1") for name in path)
    return _escape("".join(f"/{name}" for name in names))


def storable(value: Any, path: Path = ()) -> Storable:
    r"""A JSON value with NUL and lone surrogates written out as `\u0000` and the like.

    Raises:
        ValueError: It is nested too deeply.
    """
    if isinstance(value, str):
        escaped = _escape(value)
        return Storable(escaped, (path,) if escaped != value else ())
    if not isinstance(value, (dict, list)):
        return Storable(value)
    if len(path) >= DEEPEST:
        raise ValueError(f"nested more than {DEEPEST} levels deep")
    return _members(value, path)


def _members(value: dict[str, Any] | list[Any], path: Path) -> Storable:
    if isinstance(value, list):
        items = [storable(item, (*path, str(place))) for place, item in enumerate(value)]
        return Storable([item.value for item in items], _places(items))
    names = [storable(name, (*path, name)) for name in value]
    members = [storable(member, (*path, name)) for name, member in value.items()]
    kept = {name.value: member.value for name, member in zip(names, members, strict=True)}
    return Storable(kept, _places(names) + _places(members))


def _places(parts: Sequence[Storable]) -> tuple[Path, ...]:
    return tuple(path for part in parts for path in part.replaced)


def _escape(text: str) -> str:
    return _UNSTORABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
