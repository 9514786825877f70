"""One ask in a drawer: what would change, what was said, and what one may do about it."""

import streamlit as st

from dashboard import page
from dashboard.changing import deciding
from dashboard.changing.approving import LONGEST
from dashboard.changing.enacting import ENACTED, enact
from dashboard.components import done
from dashboard.components.approvals import reviewed
from dashboard.door import identity
from dashboard.reading.approvals import Board, Line
from dashboard.showing import asks
from dashboard.showing.safe import plain
from dashboard.showing.words import moment
from delivery.approving import standing
from delivery.approving.titles import title
from models.records import Approval, ApprovalKind, Decision, Remark
from models.states import UNSETTLED, ApprovalState

_PLACES = {
    ApprovalKind.TEMPLATE: "templates",
    ApprovalKind.AUDIENCE: "audiences",
    ApprovalKind.CAMPAIGN: "campaigns",
}
"""Where what was approved is published that the drawer itself cannot let take effect."""
_SAID = {Decision.APPROVED: ":green-badge[Approved]", Decision.RETURNED: ":red-badge[Returned]"}


def show(line: Line, board: Board) -> None:
    """Draw it."""
    one = line.approval
    st.markdown(heading(one, board))
    st.caption(about(one, board))
    st.markdown(f"*{plain(one.note)}*")
    reviewed.show(one)
    _thread(line, board)
    _actions(line, board)


def heading(one: Approval, board: Board) -> str:
    """What would take effect, and how it stands."""
    return f"**{plain(title(one.kind, one.subject))}** {asks.BADGES[standing(one, board.now)]}"


def about(one: Approval, board: Board) -> str:
    """Who asked, when, and whom it reaches."""
    who = board.names.get(one.requested_by, "somebody")
    told = [who, *asks.facts(one), moment(one.requested_at, page.zone())]
    return plain(" · ".join(told))


def _thread(line: Line, board: Board) -> None:
    if line.said:
        st.subheader("Said of it", anchor=False)
    for remark in line.said:
        st.markdown(_remark(remark, board))
    if line.said:
        st.caption(f"Times in {page.zone()}")


def _remark(remark: Remark, board: Board) -> str:
    badge = _SAID[remark.decision] + " " if remark.decision else ""
    who = f"{board.names.get(remark.person, 'somebody')}, {moment(remark.at, page.zone())}"
    return f"{badge}{plain(remark.words)}  \n:small[:gray[{plain(who)}]]"


def _actions(line: Line, board: Board) -> None:
    state, who = standing(line.approval, board.now), identity.current().person
    if state == ApprovalState.WAITING and (line.mine or line.able):
        words = str(st.text_area("Comment", key="ask_words", max_chars=LONGEST, height=80))
        with st.container(horizontal=True, key="ask_buttons"):
            _decide(line, words)
    if state == ApprovalState.APPROVED:
        _effect(line.approval)
    if line.mine and state in UNSETTLED:
        ident = line.approval.approval
        if st.button("Withdraw", key="ask_withdraw", icon=":material/undo:", type="tertiary"):
            done.attempt(lambda: deciding.withdraw(who, ident), "Withdrawn")


def _decide(line: Line, words: str) -> None:
    who, ident = identity.current().person, line.approval.approval
    if line.waits_for_me:
        if st.button("Approve", type="primary", icon=":material/check:", key="ask_approve"):
            told = "Approved: who asked was told"
            done.attempt(lambda: _say(Decision.APPROVED, line, words), told)
        if st.button("Return", key="ask_return", help="With a comment: what is to be changed"):
            told = "Returned: who asked was told"
            done.attempt(lambda: _say(Decision.RETURNED, line, words), told)
    if st.button("Comment", key="ask_comment"):
        done.attempt(lambda: deciding.comment(who, ident, words), "Said")
    if line.able and line.objection:
        st.caption(plain(line.objection))


def _say(decision: Decision, line: Line, words: str) -> None:
    deciding.decide(identity.current().person, line.approval.approval, decision, words)


def _effect(approval: Approval) -> None:
    who = identity.current().person
    if approval.expires_at is not None:
        st.caption(f"Can take effect until {moment(approval.expires_at, page.zone())}.")
    if approval.kind not in ENACTED:
        place = "topics" if asks.says_the_same(approval) else _PLACES[approval.kind]
        page.link(place, "Let it take effect there", icon=":material/arrow_forward:")
    elif st.button("Let it take effect", type="primary", key="ask_enact"):
        done.attempt(lambda: enact(who, approval), "Done: it is in force")
