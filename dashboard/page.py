"""A page of the console: what every view says about itself, and the parts all pages share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.access import Permission
from dashboard.showing.safe import plain

Query = Mapping[str, Sequence[str]]
"""What a page is asked for: the names and values of its URL's parameters."""

_PAGES = "tidings_pages"
_HERE = "tidings_here"


@dataclass(frozen=True, slots=True)
class Page:
    """What the navigation needs to know of a view.

    Attributes:
        key: Its path in the URL.
        icon: Of Material Symbols, which the console serves itself.
        section: The heading it stands under; empty for none.
        needs: Without this permission the page is not there.
    """

    key: str
    title: str
    icon: str
    section: str
    needs: Permission
    summary: str
    render: Callable[[], None]


def bookmark() -> None:
    """Tell the browser where it is.

    After a link to the page one is on, the browser keeps the old address, and whatever it sends
    next would lead back to it.
    """
    here = {name: st.query_params.get_all(name) for name in st.query_params}
    if st.session_state.get(_HERE, here) != here:
        st.query_params.update()
    st.session_state[_HERE] = here


def remember(pages: Mapping[str, object]) -> None:
    """Keep the pages of this person, for links between them."""
    st.session_state[_PAGES] = dict(pages)


def header(title: str, subtitle: str) -> DeltaGenerator:
    """The head of a page.

    Returns:
        The place for what stands at its right.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="page_header"):
        with st.container(gap="xxsmall"):
            st.title(plain(title), anchor=False)
            st.caption(plain(subtitle))
        return st.container(
            horizontal=True,
            horizontal_alignment="right",
            vertical_alignment="center",
            width="content",
            gap="small",
        )


def link(key: str, text: str, query: Query | None = None, icon: str = "") -> None:
    """A link to another page; plain text for people who have no such page."""
    pages = st.session_state.get(_PAGES, {})
    if key in pages:
        st.page_link(
            pages[key], label=plain(text), icon=icon or None, query_params=dict(query or {})
        )
    else:
        st.markdown(plain(text))


def go(key: str, query: Query) -> None:
    """Go to another page, as a link does; stay for people who have no such page."""
    pages = st.session_state.get(_PAGES, {})
    if key in pages:
        st.switch_page(pages[key], query_params=dict(query))


def empty(title: str, what_next: str, command: str = "") -> None:
    """What stands where there is nothing yet: what to do next."""
    with st.container(border=True, key=f"card_empty_{title}", horizontal_alignment="center"):
        st.space("small")
        st.markdown(f"**{plain(title)}**", text_alignment="center")
        st.caption(plain(what_next), text_alignment="center")
        if command:
            st.code(command, language="bash", width="content")
        st.space("small")


def zone() -> ZoneInfo:
    """The viewer's time zone, UTC when the browser does not say."""
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
