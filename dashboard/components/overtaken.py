"""Telling somebody that another person saved first what they are writing."""

from datetime import datetime

import streamlit as st

from dashboard import page
from dashboard.showing.safe import plain
from dashboard.showing.words import moment


def tell(by: str, at: datetime, ways: str) -> None:
    """Draw who saved when, and what one may do now; nothing is lost by it."""
    st.warning(
        f"{plain(by)} saved this draft on {moment(at, page.zone())}, while you were writing."
        f" Nothing is overwritten: {ways}.",
        title="Somebody else saved first",
        icon=":material/call_split:",
    )
