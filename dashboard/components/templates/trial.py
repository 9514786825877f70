"""Sending what is drafted to oneself, and what became of it."""

import secrets
from uuid import UUID

import streamlit as st

from dashboard.access import Permission
from dashboard.changing import trials
from dashboard.changing.proposals import Proposed, proposal_of
from dashboard.changing.trials import NotAllowedError, RefusedError, Wanted
from dashboard.components.deliveries.said import filler
from dashboard.components.topics import tryout
from dashboard.door import identity
from dashboard.showing.safe import plain
from dashboard.showing.trials import carried
from models.records import UNDETERMINED, Topic

_ROW, _SENT = "trial_row", "trial_sent"


def button(template: str, team: str | None) -> None:
    """The way to the dialog, for whoever may send a test."""
    if not identity.may(Permission.TEST_SEND, team):
        return
    if st.button("Send a test…", icon=":material/send:", key="trial_open"):
        st.session_state.pop(_SENT, None)
        st.dialog("Send a test", width="medium")(_ask)(template)


def _ask(template: str) -> None:
    try:
        proposed = proposal_of(template)
    except RefusedError as error:
        st.error(plain(str(error)))
        return
    if not proposed.texts:
        st.info("There are no words yet: write some first.")
        return
    wanted = _wanted(template, proposed)
    st.caption(
        "The draft as it is saved, where there is one. It goes at once, to the allow-list and to"
        " people of this console alone, and is counted nowhere."
    )
    if proposed.there.head.channel == "email":
        st.caption(carried(_topic(proposed, wanted)))
    if st.button("Send", type="primary", icon=":material/send:", key="trial_now"):
        _send(wanted)
    if event := st.session_state.get(_SENT):
        tryout.outcome(event)


def _wanted(template: str, proposed: Proposed) -> Wanted:
    locales = sorted(proposed.texts, key=lambda locale: locale != proposed.there.head.locale)
    locale = str(
        st.selectbox(
            "Language",
            locales,
            key="trial_locale",
            format_func=lambda each: "No language" if each == UNDETERMINED else each,
        )
    )
    case = str(st.selectbox("Filled with", list(proposed.cases(locale)), key="trial_case"))
    me = identity.current().email
    to = me
    if proposed.there.head.channel == "email":
        to = str(st.text_input("To", value=me, key="trial_to", max_chars=320))
    # Drawn once for each try, so that two clicks are one message.
    row = st.session_state.setdefault(_ROW, UUID(bytes=secrets.token_bytes(16)))
    return Wanted(template, locale, case, to, row)


def _topic(proposed: Proposed, wanted: Wanted) -> Topic | None:
    case = proposed.cases(wanted.locale).get(wanted.case)
    return proposed.topic_of(case) if case else None


def _send(wanted: Wanted) -> None:
    try:
        event = trials.send(identity.current().person, wanted, filler())
    except (RefusedError, NotAllowedError) as error:
        st.error(plain(str(error)))
        return
    st.session_state[_SENT] = event
    del st.session_state[_ROW]
