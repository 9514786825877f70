"""What a reviewer looks at: what would change, and what that would come to, by its kind."""

from collections.abc import Callable, Mapping

import streamlit as st

from dashboard.components.approvals import audience, template
from dashboard.components.campaigns import forecast
from dashboard.components.rules import simulation
from dashboard.components.rules.versions import changes
from dashboard.reading import campaigns
from dashboard.reading.approvals import previous
from dashboard.showing import asks
from dashboard.showing.safe import plain
from models.records import Approval, ApprovalKind
from models.states import ApprovalState


def show(one: Approval) -> None:
    """Draw it."""
    for told in asks.sentences(one):
        st.markdown(f":material/check: {plain(told)}")
    st.subheader("What would change", anchor=False)
    _BY_KIND.get(one.kind, _documents)(one)
    _since(one)


def _documents(one: Approval) -> None:
    before, after = asks.before_and_after(one)
    st.code(changes(dict(before), dict(after)), language="diff", wrap_lines=True)


def _rules(one: Approval) -> None:
    _documents(one)
    st.subheader("What it would have come to", anchor=False)
    simulation.show(asks.before_and_after(one)[1])


def _audience(one: Approval) -> None:
    _documents(one)
    audience.show(one)


def _campaign(one: Approval) -> None:
    if (line := campaigns.line(one.subject)) is not None:
        forecast.show(line.campaign)
    _documents(one)


_BY_KIND: Mapping[ApprovalKind, Callable[[Approval], None]] = {
    ApprovalKind.TEMPLATE: template.show,
    ApprovalKind.RULES: _rules,
    ApprovalKind.AUDIENCE: _audience,
    ApprovalKind.CAMPAIGN: _campaign,
}


def _since(one: Approval) -> None:
    """Draw what is other than what was asked before: what a reviewer saw already is left out."""
    earlier = previous(one)
    if earlier is None or earlier.state is ApprovalState.USED:
        return
    with st.expander(f"Changed since it was {earlier.state}", icon=":material/history:"):
        seen, now = asks.before_and_after(earlier)[1], asks.before_and_after(one)[1]
        st.code(changes(dict(seen), dict(now)), language="diff")
