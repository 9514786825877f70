"""How many have to approve what: a document that admins publish; reading it, and saying it."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError, field_validator

from delivery.blame import place, words
from delivery.rulebook.spans import span, spelled
from models.records import ApprovalKind, Ask, Class, StoredDocument

MAX_TEXT = 64 * 1024
"""Most characters of a document."""
_MOST = 50
"""Thresholds in one document."""
MOST_APPROVERS = 5
_PAGE = "docs/approvals.md"

BUILT_IN: Mapping[str, Any] = {
    "lasts": "7 days",
    "thresholds": [
        {"kind": "template", "classes": ["promotional"], "approvers": 1},
        {"kind": "rules", "approvers": 1},
        {"kind": "audience", "over": 10_000, "approvers": 1},
        {"kind": "campaign", "over": 10_000, "approvers": 1},
        {"kind": "campaign", "over": 1_000_000, "approvers": 2},
        {"kind": "thresholds", "approvers": 1},
    ],
}
"""What holds before the first version was published."""


class ThresholdsError(ValueError):
    """A document that says no thresholds; carries every fault found, with its place."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Threshold:
    """From where on something of a kind needs approval.

    Attributes:
        classes: Of topics it is about; empty: all.
        over: More people than this.
    """

    kind: ApprovalKind
    approvers: int
    classes: frozenset[Class] = frozenset()
    over: int | None = None

    def meets(self, ask: Ask) -> bool:
        """Whether it is about something; what may concern any class is met by each."""
        return (
            self.kind is ask.kind
            and (not (self.classes and ask.classes) or bool(self.classes & ask.classes))
            and (self.over is None or ask.weight > self.over)
        )


@dataclass(frozen=True, slots=True)
class Thresholds:
    """All of one version.

    Attributes:
        lasts: How long what was approved can be used.
    """

    lasts: timedelta
    thresholds: tuple[Threshold, ...]
    version: int = 0


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _ThresholdBody(_Strict):
    kind: ApprovalKind
    approvers: Annotated[int, Strict(), Field(ge=1, le=MOST_APPROVERS)]
    classes: list[Class] | None = Field(default=None, min_length=1)
    over: Annotated[int, Strict(), Field(ge=0)] | None = None

    def threshold(self) -> Threshold:
        """What it says."""
        return Threshold(self.kind, self.approvers, frozenset(self.classes or ()), self.over)


class _Body(_Strict):
    lasts: str = "7 days"
    thresholds: Annotated[list[_ThresholdBody], Field(max_length=_MOST)] = Field(
        default_factory=list
    )

    @field_validator("lasts")
    @classmethod
    def _is_a_span(cls, text: str) -> str:
        return spelled(span(text))


def read_toml(text: str) -> dict[str, Any]:
    """The document in a TOML text, checked.

    Raises:
        ThresholdsError: It is too long, no TOML, or says no thresholds.
    """
    if len(text) > MAX_TEXT:
        raise ThresholdsError(f"a document has at most {MAX_TEXT} characters")
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ThresholdsError(f"this is no TOML: {error}") from None
    read(document)
    return document


def read(document: Mapping[str, Any], version: int = 0) -> Thresholds:
    """The thresholds of a document.

    Raises:
        ThresholdsError: It says none.
    """
    try:
        body = _Body.model_validate(document)
    except ValidationError as error:
        faults = [
            ": ".join(filter(None, (place(each["loc"], document), words(each, _PAGE))))
            for each in error.errors()
        ]
        raise ThresholdsError(*faults) from None
    return Thresholds(
        span(body.lasts), tuple(each.threshold() for each in body.thresholds), version
    )


def in_force(published: Sequence[StoredDocument]) -> Thresholds:
    """The thresholds of the newest version, which comes first; before there is one, the built-in.

    Raises:
        ThresholdsError: It was written past the checks, and says none.
    """
    if not published:
        return read(BUILT_IN)
    return read(published[0].document, published[0].version)


def needed(ask: Ask, thresholds: Thresholds) -> int:
    """How many have to approve something: the most that any threshold says."""
    return max((one.approvers for one in thresholds.thresholds if one.meets(ask)), default=0)


def sentence(threshold: Threshold) -> str:
    """A threshold as people read it."""
    who = "one other person" if threshold.approvers == 1 else f"{threshold.approvers} other people"
    about = f" of {_either(threshold.classes)} topics" if threshold.classes else ""
    over = f" for more than {threshold.over:,} people" if threshold.over is not None else ""
    return f"{threshold.kind.sentence}{about}{over}: {who}"


def _either(classes: frozenset[Class]) -> str:
    return " or ".join(klass for klass in Class if klass in classes)
