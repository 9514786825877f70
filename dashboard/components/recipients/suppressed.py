"""The suppressions of an address: what is stopped, by whom, until when, and how that changed."""

from datetime import timedelta

import streamlit as st

from dashboard import data, page
from dashboard.access import Permission
from dashboard.changing import wishes
from dashboard.components.done import attempt
from dashboard.door import identity
from dashboard.showing.safe import code, plain
from dashboard.showing.words import label, masked, moment
from models.readings.consent import Consent
from models.readings.recipients import AddressLine
from models.readings.suppressions import SuppressionChange, SuppressionLine
from models.records import EVERY, Block, Place

_LISTED = 8
"""Changes that are shown."""
_FOR_GOOD = "Until it is lifted"
_LENGTHS = {_FOR_GOOD: None, "30 days": 30, "90 days": 90, "A year": 365}


def show(line: AddressLine, consent: Consent) -> None:
    """Draw what stands against an address."""
    said = [one for one in consent.suppressions if one.address == line.address]
    for block in line.blocks:
        _block(line, block, [one for one in said if _is(one, block)])


def _is(one: SuppressionLine, block: Block) -> bool:
    return (one.channel, one.category) == (block.channel, block.category)


def _block(line: AddressLine, block: Block, said: list[SuppressionLine]) -> None:
    until = block.until
    ends = f"until {moment(until, page.zone())}" if until else "until somebody lifts it"
    by = f", said by {plain(said[0].source)}" if said else ""
    what = plain(f"{scope(block.channel, block.category)}: {label(block.reason)}")
    key = f"{line.channel}_{line.address}_{block.mark}"
    with st.container(horizontal=True, gap="small", key=f"suppressed_{key}"):
        st.markdown(f":red-badge[Suppressed] :small[{what}{by}, {ends}]", width="stretch")
        if identity.may(Permission.CHANGE_CONSENT) and st.button("Lift", key=f"lift_{key}"):
            place = Place(block.channel, line.address, block.category)
            st.dialog("Write there again?")(_ask_lift)(place)


def scope(channel: str, category: str) -> str:
    """What a suppression stops, as people say it."""
    where = "every channel" if channel == EVERY else label(channel)
    return where if category == EVERY else f"{where}, only {category}"


def _ask_lift(place: Place) -> None:
    st.caption("What was skipped meanwhile is not sent by that: see Dead letters.")
    reason = st.text_input("Reason", key="suppressed_lift_reason", max_chars=300)
    if st.button("Lift", type="primary", key="suppressed_lift"):
        who = identity.current().person
        attempt(lambda: wishes.lift(who, place, str(reason)), "It may be written to again")


def add(lines: tuple[AddressLine, ...]) -> None:
    """Draw the button that suppresses one of these addresses."""
    if not lines or not identity.may(Permission.CHANGE_CONSENT):
        return
    if st.button("Suppress an address", icon=":material/block:", key="suppressed_add"):
        st.dialog("Send nothing there")(_ask)(lines)


def _ask(lines: tuple[AddressLine, ...]) -> None:
    personal = identity.may(Permission.SEE_PERSONAL)
    names = [one.address if personal else masked(one.address) for one in lines]
    number = st.selectbox(
        "Address", range(len(lines)), format_func=lambda place: names[place], key="suppressed_which"
    )
    topics = {topic.category for topic in data.topics().values()}
    category = st.selectbox(
        "What",
        [EVERY, *sorted(topics)],
        format_func=lambda key: "Everything" if key == EVERY else f"Only {key}",
        key="suppressed_category",
    )
    length = st.selectbox("How long", list(_LENGTHS), key="suppressed_length")
    reason = st.text_input("Reason", key="suppressed_reason", max_chars=300)
    if st.button("Suppress", type="primary", key="suppressed_now"):
        line, days = lines[int(number or 0)], _LENGTHS[str(length)]
        until = None if days is None else data.now() + timedelta(days=days)
        place = Place(line.channel, line.address, str(category))
        who = identity.current().person
        attempt(lambda: wishes.suppress(who, place, str(reason), until), "Suppressed")


def history(consent: Consent, *, personal: bool) -> None:
    """Draw how the suppressions of somebody's addresses changed."""
    if consent.suppression_changes:
        with st.expander("Who suppressed and lifted"):
            for change in consent.suppression_changes[:_LISTED]:
                _change(change, personal=personal)


def _change(change: SuppressionChange, *, personal: bool) -> None:
    address = change.address if personal else masked(change.address)
    what = plain(f"{label(change.change)}, {scope(change.channel, change.category)}")
    who = plain(f"{change.reason}, {change.source}, {moment(change.at, page.zone())}")
    st.markdown(f"{code(address)} {what}  \n:small[:gray[{who}]]")
