"""The filters above the list of deliveries. Each is in the URL, by the words people read."""

from collections.abc import Iterable
from enum import StrEnum

import streamlit as st

from dashboard import data
from dashboard.data import Wanted
from dashboard.reading import cached
from dashboard.showing import paging
from dashboard.showing.asked import CLASSES, REASONS, STATES, TOLD, of_campaign
from dashboard.showing.spans import EVER, LENGTHS, Span
from dashboard.showing.words import label
from models.readings.deliveries import OfCampaign
from models.readings.returns import Facets
from models.states import DeliveryState


def choose() -> Wanted:
    """Draw the filters, and say what they ask for."""
    channels = {label(code): code for code in channels_known()}
    with st.container(horizontal=True, vertical_alignment="center", key="filters", gap="small"):
        recipient = _recipient()
        states = _states()
        reason = one_of("Any reason", "reason", list(REASONS), 175)
        topic = one_of("Any topic", "topic", sorted(cached.topics()), 165)
        channel = one_of("Any channel", "channel", list(channels), 140)
        since = _since()
        with st.popover("More", icon=":material/tune:"):
            more = road()
            told = one_of("Anything noticed", "told", list(TOLD), 250)
            of = _of_campaign()
    return Wanted(
        states=frozenset(STATES[name] for name in states if name in STATES),
        reason=REASONS.get(reason or ""),
        channel=channels.get(channel or ""),
        topic=topic,
        recipient=recipient or None,
        klass=more.klass,
        provider=more.provider,
        destination=more.destination,
        kind=TOLD.get(told or ""),
        of=of,
        since=None if since is None else data.now() - LENGTHS[since],
        before=paging.current(),
        limit=paging.SIZE + 1,
    )


def _of_campaign() -> OfCampaign | None:
    """A campaign, and where one is chosen a part of it: a run, a step, a variant."""
    campaign = one_known("Any campaign", "of_campaign", cached.campaigns(), 250)
    if campaign is None:
        return None
    parts = cached.campaign_parts(campaign)
    run = one_known("Any run", "of_run", parts.runs, 250)
    step = one_known("Any of its steps", "of_step", parts.steps, 250)
    variant = one_known("Any variant", "of_variant", parts.variants, 250)
    return of_campaign(campaign, run or "", step or "", variant or "")


def road(prefix: str = "") -> Facets:
    """Draw what chooses a class, a provider and a destination, and say what is chosen.

    Args:
        prefix: Of the names in the URL. Two pages of which one leads to the other need different
            ones: Streamlit takes the names of the page one leaves out of the URL.
    """
    known = cached.known_facets()
    klass = one_of("Any class", f"{prefix}class", list(CLASSES), 150)
    provider = one_known("Any provider", f"{prefix}provider", known["provider"], 150)
    destination = one_known("Any destination", f"{prefix}destination", known["destination"], 165)
    return Facets(klass=CLASSES.get(klass or ""), provider=provider, destination=destination)


def narrow(states: Iterable[DeliveryState], reasons: Iterable[StrEnum], since: str) -> Wanted:
    """The same for a list of these states alone.

    Args:
        states: Which are shown unless one is chosen.
        reasons: Which may be chosen.
        since: The period unless one is chosen; of the words in the URL.
    """
    offered = {label(state): state for state in states}
    channels = {label(code): code for code in channels_known()}
    named = {label(reason): reason for reason in reasons}
    with st.container(horizontal=True, vertical_alignment="center", key="filters", gap="small"):
        recipient = _recipient()
        state = one_of("Any state", "state", list(offered), 140) if len(offered) > 1 else None
        reason = one_of("Any reason", "reason", list(named), 175)
        topic = one_of("Any topic", "topic", sorted(cached.topics()), 165)
        channel = one_of("Any channel", "channel", list(channels), 140)
        span = _since(since)
    return Wanted(
        states=frozenset([offered[state]] if state in offered else offered.values()),
        reason=named.get(reason or ""),
        channel=channels.get(channel or ""),
        topic=topic,
        recipient=recipient or None,
        since=None if span is None else data.now() - LENGTHS[span],
        before=paging.current(),
        limit=paging.SIZE + 1,
    )


def channels_known() -> list[str]:
    """The channels that topics use."""
    return sorted({step.channel for topic in cached.topics().values() for step in topic.steps})


def one_of(title: str, key: str, options: list[str], width: int) -> str | None:
    """A choice of one or none; `key` is its name in the URL."""
    return st.selectbox(
        title,
        options,
        index=None,
        key=key,
        bind="query-params",
        placeholder=title,
        on_change=paging.restart,
        label_visibility="collapsed",
        width=width,
    )


def one_known(title: str, key: str, known: list[str], width: int) -> str | None:
    """The same among values that come and go: one that the URL names stays, known or not."""
    asked = st.query_params.get(key)
    more = [] if asked is None or asked in known else [asked]
    return one_of(title, key, [*known, *more], width)


def text(title: str, key: str, width: int) -> str:
    """A text to look for; `key` is its name in the URL."""
    return st.text_input(
        title,
        key=key,
        bind="query-params",
        placeholder=title,
        type="search",
        on_change=paging.restart,
        label_visibility="collapsed",
        width=width,
    )


def _recipient() -> str:
    return text("Recipient's id", "recipient", 165)


def _states() -> list[str]:
    return st.multiselect(
        "State",
        list(STATES),
        key="state",
        bind="query-params",
        placeholder="Any state",
        on_change=paging.restart,
        label_visibility="collapsed",
        width=210,
    )


def _since(default: str = Span.DAY.value) -> Span | None:
    chosen = st.segmented_control(
        "Created within",
        [*(span.value for span in Span), EVER],
        default=default,
        required=True,
        key="since",
        bind="query-params",
        on_change=paging.restart,
        label_visibility="collapsed",
    )
    return next((span for span in Span if span == chosen), None)
