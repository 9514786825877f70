"""Reads that every open tab repeats: done once for all of them.

The range queries are renewed behind the page, so a tick never waits for them.
"""

import streamlit as st

from dashboard import data
from dashboard.figures import History, Queue
from dashboard.spans import Span
from models.readings.figures import WorkerSign
from models.records import Topic


@st.cache_data(ttl="4s", max_entries=1, show_spinner=False)
def queue() -> Queue:
    """The queue as it stood at most four seconds ago."""
    return data.queue()


@st.cache_data(ttl="8s", max_entries=len(Span), show_spinner=False, refresh_mode="background")
def counted(span: Span) -> History:
    """What was counted in a span."""
    return data.counted(span)


@st.cache_data(ttl="8s", max_entries=1, show_spinner=False)
def workers() -> list[WorkerSign]:
    """Workers of the last day."""
    return data.workers()


@st.cache_data(ttl="15s", max_entries=1, show_spinner=False)
def topics() -> dict[str, Topic]:
    """All topics by key."""
    return data.topics()
