"""What would happen to somebody if an event of a topic came now: each step with its checks."""

import json

import streamlit as st

from dashboard import page
from dashboard.reading import cached, prospects
from dashboard.reading.prospects import Outlook
from dashboard.showing.safe import plain
from dashboard.showing.words import label, moment
from delivery.explain import Finding, Outcome, findings
from delivery.outlook import Prospect
from delivery.verdicts import Collect, HoldUntil, Keep

_COLOURS = {
    Outcome.KEPT: "green",
    Outcome.HELD: "blue",
    Outcome.COLLECTED: "blue",
}


def show(recipient: str) -> None:
    """Draw the choice of a topic, and what its event would become."""
    topics = cached.topics()
    if not topics:
        st.caption("There are no topics yet.")
        return
    st.caption("Decided by the same code that sends, over what is known this moment.")
    key = st.selectbox("Topic", sorted(topics), key="what_if_topic", width=360)
    found = prospects.outlook(recipient, str(key))
    if found is None:
        st.caption("There is no such topic any more.")
        return
    for prospect in found.prospects:
        _step(found, prospect)
    st.caption(f"As of {moment(found.at, page.zone())}, {page.zone()}. Nothing was sent.")


def _step(found: Outlook, prospect: Prospect) -> None:
    checks = findings(json.loads(prospect.trace))
    with st.container(border=True, key=f"card_what_if_{prospect.step.key}", gap="xxsmall"):
        channel = label(prospect.step.channel)
        if prospect.step.key in found.stopped:
            st.markdown(f":orange-badge[Held] **{channel}** A kill switch holds it for now.")
        st.markdown(f"{_badge(prospect)} **{channel}** {plain(_why(prospect, checks))}")
        with st.expander(f"{len(checks)} checks", key=f"what_if_{prospect.step.key}"):
            for check in checks:
                _check(check)


def _badge(prospect: Prospect) -> str:
    match prospect.verdict:
        case Keep():
            return ":green-badge[Would go now]"
        case HoldUntil():
            return ":blue-badge[Would wait]"
        case Collect():
            return ":blue-badge[Would be collected]"
        case _:
            return ":gray-badge[Would not go]"


def _why(prospect: Prospect, checks: tuple[Finding, ...]) -> str:
    last = checks[-1]
    if isinstance(prospect.verdict, Keep):
        return "Nothing holds it."
    until = f" Looked at again {moment(last.until, page.zone())}." if last.until else ""
    return f"{last.sentence}{until}"


def _check(check: Finding) -> None:
    colour = _COLOURS.get(check.outcome, "gray")
    note = f"  \n:small[:gray[{plain(check.note)}]]" if check.note else ""
    badge = f":{colour}-badge[{label(check.outcome)}]"
    st.markdown(f"{badge} **{plain(check.check)}** {plain(check.sentence)}{note}")
