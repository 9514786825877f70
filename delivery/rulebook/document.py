"""Understanding a rulebook as people write it, in TOML or JSON, or saying what is wrong in it."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    model_validator,
)

from delivery.blame import MAX_TEXT, place, words
from delivery.classes import Gate, Pass, how
from delivery.rulebook.spans import span
from delivery.rulebook.weeks import Weekly, rest, weekly
from delivery.rulebook.zones import known_zone
from models.records import (
    Cap,
    Class,
    Over,
    Period,
    Picks,
    QuietHours,
    Rhythm,
    Rulebook,
    Zones,
    read_rhythm,
)

_MOST = 100
"""Rules of a kind: each is asked about each delivery."""
MOST_SLOTS = 1000
"""Of a cap: each slot is remembered with its recipient."""

_FIELDS = "docs/operations.md"


class RulebookError(ValueError):
    """A document that is no rulebook; carries every fault found: where, and what to do."""

    def __init__(self, *faults: tuple[str, str]) -> None:
        super().__init__("; ".join(": ".join(filter(None, fault)) for fault in faults))
        self.faults = faults


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


def _storable(text: str) -> str:
    if "\0" in text or not text.strip():
        raise ValueError("write a name that is not empty and holds no NUL")
    return text


Name = Annotated[str, Field(max_length=200), AfterValidator(_storable)]
Names = Annotated[list[Name], Field(min_length=1, max_length=_MOST)]
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
Zone = Annotated[str, AfterValidator(known_zone)]


class RuleBody(_Strict):
    """What every rule says: its key, and which deliveries it is about."""

    key: Key
    channels: Names | None = None
    classes: list[Class] | None = Field(default=None, min_length=1)
    categories: Names | None = None
    topics: Names | None = None
    campaigns: Names | None = None
    orgs: Names | None = None
    tags: Names | None = None

    def picks(self) -> Picks:
        """What it is about."""
        named = {name: frozenset(getattr(self, name) or ()) for name in Picks.__dataclass_fields__}
        return Picks(**named)


class CapBody(RuleBody):
    """A frequency cap: blank, its limit is none."""

    limit: Annotated[int, Strict()] | None = None
    per: Period | None = None
    within: str | None = None
    counts: Annotated[list[Class], Field(min_length=1)] | None = None
    exempts: list[Class] | None = None
    over: Over = Over.HOLD
    digest: dict[str, Any] | None = None

    @model_validator(mode="after")
    def _sound(self) -> "CapBody":
        if self.limit is not None and not 1 <= self.limit <= MOST_SLOTS:
            raise ValueError(
                f"a limit is from 1 to {MOST_SLOTS}; leave it out for no cap, and to send nothing"
                " at all use a kill switch"
            )
        if (self.per is None) == (self.within is None) and self.limit is not None:
            raise ValueError("say either per = 'day' (week, month) or within = '24 hours'")
        self.window()
        self.rhythm()
        if not self._limited():
            raise ValueError(
                "it limits nobody: name a class that is not exempt; critical always is"
            )
        return self

    def window(self) -> timedelta | Period:
        """What it looks back over."""
        return self.per or (Period.DAY if self.within is None else span(self.within))

    def rhythm(self) -> Rhythm | None:
        """When goes together what is over it, where that is collected."""
        if (self.over is Over.DIGEST) == (self.digest is None):
            raise ValueError(
                "over = 'digest' and the time it goes at belong together:"
                " digest = { every = 'day', at = '18:00' }"
            )
        if self.digest is None:
            return None
        if unknown := self.digest.keys() - {"every", "on", "at"}:
            raise ValueError(f"digest.{min(unknown)}: there is no such setting")
        return read_rhythm(self.digest, "digest.")

    def exempt(self) -> frozenset[Class]:
        """Classes that need no slot; transactional does where the rule names it."""
        passing = {klass: how(klass, Gate.CAPS) for klass in Class}
        always = {klass for klass, way in passing.items() if way is Pass.ALWAYS}
        if self.exempts is not None:
            return frozenset({*self.exempts, *always})
        unless = {klass for klass, way in passing.items() if way is Pass.UNLESS_NAMED}
        return frozenset(always | (unless - {*(self.classes or ())}))

    def _limited(self) -> frozenset[Class]:
        return frozenset(self.classes or Class) - self.exempt()

    def cap(self) -> Cap:
        """The rule."""
        return Cap(
            key=self.key,
            picks=self.picks(),
            limit=self.limit,
            window=self.window(),
            counts=frozenset(self.counts or Class),
            exempts=self.exempt(),
            over=self.over,
            digest=self.rhythm(),
        )


class QuietBody(RuleBody):
    """Quiet hours: either when to be quiet, or the only times at which to send."""

    quiet: list[str] | None = None
    send: list[str] | None = None
    zone: Zone | None = None
    binding: bool = False

    @model_validator(mode="after")
    def _sound(self) -> "QuietBody":
        if (self.quiet is None) == (self.send is None):
            raise ValueError("say either quiet or send, like quiet = ['daily 22:00-07:00']")
        if Class.CRITICAL in (self.classes or ()):
            raise ValueError("critical news is never held: leave its class out")
        self.times()
        return self

    def times(self) -> Weekly:
        """When it is quiet."""
        if self.quiet is not None:
            return weekly(tuple(self.quiet))
        return rest(weekly(tuple(self.send or ())))

    def rule(self) -> QuietHours:
        """The rule; times to send are always binding."""
        return QuietHours(
            key=self.key,
            weekly=self.times(),
            text=tuple(self.quiet or self.send or ()),
            sends=self.send is not None,
            binding=self.binding or self.send is not None,
            zone=self.zone,
            picks=self.picks(),
        )


class ZonesBody(_Strict):
    """The zones of recipients who have none."""

    default: Zone = "UTC"
    orgs: dict[Name, Zone] = Field(default_factory=dict)


class RulebookBody(_Strict):
    """A rulebook as people write it."""

    caps: Annotated[list[CapBody], Field(max_length=_MOST)] = Field(default_factory=list)
    quiet_hours: Annotated[list[QuietBody], Field(max_length=_MOST)] = Field(default_factory=list)
    zones: ZonesBody = ZonesBody()

    @model_validator(mode="after")
    def _keys_differ(self) -> "RulebookBody":
        keys = Counter(rule.key for rule in (*self.caps, *self.quiet_hours))
        if twice := [key for key, times in keys.items() if times > 1]:
            raise ValueError(f"each rule needs a key of its own: {', '.join(twice)} has two")
        return self


def read_toml(text: str) -> dict[str, Any]:
    """The document in a TOML text, checked.

    Raises:
        RulebookError: It is no TOML, or no rulebook.
    """
    document = parse_toml(text)
    read(document)
    return document


def parse_toml(text: str) -> dict[str, Any]:
    """The document in a TOML text, whatever it says.

    Raises:
        RulebookError: It is too long, or no TOML.
    """
    if len(text) > MAX_TEXT:
        raise RulebookError(("", f"a rulebook has at most {MAX_TEXT} characters"))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulebookError(("", f"this is no TOML: {error}")) from None


def read(document: Mapping[str, Any], version: int = 0) -> Rulebook:
    """The rules of a document.

    Raises:
        RulebookError: It is no rulebook.
    """
    try:
        body = RulebookBody.model_validate(document)
    except ValidationError as error:
        faults = [(place(each["loc"], document), words(each, _FIELDS)) for each in error.errors()]
        raise RulebookError(*faults) from None
    return Rulebook(
        version,
        tuple(cap.cap() for cap in body.caps),
        tuple(quiet.rule() for quiet in body.quiet_hours),
        Zones(body.zones.default, body.zones.orgs),
    )
