"""What became of an ask, where its author works: that it waits, what a reviewer wants, its end."""

from collections.abc import Callable
from datetime import datetime

import streamlit as st

from dashboard import page
from dashboard.reading import approvals
from dashboard.showing import asks
from dashboard.showing.safe import plain
from dashboard.showing.words import moment
from delivery.approving import standing
from models.records import Approval, ApprovalKind
from models.states import ApprovalState

_TOLD = {
    ApprovalState.WAITING: "It waits for somebody else to look at it.",
    ApprovalState.APPROVED: "It was approved: let it take effect.",
    ApprovalState.RETURNED: "A reviewer wants something else.",
    ApprovalState.EXPIRED: "It was approved and not used in time: ask again.",
}
_OVERTAKEN = {
    ApprovalState.WAITING: "It was changed since approval was asked for: what is asked cannot take"
    " effect any more.",
    ApprovalState.APPROVED: "It was changed since it was approved: what it says now was approved"
    " by nobody.",
}


def show(
    kind: ApprovalKind,
    subject: str,
    since: datetime | None = None,
    fits: Callable[[Approval], bool] = lambda _: True,
    again: Callable[[], None] = lambda: None,
) -> None:
    """Draw how the last ask for a subject stands, with what was said of it last.

    Args:
        kind: What was asked.
        subject: What it is about.
        since: When the subject was changed last: what was settled before is of no more interest.
        fits: Whether what was asked is what would take effect now.
        again: Draws the way to ask for what would, where it is not that.
    """
    found = approvals.last(kind, subject)
    if found is None:
        return
    one, state = found.approval, standing(found.approval, found.now)
    outdated = since is not None and one.settled_at is not None and one.settled_at < since
    if state not in _TOLD or outdated:
        return
    overtaken = state in _OVERTAKEN and not fits(one)
    with st.container(border=True, key="card_asked", gap="xxsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(_stands(state, overtaken=overtaken), width="stretch")
            if overtaken:
                again()
            page.link("approvals", "Open", {"approval": [str(one.approval)]})
        for remark in found.said[-1:]:
            who = f"{found.names.get(remark.person, 'somebody')}, {moment(remark.at, page.zone())}"
            st.markdown(f"{plain(remark.words)}  \n:small[:gray[{plain(who)}]]")


def _stands(state: ApprovalState, *, overtaken: bool) -> str:
    if overtaken:
        return f"{asks.BADGES[ApprovalState.VOID]} {_OVERTAKEN[state]}"
    return f"{asks.BADGES[state]} {_TOLD[state]}"
