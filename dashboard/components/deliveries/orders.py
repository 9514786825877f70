"""What an operator orders about deliveries that left the queue: one in its drawer, or all shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st

from dashboard import actions, data
from dashboard.access import Permission
from dashboard.components import done
from dashboard.data import Selection, Wanted
from dashboard.door import identity
from dashboard.showing.safe import plain
from dashboard.showing.words import number
from models.readings.deliveries import Delivery
from models.reasons import Hold
from models.states import DEAD, DeliveryState, Resolution

_ASKED = "orders_asked"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing that may be ordered.

    Attributes:
        means: What will be true after, for one delivery or many.
        done: What is said after.
    """

    label: str
    icon: str
    means: str
    done: str


CHOICES: Mapping[Resolution, Choice] = {
    Resolution.SENT: Choice(
        "It was sent", ":material/mark_email_read:",
        "It is counted as sent and never goes again.", "Counted as sent",
    ),
    Resolution.AGAIN: Choice(
        "Send again", ":material/replay:",
        "It is due at once, with the same Message-ID; the gate decides anew, and may say no.",
        "Scheduled again",
    ),
    Resolution.CANCEL: Choice(
        "Cancel delivery", ":material/block:",
        "Whatever became of it, nothing more is done. It may be sent again later.", "Cancelled",
    ),
}  # fmt: skip


def choices(state: str, held_for: str | None) -> list[Resolution]:
    """What may be ordered about a delivery in this state."""
    if state == DeliveryState.IN_DOUBT:
        return list(Resolution)
    if held_for == Hold.DOUBT:
        return [Resolution.SENT, Resolution.CANCEL]
    return [Resolution.AGAIN] if state in DEAD else []


def of_one(delivery: Delivery) -> None:
    """Draw the buttons of one delivery's drawer, for those who may press them."""
    offered = choices(delivery.state, delivery.held_for)
    if not offered or not identity.may(Permission.INTERVENE):
        return
    with st.container(horizontal=True, gap="small", key="orders_of_one"):
        pressed = [each for each in offered if _button(CHOICES[each], f"one_{each}")]
    if not pressed:
        return
    who, (resolution,) = identity.current().person, pressed

    def order() -> None:
        if delivery.state in DEAD:
            actions.send_again(who, delivery.delivery_id)
        else:
            actions.resolve(who, delivery.delivery_id, resolution)

    done.attempt(order, CHOICES[resolution].done)


def _button(choice: Choice, key: str) -> bool:
    return st.button(choice.label, icon=choice.icon, help=choice.means, key=key)


def of_all(wanted: Wanted, offered: Sequence[Resolution]) -> None:
    """Draw the buttons above a list, which ask with a count before they act on all of it."""
    if not identity.may(Permission.INTERVENE):
        return
    with st.container(horizontal=True, gap="small", key="orders_of_all"):
        for each in offered:
            choice = CHOICES[each]
            if st.button(f"{choice.label}: all of these", icon=choice.icon, key=f"all_{each}"):
                # Once, when the dialog opens: what dies anew after that is not meant.
                st.session_state[_ASKED] = data.now()
                st.dialog(f"{choice.label}?")(_ask)(wanted, each)


def _ask(wanted: Wanted, resolution: Resolution) -> None:
    choice = CHOICES[resolution]
    selected = Selection(replace(wanted, before=None), st.session_state[_ASKED])
    try:
        count = data.selected(selected)
    except data.DatabaseError as error:
        st.error(f"{plain(str(error))}. Narrow the filters.")
        return
    least = "at least " if count == data.COUNTED_UP_TO else ""
    what = "delivery" if count == 1 else "deliveries"
    st.markdown(f"This changes **{least}{number(count)}** {what}. {choice.means}")
    st.caption("Each batch of 500 is audited. Stopping in between leaves the rest as it was.")
    if st.button(choice.label, type="primary", key="order_all", disabled=not count):
        _carry_out(selected, resolution, count)


def _carry_out(selected: Selection, resolution: Resolution, count: int) -> None:
    who, came, left = identity.current().person, 0, 0
    bar = st.progress(0.0, "Working")
    try:
        for came, left in actions.order_all(who, selected, resolution):
            bar.progress(min((came + left) / count, 1.0), f"{number(came)} of {number(count)}")
    except (actions.NotAllowedError, data.DatabaseError) as error:
        st.error(f"{plain(str(error))} {number(came)} were changed before that.")
        return
    kept = f", {number(left)} left as they are" if left else ""
    done.leave(f"{CHOICES[resolution].done}: {number(came)}{kept}")
