"""What people will see: the mail on each device, in the dark, as text and as octets; cards."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import settings
from dashboard.components.templates import handset, preview
from dashboard.components.templates.preview import Head
from dashboard.reading.filling import Filled
from dashboard.showing import rawmail
from dashboard.showing.safe import code, plain
from delivery.errors import ComposingError
from delivery.publishing.checks.large import CLIPPED_OVER, TOLD_FROM

_TEXT, _RAW = "Text", "Raw"


def choose(template: str, channel: str) -> str:
    """The control that picks a view; of channels other than mail there is one, called as they."""
    if channel != "email":
        return channel
    views = [*preview.WIDTHS, _TEXT, _RAW]
    return preview.segmented("View", views, f"{template}_device")


def show(filled: Filled, context: Mapping[str, Any], view: str, key: str) -> None:
    """Draw one view of what a recipient would get."""
    content = filled.content
    if view == "sms":
        handset.message(content.text)
    elif view == "push":
        handset.notification(content)
    elif content.html is None:
        card(content.subject, content.text, content.url)
    elif view == _TEXT:
        st.code(content.text, language=None, wrap_lines=True, height=720)
    elif view == _RAW:
        _raw(filled, context)
    else:
        look = preview.look(key, view)
        head = Head(content.subject, settings.delivery().mail_from, filled.preheader)
        preview.show(content.html, head, look, key=f"preview_{key}")


def size(filled: Filled) -> str:
    """How large the HTML is, and what becomes of one that is too large; empty without HTML."""
    if filled.content.html is None:
        return ""
    kb = len(filled.content.html.encode()) / 1024
    said = f"{kb:.1f} KB of {CLIPPED_OVER} KB before Gmail clips it"
    return f":orange[:material/warning: {said}]" if kb >= TOLD_FROM else said


def _raw(filled: Filled, context: Mapping[str, Any]) -> None:
    try:
        octets = rawmail.raw(filled.content, context, settings.delivery().mail_from)
    except (ComposingError, ValueError) as error:
        st.error(plain(f"No mail can be made of it: {error}."))
        return
    st.code(octets, language=None, wrap_lines=True, height=720)
    st.caption("As it goes on the wire, before it is signed; ids and links are placeholders.")


def card(title: str, body: str, url: str | None) -> None:
    """An item as a feed shows it."""
    with st.container(border=True, key="card_item"):
        st.markdown(f":primary[:material/notifications:] **{plain(title)}**")
        st.text(body)
        if url:
            st.caption(f"Leads to {code(url)}")
