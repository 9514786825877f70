"""Before a launch: what is checked, how many get it, whether somebody else has to look; the way."""

from dataclasses import dataclass

import streamlit as st

from dashboard.access import Permission
from dashboard.changing import campaigning
from dashboard.components import asked
from dashboard.components.done import attempt
from dashboard.door import identity
from dashboard.reading import audiences
from dashboard.showing.safe import plain
from dashboard.showing.words import number
from delivery.blame import DocumentError
from models.records import ApprovalKind, Campaign

_BACK = "It can be taken back for a minute."


@dataclass(frozen=True, slots=True)
class _Checked:
    """What was found.

    Attributes:
        faults: Why it cannot be launched as it is.
        waits: Somebody else has to look first.
    """

    faults: tuple[str, ...]
    waits: bool = False


def show(one: Campaign) -> None:
    """Draw the checks, and the button: disabled with the reason beside it."""
    found = _checked(one)
    asked.show(ApprovalKind.CAMPAIGN, one.key, one.updated_at)
    with st.container(border=True, key="card_campaign_review"):
        st.subheader("Review", anchor=False)
        for fault in found.faults:
            st.error(plain(fault))
        if not found.faults:
            st.markdown(":material/check: Its topic, templates and audience are there and fit.")
        st.markdown(f":material/groups: {plain(_people(one))}")
        if found.waits:
            st.markdown(":material/approval: Somebody else has to look at it before it goes.")
        _launch(one, found)


def _checked(one: Campaign) -> _Checked:
    try:
        return _Checked((), campaigning.needs_approval(identity.current(), one.key))
    except DocumentError as error:
        return _Checked(tuple(str(fault) for fault in error.faults))


def _people(one: Campaign) -> str:
    key = one.document.get("audience")
    if key is None:
        return f"{number(len(one.document.get('recipients', ())))} listed people"
    found = next((each for each in audiences.shown() if each.stored.key == key), None)
    if found is None or found.size is None:
        return f"Audience {key}, not counted yet: see the page Audiences"
    return f"Audience {key}: {number(found.size.members)} people when last counted"


def _launch(one: Campaign, found: _Checked) -> None:
    if not identity.may(Permission.LAUNCH_CAMPAIGNS, one.team):
        st.caption("You may not launch it: somebody with the role author can.")
        return
    note = ""
    if found.waits:
        note = str(st.text_input("Note for who looks at it", key="campaign_note", max_chars=300))
    reason = "Mend what is wrong first." if found.faults else _BACK
    words = "Ask for approval or launch" if found.waits else "Launch"
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            words, type="primary", icon=":material/rocket_launch:", key="campaign_launch",
            disabled=bool(found.faults),
        )  # fmt: skip
        st.caption(reason, width="content")
    if pressed:
        who = identity.current().person
        attempt(
            lambda: campaigning.launch(who, one.key),
            f"{one.key} is launched",
            lambda: campaigning.ask(who, one.key, note),
        )
