"""Pages of a list that is ordered by time and id: the place in it stands in the URL."""

from datetime import datetime
from uuid import UUID

import streamlit as st

from models.readings.deliveries import Position

PARAMETER = "before"
SIZE = 50


def written(position: Position) -> str:
    """A position as it stands in the URL."""
    return f"{position.at.isoformat()}_{position.id}"


def read(text: str | None) -> Position | None:
    """A position from the URL; `None`, the start, for anything else."""
    at, _, identifier = (text or "").rpartition("_")
    try:
        return Position(datetime.fromisoformat(at), UUID(identifier))
    except ValueError:
        return None


def current() -> Position | None:
    """Where in the list this page begins."""
    return read(st.query_params.get(PARAMETER))


def restart() -> None:
    """Go to the start, as when a filter changed."""
    st.query_params.pop(PARAMETER, None)


def _go(place: str) -> None:
    st.query_params[PARAMETER] = place


def controls(more_after: Position | None) -> None:
    """The buttons under a list.

    Args:
        more_after: The last line, when there are older ones.
    """
    buttons(None if more_after is None else written(more_after), begun=current() is not None)


def buttons(more_after: str | None, *, begun: bool) -> None:
    """The same for any list; its last line as it stands in the URL."""
    if not begun and more_after is None:
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("Newest", on_click=restart, disabled=not begun, icon=":material/first_page:")
        older = "Older"
        if more_after is None:
            st.button(older, disabled=True, icon=":material/chevron_right:")
        else:
            st.button(older, on_click=_go, args=(more_after,), icon=":material/chevron_right:")
