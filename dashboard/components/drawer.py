"""Drawers at the right side of a page: the URL names what is open until it is closed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import streamlit as st

from dashboard.components import tables


@dataclass(frozen=True, slots=True)
class Drawer:
    """One kind of drawer.

    Attributes:
        parameter: In the URL: names what is open.
        width: In pixels.
        clicked: Keys of the tables it is opened from, which forget what was chosen as it closes.
    """

    title: str
    parameter: str
    width: int = 620
    clicked: Iterable[str] = ()

    def show(self, draw: Callable[[str], None], chosen: str | None = None) -> None:
        """Open it on what somebody chose, or on what the URL names; draw nothing without either."""
        if chosen is not None:
            st.query_params[self.parameter] = chosen
        named = st.query_params.get(self.parameter)
        if named:
            opened = st.dialog(
                self.title, position="right", width=self.width, on_dismiss=self._close
            )
            opened(draw)(named)

    def _close(self) -> None:
        st.query_params.pop(self.parameter, None)
        for table in self.clicked:
            tables.let_go(table)
