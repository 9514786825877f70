"""Reads that every open tab repeats: done once for all of them.

The range queries are renewed behind the page, so a tick never waits for them.
"""

import streamlit as st

from dashboard import data
from dashboard.reading import (
    audiences,
    campaign_report as reports,
    campaigns as campaigns_told,
    returns,
    templates,
)
from dashboard.reading.audiences import Glance
from dashboard.reading.campaign_report import Report
from dashboard.reading.campaigns import Parts
from dashboard.reading.returns import Returned
from dashboard.showing.figures import History, Queue, Signs
from dashboard.showing.spans import Span
from delivery.campaigns.noise import Noise
from delivery.templates.translations import Lack
from models.readings.returns import Facets
from models.records import Topic


@st.cache_data(ttl="4s", max_entries=1, show_spinner=False, refresh_mode="background")
def queue() -> Queue:
    """The queue as it stood a few seconds ago."""
    return data.queue()


@st.cache_data(ttl="8s", max_entries=1, show_spinner=False, refresh_mode="background")
def _last_hour() -> History:
    return data.counted(Span.HOUR)


@st.cache_data(ttl="1m", max_entries=len(Span), show_spinner=False, refresh_mode="background")
def _longer(span: Span) -> History:
    return data.counted(span)


def counted(span: Span) -> History:
    """What was counted in a span; a long one moves slowly and costs more."""
    return _last_hour() if span is Span.HOUR else _longer(span)


@st.cache_data(ttl="8s", max_entries=1, show_spinner=False)
def signs() -> Signs:
    """What tells of trouble besides the counts."""
    return data.signs()


@st.cache_data(ttl="15s", max_entries=1, show_spinner=False)
def topics() -> dict[str, Topic]:
    """All topics by key."""
    return data.topics()


@st.cache_data(ttl="15s", max_entries=1, show_spinner=False)
def campaigns() -> list[str]:
    """The keys of all campaigns."""
    return campaigns_told.keys()


@st.cache_data(ttl="15s", max_entries=50, show_spinner=False)
def campaign_parts(key: str) -> Parts:
    """The runs, steps and variants of a campaign."""
    return campaigns_told.parts(key)


@st.cache_data(ttl="5s", max_entries=50, show_spinner=False)
def campaign_report(key: str) -> Report | None:
    """What became of a campaign."""
    return reports.told(key)


@st.cache_data(ttl="10m", max_entries=50, show_spinner=False)
def campaign_noise(key: str) -> Noise | None:
    """What the people of its last run got besides; it reads what many people got."""
    return reports.noise_of(key)


@st.cache_data(ttl="20s", max_entries=50, show_spinner=False)
def returned(span: Span, facets: Facets) -> Returned:
    """What came back in a span."""
    return returns.returned(span, facets)


@st.cache_data(ttl="1m", max_entries=1, show_spinner=False)
def known_facets() -> dict[str, list[str]]:
    """The providers and destinations of the last days."""
    return returns.known_facets()


@st.cache_data(ttl="10m", max_entries=50, show_spinner=False)
def lacking(template: str) -> list[Lack]:
    """The languages that a template does not speak, and how many people read them."""
    return templates.lacking(template)


@st.cache_data(ttl="20s", max_entries=50, show_spinner=False)
def glance(audience: str) -> Glance:
    """Who belongs to a saved audience, at a glance.

    Raises:
        AudienceError: It cannot be read.
        DatabaseError: It takes too long.
    """
    return audiences.glance(audiences.saved(audience))
