"""Stopping and letting go: each in a dialog that says what will be true after."""

from collections.abc import Callable

import streamlit as st

from dashboard import data
from dashboard.access import Permission
from dashboard.changing import switching
from dashboard.components.done import attempt
from dashboard.door import identity
from dashboard.showing.safe import plain
from delivery.roads.switches import Scope
from models.records import Class, Switch

_MEANS = {
    Scope.ALL: "Nothing goes any more, critical news and in-app included.",
    Scope.CLASS: "Nothing of this class goes any more.",
    Scope.TOPIC: "Nothing of this topic goes any more, also if it is critical.",
    Scope.CAMPAIGN: "Nothing of this campaign goes any more.",
    Scope.CHANNEL: "Only critical news goes over this channel.",
    Scope.ACCOUNT: "Other accounts carry its messages; where there is none, they are held.",
}


def may() -> bool:
    """Whether the one who looks may stop something."""
    return identity.may(Permission.STOP)


def ask() -> None:
    """Ask what is to be stopped, and why."""
    scope = Scope(str(st.selectbox("What", list(Scope), format_func=str, key="stop_scope")))
    key = "" if scope is Scope.ALL else _key(scope)
    st.markdown(_MEANS[scope])
    _set(f"{scope}:{key}" if key else str(scope), "Stop it", "Stopped")


def _key(scope: Scope) -> str:
    known: dict[Scope, Callable[[], list[str]]] = {
        Scope.CLASS: lambda: list(Class),
        Scope.TOPIC: lambda: sorted(data.topics()),
        Scope.ACCOUNT: lambda: [one.key for one in data.traffic().accounts],
        Scope.CHANNEL: lambda: sorted(
            {step.channel for topic in data.topics().values() for step in topic.steps}
        ),
    }
    if scope not in known:
        return str(st.text_input("Key", key="stop_key", max_chars=200)).strip()
    chosen = st.selectbox("Which", known[scope](), key=f"stop_{scope}")
    return str(chosen or "")


def pause(account: str) -> None:
    """Ask why an account is to be paused."""
    st.markdown(_MEANS[Scope.ACCOUNT])
    _set(f"account:{account}", "Pause", f"{account} is paused")


def _set(name: str, label: str, done: str) -> None:
    reason = st.text_input("Reason", key="stop_reason", max_chars=300)
    st.caption("What it covers is held, not lost, and goes again when the switch is lifted.")
    if st.button(label, type="primary", key="stop_now"):
        who = identity.current().person
        attempt(
            lambda: switching.set_(who, name, str(reason)),
            done,
            lambda: switching.ask_to_set(who, name, str(reason)),
        )


def lift(switch: Switch) -> None:
    """Ask whether a switch is to be lifted."""
    st.markdown(f"**{plain(switch.name)}** may go again, at once: {plain(switch.reason)}")
    who, name = identity.current().person, switch.name
    waits = switching.needs_approval(identity.current(), name)
    why = str(st.text_input("Why", key="lift_why", max_chars=300)) if waits else ""
    if st.button("Ask for approval" if waits else "Lift", type="primary", key="lift_now"):
        attempt(
            lambda: switching.lift(who, name),
            f"{name} may go again",
            lambda: switching.ask_to_lift(who, name, why),
        )
