"""A field of a campaign's form: its widget, and what is wrong beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import streamlit as st

from dashboard.showing.campaign_steps import at
from dashboard.showing.safe import plain
from delivery.blame import Said
from models.records.campaigns import Known


@dataclass(frozen=True, slots=True)
class Form:
    """What the fields of a campaign are drawn from.

    Attributes:
        document: As it is written now.
        known: What it may name.
        put: Makes the keys of the widgets: they begin anew when the document comes from elsewhere.
        faults: What is wrong or missing, with the way to it.
    """

    document: Mapping[str, Any]
    known: Known
    put: int
    faults: Sequence[Said]

    def name(self, *loc: int | str) -> str:
        """The key of a field's widget."""
        return f"camp_{'_'.join(map(str, loc))}_{self.put}"

    def value(self, *loc: int | str) -> Any:
        """What the document says there; `None`: nothing."""
        here: Any = self.document
        for step in loc:
            try:
                here = here[step]
            except (LookupError, TypeError):
                return None
        return here

    def told(self, *loc: int | str) -> None:
        """Draw what is wrong with a field."""
        for words in at(self.faults, *loc):
            st.markdown(f":red[:small[:material/error: {plain(words)}]]")

    def text(self, words: str, *loc: int | str, hint: str = "", note: str | None = None) -> str:
        """Draw a line of text; what is written in it."""
        with st.container(gap="xxsmall"):
            said = st.text_input(
                words, str(self.value(*loc) or ""), key=self.name(*loc), placeholder=hint, help=note
            )
            self.told(*loc)
        return str(said).strip()

    def choice(
        self, words: str, offered: Sequence[str], *loc: int | str, empty: str = ""
    ) -> str | None:
        """Draw a choice; what was chosen. What is wrong stays among what is offered.

        Args:
            words: Its label.
            offered: What may be chosen.
            loc: The way to it.
            empty: What it means to choose none; without it one has to be chosen.
        """
        chosen = self.value(*loc) or ("" if empty else None)
        options = [""] * bool(empty) + list(offered)
        if chosen is not None and chosen not in options:
            options.append(chosen)
        with st.container(gap="xxsmall"):
            found = st.selectbox(
                words, options, index=None if chosen is None else options.index(chosen),
                key=self.name(*loc), placeholder="Choose one",
                format_func=lambda one: one or empty,
            )  # fmt: skip
            self.told(*loc)
        return found or None

    def number(self, words: str, most: float, *loc: int | str, begin: float = 0) -> float | None:
        """Draw a number from 0 on; `None` for 0, which says nothing."""
        held, whole = self.value(*loc), isinstance(most, int)
        kind = int if whole else float
        with st.container(gap="xxsmall"):
            found = st.number_input(
                words, kind(0), most, kind(begin if held is None else held),
                step=None if whole else 0.1, key=self.name(*loc),
            )  # fmt: skip
            self.told(*loc)
        return found or None

    def zone(self, words: str, *loc: int | str, begin: str) -> str:
        """Draw the choice of a time zone."""
        known = zones()
        start = str(self.value(*loc) or begin)
        chosen = st.selectbox(
            words, known, index=known.index(start) if start in known else known.index("UTC"),
            key=self.name(*loc),
        )  # fmt: skip
        return str(chosen)


@cache
def zones() -> list[str]:
    """All time zones there are."""
    return sorted(available_timezones())


def filled(given: Mapping[str, Any]) -> dict[str, Any]:
    """Without what was left empty."""
    return {name: value for name, value in given.items() if value not in (None, "", {}, [])}
