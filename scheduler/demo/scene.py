"""Everything a replay needs: who takes part, and what happens when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from scheduler.demo.edits import read_day
from scheduler.demo.generator import make_day
from scheduler.demo.people import Cast, cast_of
from scheduler.demo.replay import Offer, begin_of, offers_of
from scheduler.demo.trouble import spoiled, with_trouble


@dataclass(frozen=True, slots=True)
class Scene:
    """A day ready to be played; `offers` in order of their offsets."""

    title: str
    cast: Cast
    offers: Sequence[Offer]

    @classmethod
    def read(cls, path: Path) -> "Scene":
        """A real day, exactly as it was.

        Raises:
            OSError: The file cannot be read.
            ValueError: A line is not an edit.
        """
        day = read_day(path)
        return cls(path.name, cast_of(day), offers_of(day))

    @classmethod
    def make(cls, date: date) -> "Scene":
        """A made-up day with its troubles."""
        day = make_day(date)
        offers = spoiled(offers_of(day), begin_of(day))
        return cls(f"the made-up day {day.name}", with_trouble(cast_of(day)), offers)
