"""Reputation: how we fare with receivers, what is paused for it, and new domains growing."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.changing import repute
from dashboard.changing.repute import ReputationReport
from dashboard.components import done
from dashboard.components.returns import repute as parts
from dashboard.page import Page
from dashboard.showing.safe import plain
from dashboard.showing.words import duration, number
from delivery.reputation.scopes import Kind, read_scope
from delivery.reputation.sentences import advice, named
from delivery.roads.pacing import ceiling, warm_up_plan
from models.records import Reputation

_KINDS = frozenset({Kind.DOMAIN, Kind.DESTINATION})


def render() -> None:
    """Draw the page."""
    with page.header("Reputation", "Rates against the lines of receivers, and pauses at half"):
        if parts.may() and st.button("Hold something", icon=":material/front_hand:"):
            st.dialog("Hold promotional mail?", icon=":material/front_hand:")(parts.ask_hold)()
    done.told()
    report = repute.report()
    _paused(report)
    readable = [one for one in report.scopes if _is_scope(one.scope)]
    if not readable:
        page.empty(
            "Nothing was counted in a week",
            "Mail that was sent shows here within a minute, while a worker runs.",
            "tidings reputation",
        )
    _domains(report, readable)
    _others(report, readable)
    _looked(report)
    _warm_ups(report)
    parts.drawer(report)


def _is_scope(name: str) -> bool:
    try:
        read_scope(name)
    except ValueError:
        return False
    return True


def _paused(report: ReputationReport) -> None:
    if not report.paused:
        return
    with st.container(border=True, key="card_paused"):
        for one in report.paused:
            with st.container(horizontal=True, vertical_alignment="center"):
                with st.container(gap=None):
                    st.markdown(
                        f"{parts.badge(one)} **{plain(named(one.scope))}** {plain(one.why)}"
                    )
                    st.caption(plain(parts.until(one, report.at)))
                parts.buttons(one)
        for do in dict.fromkeys(advice(one.rates) for one in report.paused if one.rates):
            st.markdown(f":material/build: {plain(do)}")


def _domains(report: ReputationReport, readable: Sequence[Reputation]) -> None:
    scopes = [one for one in readable if read_scope(one.scope).kind in _KINDS]
    for domain in sorted({read_scope(one.scope).key for one in scopes}):
        st.subheader(plain(domain), anchor=False)
        mine = [one for one in scopes if read_scope(one.scope).key == domain]
        parts.rates(report, mine, domain, "Receiver")


def _others(report: ReputationReport, readable: Sequence[Reputation]) -> None:
    scopes = [one for one in readable if read_scope(one.scope).kind not in _KINDS]
    if scopes:
        st.subheader("Topics, campaigns and accounts", anchor=False)
        parts.rates(report, scopes, "others", "Scope")


def _looked(report: ReputationReport) -> None:
    if looked := [one.judged_at for one in report.scopes if one.judged_at]:
        ago = duration(report.at - max(looked))
        st.caption(
            f"Shares of 24 hours, as of {ago} ago; an hour and a week trip too. Click a row for"
            f" all of them and what to do. Times in {page.zone()}."
        )


def _warm_ups(report: ReputationReport) -> None:
    if not report.warm_ups:
        return
    st.subheader("Warm-up", anchor=False)
    for domain, first in report.warm_ups.items():
        today = report.at.date()
        most, used = ceiling(first, today), report.used.get(domain, 0)
        told = "warm" if most is None else f"{number(used)} of {number(most)} today (UTC)"
        st.markdown(f"**{plain(domain)}** since {first:%d %b %Y}: {told}")
        if most is not None:
            st.progress(min(used / most, 1.0))
            plan = warm_up_plan(first, today)
            frame = pd.DataFrame(plan, columns=["day", "most"])
            st.bar_chart(
                frame, x="day", y="most", x_label="Day (UTC)", y_label="Most mails", height=160,
                alt=f"What {domain} may send on each day until it is warm",
            )  # fmt: skip


PAGE = Page(
    key="reputation",
    title="Reputation",
    icon=":material/thumbs_up_down:",
    section="Watch",
    needs=Permission.SEE,
    summary="What receivers hold against us, what is paused for it, and new domains growing.",
    render=render,
)
