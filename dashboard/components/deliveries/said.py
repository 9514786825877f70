"""What a delivery said: the mail in a frame, its text, and the data it was filled with."""

import streamlit as st

from dashboard import settings
from dashboard.components.templates import preview
from dashboard.components.templates.preview import Head
from dashboard.reading.content import AsSent, Hidden, as_sent
from dashboard.reading.filling import Filler
from dashboard.reading.reports import Report
from dashboard.showing.safe import code, plain


@st.cache_resource(on_release=Filler.close)
def filler() -> Filler:
    """The one child process that fills for all of the console."""
    return Filler()


def show(report: Report, key: str) -> None:
    """Draw what was sent, or why it is not shown."""
    match as_sent(report, filler()):
        case Hidden(why):
            st.markdown(f":gray[:material/visibility_off: {plain(why)}]")
        case AsSent() as sent:
            _agreement(sent)
            _tabs(sent, key)


def _agreement(sent: AsSent) -> None:
    if sent.agrees is False:
        st.warning(
            "Filled again it says something else than what was sent: the hashes differ. The"
            " template or the renderer changed in place."
        )
    elif sent.agrees:
        st.markdown(":green-badge[:material/verified: Hash agrees with what was sent]")


def _tabs(sent: AsSent, key: str) -> None:
    content = sent.content
    names = ["Mail", "Text"] if content.html else ["Text"]
    tabs = dict(zip(names, st.tabs(names, key=f"{key}_tabs"), strict=True))
    if content.html:
        with tabs["Mail"]:
            look = preview.choose(key)
            sender = settings.delivery().mail_from
            preview.show(content.html, Head(content.subject, sender, sent.preheader), look, key)
    with tabs["Text"]:
        st.markdown(f"**{plain(content.subject)}**")
        st.code(content.text or "(no text)", language=None, wrap_lines=True)
        if content.url:
            st.caption(f"Leads to {code(content.url)}")
    if sent.context is not None:
        with st.expander("What it was filled with"):
            st.json(sent.context, expanded=2)
