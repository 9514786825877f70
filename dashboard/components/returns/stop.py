"""What may be done with suppressions somebody chose: look at one, lift one or several."""

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from dashboard import data, page
from dashboard.access import Permission
from dashboard.actions import NotAllowedError, RefusedError
from dashboard.changing import stops, wishes
from dashboard.components import done
from dashboard.components.drawer import Drawer
from dashboard.door import identity
from dashboard.showing import stoplist
from dashboard.showing.safe import code, plain
from dashboard.showing.spans import Span
from dashboard.showing.words import label, moment, number
from delivery.consent.lifting import sentence
from models.readings.suppressions import SuppressionChange, SuppressionLine
from models.reasons import Skip
from models.states import DeliveryState


def bar(chosen: Sequence[SuppressionLine], now: datetime, table: str) -> None:
    """Draw the buttons under the list, and the drawer of the one that is open."""
    opened = None
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="stop_bar"):
        if not chosen:
            st.caption(f"Tick rows to see their history or to lift them. Times in {page.zone()}.")
        elif len(chosen) == 1 and st.button("History", icon=":material/history:", key="stop_open"):
            opened = stoplist.name_of(chosen[0].place)
        if chosen and identity.may(Permission.CHANGE_CONSENT):
            several = f"Lift {number(len(chosen))}" if len(chosen) > 1 else "Lift"
            if st.button(several, icon=":material/lock_open:", key="stop_lift"):
                st.dialog("Write there again?")(_ask)(chosen, now)
    drawer(opened, table)


def drawer(opened: str | None, table: str) -> None:
    """Open the drawer of the one that was chosen, or that the URL names."""
    Drawer("Suppression", stoplist.ONE, clicked=(table,)).show(_show, opened)


def _show(name: str) -> None:
    identity.demand(Permission.SEE)
    key = stoplist.named(name)
    found = None if key is None else stops.one(*key)
    if found is None:
        st.error("It is not there any more: somebody lifted it, or the link is cut short.")
        return
    (line, changes), now = found, data.now()
    personal = identity.may(Permission.SEE_PERSONAL)
    st.markdown(f"{code(stoplist.shown(line.address, personal=personal))}")
    what = plain(f"Stops {stoplist.scope(line.channel, line.category)}")
    st.markdown(f":red-badge[{plain(label(line.cause))}] {what}")
    if line.reason != line.cause:
        st.markdown(plain(line.reason))
    since = moment(line.created_at, page.zone())
    st.caption(plain(f"Said by {line.source}, {since}"))
    if line.expires_at is not None:
        st.markdown(f"**Ends** {moment(line.expires_at, page.zone())} ({stoplist.ends(line, now)})")
    st.markdown(stoplist.chance(line, now))
    st.subheader("If it were lifted now", anchor=False)
    st.markdown(plain(sentence(stops.would_send([line.place], now))))
    st.subheader("History of the address", anchor=False)
    for change in changes:
        _change(change)
    st.caption(f"Times in {page.zone()}")


def _change(change: SuppressionChange) -> None:
    what = f"{label(change.change)}, {stoplist.scope(change.channel, change.category)}"
    who = plain(f"{label(change.reason)}, {change.source}, {moment(change.at, page.zone())}")
    st.markdown(f"{plain(what)}  \n:small[:gray[{who}]]")


def _ask(chosen: Sequence[SuppressionLine], now: datetime) -> None:
    personal = identity.may(Permission.SEE_PERSONAL)
    named = ", ".join(code(stoplist.shown(line.address, personal=personal)) for line in chosen[:3])
    more = f" and {number(len(chosen) - 3)} more" if len(chosen) > 3 else ""  # noqa: PLR2004
    st.markdown(f"{named}{more}")
    st.markdown(plain(sentence(stops.would_send([line.place for line in chosen], now))))
    page.link(
        "dead_letters", "What was skipped may be sent again from Dead letters",
        {
            "state": [label(DeliveryState.SKIPPED)], "reason": [label(Skip.SUPPRESSED)],
            "since": [Span.WEEK.value],
        },
    )  # fmt: skip
    reason = st.text_input("Reason", key="stop_lift_reason", max_chars=300)
    if st.button("Lift", type="primary", key="stop_lift_now"):
        _lift(chosen, str(reason))


def _lift(chosen: Sequence[SuppressionLine], reason: str) -> None:
    who, lifted, refused = identity.current().person, 0, ""
    for line in chosen:
        try:
            wishes.lift(who, line.place, reason)
        except (RefusedError, NotAllowedError) as error:
            refused = str(error)
        else:
            lifted += 1
    if not lifted:
        st.error(plain(refused))
        return
    kept = f", {number(len(chosen) - lifted)} were lifted before" if refused else ""
    done.leave(f"Lifted: {number(lifted)}{kept}")
