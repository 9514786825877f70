"""What became of campaigns, as it is counted."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a campaign's messages in a bin of time that begins then."""

    at: datetime
    state: str
    reason: str
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class Group:
    """People of a run who were treated alike by chance, and how many did what it is for.

    Attributes:
        held_out: Why they got nothing: `holdout` or `global_holdout`; empty: they were to get it.
    """

    held_out: str
    variant: str
    people: int
    reached: int
