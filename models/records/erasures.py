"""The erasure of a person, as a value: what is asked, how far it came, what it did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models.veil import Veil


@dataclass(frozen=True, slots=True)
class Erasure:
    """One that is not finished.

    Attributes:
        pseudonym: What is kept of the recipient's id.
        veil: Who it is; known only until it is finished.
        sweep: 1, or 2 for the second time through, which finds what was written meanwhile.
        step: Name of the step that comes next.
        place: How far inside of that step.
        done: Table to rows changed so far.
    """

    bucket: int
    pseudonym: str
    veil: Veil
    requested_at: datetime
    requested_by: str
    reason: str
    sweep: int = 1
    step: str = ""
    place: str = ""
    done: Mapping[str, int] = field(default_factory=dict)

    @property
    def recipient_id(self) -> str:
        """Whose it is."""
        return self.veil.recipient_id


@dataclass(frozen=True, slots=True)
class ErasureLine:
    """One as people see it: nothing in it tells who it was."""

    pseudonym: str
    requested_at: datetime
    requested_by: str
    reason: str
    step: str
    sweep: int
    done: Mapping[str, Any]
    finished_at: datetime | None
    returned_at: datetime | None
