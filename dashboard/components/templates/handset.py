"""What a telephone shows: a text message in its parts, a push notification and what fits of it."""

import streamlit as st

from dashboard.showing.safe import code, plain
from delivery.messages import Content
from delivery.rendering.push import LARGEST, push
from delivery.rendering.sms import Sms, sms


def message(text: str) -> None:
    """Draw a text message, a bubble for each of its parts, and what it takes."""
    sent = sms(text)
    for number, part in enumerate(sent.parts):
        with st.container(border=True, key=f"card_bubble_{number}"):
            st.text(part)
    st.caption(plain(told(sent)))


def told(sent: Sms) -> str:
    """How a text message travels, in one line."""
    count = len(sent.parts)
    parts = "1 part" if count == 1 else f"{count} parts, each paid for"
    said = f"{parts} · {sent.units} units of {sent.alphabet.value}, room for {sent.room} more"
    because = f" · not GSM 03.38 because of {' '.join(sent.foreign)}" if sent.foreign else ""
    return said + because


def notification(content: Content) -> None:
    """Draw a push notification as it comes, and what is cut of it."""
    shown = push(content)
    if shown is None:
        st.error("Title and link alone are too large: devices would get nothing.")
        return
    with st.container(border=True, key="card_push"):
        st.markdown(f":primary[:material/smartphone:] **{plain(shown.title)}**")
        st.text(shown.body)
        if shown.url:
            st.caption(f"Leads to {code(shown.url)}")
    cut = f" · :orange[{shown.cut:,} characters are cut]" if shown.cut else ""
    st.caption(f"{shown.octets:,} of {LARGEST:,} octets{cut}")
