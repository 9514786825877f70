"""What one may do with a campaign, as buttons: started, taken back, paused, cancelled, cloned."""

from collections.abc import Callable, Collection
from functools import partial

import streamlit as st

from dashboard.access import Permission
from dashboard.changing import campaigning
from dashboard.components.campaigns import desk, review
from dashboard.components.done import attempt
from dashboard.door import identity
from dashboard.reading import campaigns as reading
from dashboard.reading.campaigns import Line
from dashboard.showing.campaigns import Order, orders
from dashboard.showing.safe import plain
from dashboard.showing.words import number
from models.records import Campaign

_NEEDS = {
    Order.START: Permission.LAUNCH_CAMPAIGNS, Order.UNDO: Permission.LAUNCH_CAMPAIGNS,
    Order.CLONE: Permission.EDIT_CAMPAIGNS,
}  # fmt: skip
_ICONS = {
    Order.START: ":material/rocket_launch:", Order.UNDO: ":material/undo:",
    Order.PAUSE: ":material/pause:", Order.RESUME: ":material/play_arrow:",
    Order.CANCEL: ":material/cancel:", Order.CLONE: ":material/content_copy:",
}  # fmt: skip
_WORDS = {
    Order.START: "Start", Order.UNDO: "Take back", Order.PAUSE: "Pause", Order.RESUME: "Resume",
    Order.CANCEL: "Cancel", Order.CLONE: "Clone",
}  # fmt: skip


def show(line: Line, but: Collection[Order] = ()) -> None:
    """Draw the buttons that fit how it stands and who looks, without those that stand elsewhere."""
    one = line.campaign
    for order in orders(one, line.runs):
        if order in but or not identity.may(_NEEDS.get(order, Permission.STOP_CAMPAIGNS), one.team):
            continue
        told = f"{_WORDS[order]} {plain(one.title)}"
        if st.button(
            _WORDS[order], icon=_ICONS[order], key=f"campaign_{order}_{one.key}", help=told
        ):
            _DO[order](one)


def _start(one: Campaign) -> None:
    st.dialog(f"Start {plain(one.title)}?", width="medium")(review.ask)(one)


def _clone(one: Campaign) -> None:
    who = identity.current().person

    def clone() -> None:
        desk.turn_to(campaigning.clone(who, one.key))

    attempt(clone, f"A draft that says what {one.key} says")


def _undo(one: Campaign) -> None:
    who, key = identity.current().person, one.key
    attempt(lambda: campaigning.undo(who, key), f"{key} is taken back: nobody got anything of it")


def _resume(one: Campaign) -> None:
    who, key = identity.current().person, one.key
    attempt(lambda: campaigning.resume(who, key), f"{key} goes on")


def _pause(one: Campaign) -> None:
    st.dialog(f"Pause {plain(one.key)}?")(_ask_pause)(one.key)


def _ask_pause(key: str) -> None:
    st.markdown("Within a second every worker holds what is left of it. It can go on later.")
    _ask("Pause", partial(campaigning.pause, identity.current().person, key), f"{key} is paused")


def _cancel(one: Campaign) -> None:
    st.dialog(f"Cancel {plain(one.key)} for good?")(_ask_cancel)(one.key)


def _ask_cancel(key: str) -> None:
    waits = reading.waiting(key)
    st.markdown(f"**{number(waits)}** waiting messages are cancelled. What was sent stays sent.")
    st.caption("It cannot be taken back. Whom no message was written for yet gets none either.")
    order = partial(campaigning.cancel, identity.current().person, key)
    _ask("Cancel it for good", order, f"{key} is cancelled")


def _ask(words: str, order: Callable[[str], None], done: str) -> None:
    why = str(st.text_input("Reason", key="campaign_why", max_chars=300))
    if st.button(words, type="primary", key="campaign_now", shortcut="Mod+Enter"):
        attempt(lambda: order(why), done)


_DO: dict[Order, Callable[[Campaign], None]] = {
    Order.START: _start, Order.UNDO: _undo, Order.PAUSE: _pause, Order.RESUME: _resume,
    Order.CANCEL: _cancel, Order.CLONE: _clone,
}  # fmt: skip
