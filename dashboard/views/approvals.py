"""Approvals: what waits for somebody else to look at it, and what became of the rest."""

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.components import done
from dashboard.components.approvals import ask, thresholds
from dashboard.components.drawer import Drawer
from dashboard.door import identity
from dashboard.page import Page
from dashboard.reading import approvals
from dashboard.reading.approvals import Board, Line
from dashboard.showing.safe import plain
from dashboard.showing.words import number

_ONE = "approval"
_WIDTH = 760


def render() -> None:
    """Draw the page."""
    page.header("Approvals", "What takes effect after somebody else looked at it")
    done.told()
    board = approvals.board(identity.current())
    waiting = sum(line.waits_for_me for line in board.open)
    queue = f"For you ({number(waiting)})" if waiting else "Queue"
    names = (queue, "Yours", "Decided", "What needs approval")
    tabs = st.tabs(names, key="approvals_tabs", on_change="rerun")
    mine = [line for line in board.lines if line.mine]
    shown: Sequence[Callable[[], None]] = (
        lambda: _list(board.open, board, "Nothing waits", "queue"),
        lambda: _list(mine, board, "You asked for nothing", "mine"),
        lambda: _list(board.settled, board, "Nothing was decided yet", "decided"),
        thresholds.show,
    )
    for tab, draw in zip(tabs, shown, strict=True):
        if tab.open:
            with tab:
                draw()
    _drawer(board)


def _list(lines: Sequence[Line], board: Board, nothing: str, place: str) -> None:
    if not lines:
        page.empty(nothing, "What needs approval stands in the last tab; it is asked for in place.")
    for line in lines:
        _card(line, board, place)
    if lines:
        st.caption(f"Times in {page.zone()}")


def _card(line: Line, board: Board, place: str) -> None:
    one = line.approval
    with st.container(
        border=True, key=f"card_{place}_{one.approval}", horizontal=True,
        vertical_alignment="center",
    ):  # fmt: skip
        with st.container(gap="xxsmall"):
            st.markdown(ask.heading(one, board))
            st.caption(f"{ask.about(one, board)}  \n{plain(one.note)}")
        key = f"open_{place}_{one.approval}"
        if line.waits_for_me:
            opened = st.button("Review", type="primary", key=key)
        else:
            opened = st.button("Open", key=key)
        if opened:
            st.query_params[_ONE] = str(one.approval)


def _drawer(board: Board) -> None:
    shown = Drawer("What is asked", _ONE, width=_WIDTH)
    shown.show(lambda asked: _show(asked, board))


def _show(asked: str, board: Board) -> None:
    found = next((line for line in board.lines if str(line.approval.approval) == asked), None)
    if found is None:
        st.error("It is not here: it was settled long ago, or the link is cut short.")
        return
    ask.show(found, board)


PAGE = Page(
    key="approvals",
    title="Approvals",
    icon=":material/approval:",
    section="Govern",
    needs=Permission.SEE_TEMPLATES,
    summary="What waits for somebody else to look at it, what they said, and what needs approval.",
    render=render,
)
