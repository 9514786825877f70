"""Scopes of reputation: tables of rates, one scope in detail, and the dialogs."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.changing import repute
from dashboard.changing.repute import ReputationReport
from dashboard.components import tables
from dashboard.components.done import attempt
from dashboard.components.drawer import Drawer
from dashboard.door import identity
from dashboard.page import Query
from dashboard.showing.safe import plain
from dashboard.showing.spans import Span
from dashboard.showing.words import duration, label
from delivery.reputation.scopes import Kind, rank, read_scope
from delivery.reputation.sentences import TRUSTS, WINDOWS, advice, named, said
from models.records import STOPPED, Level, Measure, Rate, Reputation, Trust, Window
from models.states import DeliveryState

COLOURS = {
    Trust.OK: "green",
    Trust.WATCH: "orange",
    Trust.TRIPPED: "red",
    Trust.PROBATION: "orange",
    Trust.HELD: "red",
}
LABELS = {
    Trust.OK: "Good",
    Trust.WATCH: "Watch",
    Trust.TRIPPED: "Paused",
    Trust.PROBATION: "On trial",
    Trust.HELD: "Held",
}


_HEADS = {
    Measure.BOUNCES: "Came back",
    Measure.COMPLAINTS: "Called spam",
    Measure.POLICY: "Refused us",
}

PARAMETER = "scope"
"""In the URL: the scope whose drawer is open."""


def may() -> bool:
    """Whether the one who looks may hold mail and let it go."""
    return identity.may(Permission.STOP)


def badge(one: Reputation) -> str:
    """Its state."""
    return f":{COLOURS[one.trust]}-badge[{LABELS[one.trust]}]"


def until(one: Reputation, at: datetime) -> str:
    """Since when it is so, and what comes next, in one line."""
    since = f"For {duration(at - one.since)}"
    match one.trust:
        case Trust.TRIPPED if one.until is not None:
            return f"{since}; a trial begins in {duration(one.until - at)}"
        case Trust.PROBATION if one.until is not None:
            return f"{since}; all of it goes in {duration(one.until - at)} if the rates stay good"
        case Trust.HELD:
            return f"{since}, by {one.set_by or 'nobody known'}, until somebody lets it go"
        case _:
            return since


def rates(report: ReputationReport, scopes: Sequence[Reputation], key: str, head: str) -> None:
    """A table of scopes, the widest first; clicking one opens its drawer."""
    scopes = sorted(scopes, key=lambda one: rank(one.scope))
    frame = pd.DataFrame(
        {
            "scope": [_short(one) for one in scopes],
            "state": [[LABELS[one.trust]] for one in scopes],
            "sent": [_day(one, Measure.BOUNCES).of for one in scopes],
            "bounces": [said(_day(one, Measure.BOUNCES), one.scope) for one in scopes],
            "complaints": [said(_day(one, Measure.COMPLAINTS), one.scope) for one in scopes],
            "policy": [said(_day(one, Measure.POLICY), one.scope) for one in scopes],
            "course": [report.hourly(one.scope) for one in scopes],
            "since": [one.since for one in scopes],
        },
        index=[one.scope for one in scopes],
    )
    columns = {
        "scope": st.column_config.TextColumn(head, width=150),
        "state": st.column_config.MultiselectColumn(
            "State", options=list(LABELS.values()), color=list(COLOURS.values()), width=88
        ),
        "sent": st.column_config.NumberColumn("Sent, 24 h", width=88, format="localized"),
        "bounces": st.column_config.TextColumn(_HEADS[Measure.BOUNCES], width=130),
        "complaints": st.column_config.TextColumn(_HEADS[Measure.COMPLAINTS], width=150),
        "policy": st.column_config.TextColumn(_HEADS[Measure.POLICY], width=130),
        "course": st.column_config.LineChartColumn(
            "Came back, by hour", width=140, y_min=0, y_max=0.1
        ),
        "since": tables.moments("Since", page.zone()),
    }
    alt = f"{head}: what came back in 24 hours"
    tables.opening(frame, columns, f"rates_of_{key}", alt, PARAMETER)


def _short(one: Reputation) -> str:
    scope = read_scope(one.scope)
    if scope.kind is Kind.DOMAIN:
        return "all receivers"
    return scope.destination if scope.kind is Kind.DESTINATION else named(one.scope)


def _day(one: Reputation, measure: Measure) -> Rate:
    """Its rate of 24 hours; of a scope that nobody judged yet, that of nothing."""
    found = (r for r in one.rates if (r.measure, r.window) == (measure, Window.DAY))
    nothing = Rate(measure, Window.DAY, 0, 0, 0.0, 1.0, 1.0, Level.OK, heard=False)
    return next(found, nothing)


def drawer(report: ReputationReport) -> None:
    """Open the drawer of the scope that was clicked, or that the URL names."""
    Drawer("Reputation", PARAMETER, width=720).show(lambda name: _show(report, name))


def _show(report: ReputationReport, name: str) -> None:
    """One scope: every rate against our line, what to do, and what is behind it."""
    identity.demand(Permission.SEE)
    one = next((each for each in report.scopes if each.scope == name), None)
    if one is None:
        st.error(f"Nothing is known of {plain(name)}: nothing was sent there in a week.")
        return
    st.markdown(f"{badge(one)} **{plain(named(one.scope))}** {TRUSTS[one.trust]}")
    st.caption(plain(f"{until(one, report.at)}. {one.why}"))
    _rates(one)
    if one.trust is not Trust.OK and one.rates:
        st.markdown(f":material/build: {plain(advice(one.rates))}")
    page.link("deliveries", "What came back", _behind(one), icon=":material/arrow_forward:")
    if may() and one.trust in {Trust.OK, Trust.WATCH}:
        st.subheader("Hold promotional mail", anchor=False)
        ask_hold(one.scope)


def _rates(one: Reputation) -> None:
    order = {measure: place for place, measure in enumerate(Measure)}
    windows = {window: place for place, window in enumerate(Window)}
    found = sorted(one.rates, key=lambda rate: (order[rate.measure], windows[rate.window]))
    frame = pd.DataFrame(
        {
            "measure": [_HEADS[rate.measure] for rate in found],
            "window": [WINDOWS[rate.window] for rate in found],
            "counted": [f"{rate.hits} of {rate.of}" for rate in found],
            "rate": [said(rate, one.scope) for rate in found],
            "bar": [min(rate.floor / rate.trip, 1.0) for rate in found],
            "line": [f"{rate.trip:.2%}" for rate in found],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        column_config={
            "measure": st.column_config.TextColumn("Rate", width=100),
            "window": st.column_config.TextColumn("In", width=90),
            "counted": st.column_config.TextColumn("Counted", width=110),
            "rate": st.column_config.TextColumn("Share", width=140),
            "bar": st.column_config.ProgressColumn(
                "Of our line, at least", min_value=0, max_value=1, format="percent", width=150
            ),
            "line": st.column_config.TextColumn("Our line", width=80),
        },
        alt="Rates of this scope against our lines, by window",
    )


def _behind(one: Reputation) -> Query:
    scope = read_scope(one.scope)
    asked = {"state": [label(DeliveryState.BOUNCED)], "since": [Span.DAY.value]}
    return {**asked, "topic": [scope.key]} if scope.kind is Kind.TOPIC else asked


def buttons(one: Reputation) -> None:
    """Hold or let go, where the one who looks may."""
    if not may():
        return
    stopped = one.trust in {*STOPPED, Trust.PROBATION}
    if stopped and st.button("Let it go", key=f"lift_{one.scope}"):
        st.dialog("Let promotional mail go again?")(_ask_lift)(one)
    if one.trust is not Trust.HELD and st.button("Hold", key=f"hold_{one.scope}"):
        st.dialog("Hold promotional mail?")(ask_hold)(one.scope)


def ask_hold(scope: str = "") -> None:
    """Ask what is to be held, and why."""
    name = scope or str(
        st.text_input("Scope", key="hold_scope", placeholder="topic:offers", max_chars=300)
    )
    st.markdown(
        "Promotional mail there waits until somebody lets it go. Transactional and critical mail"
        " goes on."
    )
    reason = st.text_input("Reason", key="hold_reason", max_chars=300)
    if st.button("Hold it", type="primary", key="hold_now"):
        who = identity.current().person
        attempt(lambda: repute.hold(who, name, str(reason)), f"{name} is held")


def _ask_lift(one: Reputation) -> None:
    st.markdown(
        f"Promotional mail of **{plain(named(one.scope))}** goes at once and in full. What was"
        " counted until now counts no more; new trouble pauses it again."
    )
    reason = st.text_input("Reason", key="lift_reason", max_chars=300)
    if st.button("Let it go", type="primary", key="lift_now"):
        who = identity.current().person
        attempt(lambda: repute.lift(who, one.scope, str(reason)), f"{one.scope} may go again")
