"""Understanding an audience as people write it, in TOML or JSON, or saying what is wrong in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, ValidationError

from delivery.audiences.body import ABOUT
from delivery.audiences.values import Key, Name
from delivery.blame import DocumentError, Loc, Said, unknown, words
from models.records.audiences import Audience, Nameable, StoredAudience
from models.records.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Consents,
    Happened,
    HasAddress,
    InAudience,
    NotOf,
    Reachable,
)

MOST = 100
"""Conditions of one document."""
DEEPEST = 8
"""Groups inside of groups."""
_PAGE = "docs/audiences.md"
_GROUPS = ("all", "any", "not")


class AudienceError(DocumentError):
    """A document that is no audience."""


class AudienceBody(BaseModel):
    """The frame of an audience: `all` or `any` of some conditions, or a list."""

    model_config = ConfigDict(extra="forbid")

    key: Key
    title: Annotated[Name, AfterValidator(str.strip)]
    all_: list[Any] | None = Field(None, alias="all")
    any_: list[Any] | None = Field(None, alias="any")
    list_: Annotated[bool, Strict()] = Field(default=False, alias="list")


def read_toml(text: str, known: Nameable) -> tuple[dict[str, Any], Audience]:
    """The document in a TOML text, and what it means.

    Raises:
        AudienceError: It is no TOML, no audience, or does not fit what there is.
    """
    document = _plain(AudienceError.parse(text, "an audience"))
    return document, read(document, known, text)


def _plain(value: Any) -> Any:
    """The same without what TOML can say and JSON cannot: dates become the text they are."""
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def as_audience(stored: StoredAudience) -> Audience:
    """What a version means that was checked when it was saved; what it names may be gone.

    Raises:
        AudienceError: It was written past the commands.
    """
    return replace(read(stored.document), list=stored.list or 0)


def read(document: Mapping[str, Any], known: Nameable | None = None, text: str = "") -> Audience:
    """The audience in a document.

    Args:
        document: As people write it.
        known: What it may name; `None`: whatever it likes.
        text: What it was read from: faults then tell their lines.

    Raises:
        AudienceError: It is no audience, or does not fit what there is.
    """
    try:
        body = AudienceBody.model_validate(document)
    except ValidationError as error:
        raise AudienceError.at(_told(error, ()), document, text) from None
    groups = {
        name: each for name, each in (("all", body.all_), ("any", body.any_)) if each is not None
    }
    if len(groups) + body.list_ != 1:
        said = "say who belongs: all = [...], any = [...], or list = true for a list of its own"
        raise AudienceError.at([((), said)], document, text)
    reading = _Reading(known)
    conditions = [reading.group(kind, parts, (kind,), 1) for kind, parts in groups.items()]
    if reading.faults:
        raise AudienceError.at(reading.faults, document, text)
    return Audience(body.key, body.title, conditions[0] if conditions else None)


def _told(error: ValidationError, loc: Loc) -> Iterator[Said]:
    for each in error.errors():
        yield (*loc, *each["loc"]), words(each, _PAGE)


_NOBODY = AnyOf(())


@dataclass
class _Reading:
    """Conditions of one document, and what is wrong with them."""

    known: Nameable | None
    faults: list[Said] = field(default_factory=list)
    seen: int = 0

    def group(self, kind: str, value: Any, loc: Loc, depth: int) -> Condition:
        """What `all`, `any` or `not` means."""
        if depth > DEEPEST:
            return self._wrong(loc, f"groups lie at most {DEEPEST} deep: make an audience of it")
        if kind == "not":
            return NotOf(self.node(value, loc, depth))
        if not isinstance(value, list):
            return self._wrong(loc, "write a list of conditions")
        parts = tuple(self.node(each, (*loc, at), depth) for at, each in enumerate(value))
        if kind == "any" and not parts:
            return self._wrong(loc, "any of nothing is nobody: name a condition")
        return AllOf(parts) if kind == "all" else AnyOf(parts)

    def node(self, value: Any, loc: Loc, depth: int) -> Condition:
        """One group or condition."""
        self.seen += 1
        if self.seen > MOST:
            said = f"an audience has at most {MOST} conditions: make others of some of them"
            return self._wrong(loc, said) if self.seen == MOST + 1 else _NOBODY
        if not isinstance(value, dict):
            return self._wrong(loc, "write a condition: a table with about, or with all, any, not")
        kinds = [kind for kind in _GROUPS if kind in value]
        if not kinds:
            return self._leaf(value, loc)
        if len(value) > 1:
            return self._wrong(loc, f"beside {kinds[0]} nothing else stands: make it a group")
        return self.group(kinds[0], value[kinds[0]], (*loc, kinds[0]), depth + 1)

    def _leaf(self, value: dict[str, Any], loc: Loc) -> Condition:
        about = str(value.get("about", ""))
        kind = ABOUT.get(about)
        if kind is None:
            return self._wrong((*loc, "about"), unknown("condition about", about, ABOUT.keys()))
        try:
            condition = kind.model_validate(value).condition()
        except ValidationError as error:
            self.faults += _told(error, loc)
            return _NOBODY
        except ValueError as error:
            return self._wrong(loc, str(error))
        if self.known is not None:
            self.faults += [((*loc, name), said) for name, said in _strange(condition, self.known)]
        return condition

    def _wrong(self, loc: Loc, said: str) -> Condition:
        self.faults.append((loc, said))
        return _NOBODY


def _strange(condition: Condition, known: Nameable) -> Iterator[tuple[str, str]]:
    """What a condition names that there is not."""
    named: list[tuple[str, str | None, frozenset[str]]] = []
    match condition:
        case Happened(topic=topic):
            named = [("topic", topic, known.topics)]
        case HasAddress(channel):
            named = [("channel", channel, known.channels)]
        case Reachable(channel, category) | Consents(category, channel):
            named = [("channel", channel, known.channels), ("category", category, known.categories)]
        case InAudience(key):
            named = [("audience", key, known.audiences)]
        case _:
            return
    for kind, name, there in named:
        if name is not None and name not in there:
            yield ("key" if kind == "audience" else kind), unknown(kind, name, there)
