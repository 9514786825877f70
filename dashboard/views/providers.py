"""Providers: the accounts and how they fare, what bounds them, and the kill switches."""

from urllib.parse import urlsplit

import streamlit as st

from dashboard import data, page, settings
from dashboard.access import Permission
from dashboard.components import done
from dashboard.components.deliveries import stopping
from dashboard.page import Page
from dashboard.reading.reports import TrafficReport
from dashboard.showing.safe import code, plain
from dashboard.showing.words import duration, label, number
from delivery.roads.pacing import allowed
from models.records import Account, BreakerState, Switch

_BADGES = {
    BreakerState.CLOSED: ":green-badge[Works]",
    BreakerState.OPEN: ":red-badge[Rests]",
    BreakerState.HALF_OPEN: ":orange-badge[Probing]",
}


def render() -> None:
    """Draw the page."""
    with page.header("Providers", "Accounts and how they fare, and what is stopped for now"):
        if stopping.may() and st.button("Stop something", icon=":material/front_hand:"):
            st.dialog("Stop something", icon=":material/front_hand:")(stopping.ask)()
    done.told()
    report = data.traffic()
    _switches(report)
    st.subheader("Accounts", anchor=False)
    if not report.accounts:
        page.empty(
            "No account is named", "TIDINGS_SMTP_URL is used, or the local mailbox.",
            "tidings accounts add main smtp://user:password@mail.example.com",
        )  # fmt: skip
    for account in sorted(report.accounts, key=_rank):
        _account(report, account)


def _switches(report: TrafficReport) -> None:
    st.subheader("Kill switches", anchor=False)
    if not report.switches:
        st.caption("Nothing is stopped.")
    for switch in report.switches:
        _switch(report, switch)


def _switch(report: TrafficReport, switch: Switch) -> None:
    with st.container(
        border=True, key=f"card_{switch.name}", horizontal=True, vertical_alignment="center"
    ):
        with st.container(gap="xxsmall"):
            since = duration(report.at - switch.set_at)
            st.markdown(f":red-badge[Stopped] **{plain(switch.name)}** {plain(switch.reason)}")
            st.caption(f"{code(switch.set_by)} {since} ago")
        if stopping.may() and st.button("Lift", key=f"lift_{switch.name}"):
            st.dialog("Let it go again?")(stopping.lift)(switch)


def _rank(account: Account) -> tuple[bool, str, int, str]:
    """In the order in which accounts of a channel are used; those that are not, last."""
    return not account.enabled, account.channel, -account.priority, account.key


def _account(report: TrafficReport, account: Account) -> None:
    with st.container(
        border=True, key=f"card_{account.key}", horizontal=True, vertical_alignment="center"
    ):
        with st.container(gap="xxsmall"):
            st.markdown(f"**{plain(account.key)}** {_badge(report, account)}")
            host = code(urlsplit(account.url).hostname or "?")
            share = f"priority {account.priority}, weight {account.weight}"
            st.caption(f"{host} carries {label(account.channel)}, {share}{_price(account)}")
            for line in _bounds(report, account):
                st.caption(line)
        paused = f"account:{account.key}" in {switch.name for switch in report.switches}
        may = stopping.may() and account.enabled and not paused
        if may and st.button("Pause", key=f"pause_{account.key}"):
            st.dialog(f"Pause {plain(account.key)}?")(stopping.pause)(account.key)


def _price(account: Account) -> str:
    if account.price is None:
        return ""
    currency = settings.delivery().currency
    return f", {account.price.normalize():f} {currency} for {number(1000)}"


def _badge(report: TrafficReport, account: Account) -> str:
    if not account.enabled:
        return ":gray-badge[Disabled]"
    if f"account:{account.key}" in {switch.name for switch in report.switches}:
        return ":red-badge[Paused]"
    breaker = report.breakers.get(account.key)
    return _BADGES[BreakerState.CLOSED if breaker is None else breaker.state]


def _bounds(report: TrafficReport, account: Account) -> list[str]:
    limits = [
        f"At most {number(one.per_minute)} a minute to {plain(one.destination)}"
        for one in report.limits
        if one.account == account.key
    ]
    lessons = [
        f"Slowed down to {number(left)} a minute to {plain(one.destination)}:"
        f" {plain(one.last_error or '')}"
        for one in report.lessons
        if one.account == account.key and (left := allowed(one, report.at)) is not None
    ]
    breaker = report.breakers.get(account.key)
    errors = []
    if breaker is not None and breaker.last_error and breaker.last_error_at:
        ago = duration(report.at - breaker.last_error_at)
        errors = [f"Last error, {ago} ago: {plain(breaker.last_error)}"]
    return [*limits, *lessons, *errors]


PAGE = Page(
    key="providers",
    title="Providers",
    icon=":material/alt_route:",
    section="Watch",
    needs=Permission.SEE_SETTINGS,
    summary="Accounts and how they fare, what bounds them, and what is stopped for now.",
    render=render,
)
