"""Before a launch: what stands in its way, how many get it, and the button."""

import streamlit as st

from dashboard.actions import RefusedError
from dashboard.changing import campaigning, looking
from dashboard.components.approvals import asked
from dashboard.components.done import attempt
from dashboard.door import identity
from dashboard.reading import audiences
from dashboard.showing.safe import plain
from dashboard.showing.words import number
from delivery.campaigns.hindrances import Kind, Look, hindrances, without_approval
from models.records import ApprovalKind, Campaign

_BACK = "It can be taken back for a minute."


def show(one: Campaign) -> None:
    """Draw what stands in the way, and the button: disabled while anything does."""
    asked.show(ApprovalKind.CAMPAIGN, one.key, one.updated_at)
    with st.container(border=True, key="card_campaign_review"):
        st.subheader("Review", anchor=False)
        ask(one)


def ask(one: Campaign) -> None:
    """The same without its frame."""
    try:
        look = looking.look(identity.current(), one.key)
    except RefusedError as error:
        st.error(plain(str(error)))
        return
    if not look.faults:
        st.markdown(":material/check: Its topic, templates and audience are there and fit.")
    st.markdown(f":material/groups: {plain(_people(one))}")
    for each in hindrances(look):
        icon = "approval" if each.kind is Kind.APPROVAL else "block"
        st.markdown(f":material/{icon}: {plain(each.said)}")
    _launch(one, look)


def _people(one: Campaign) -> str:
    key = one.document.get("audience")
    if key is None:
        return f"{number(len(one.document.get('recipients', ())))} listed people"
    found = next((each for each in audiences.shown() if each.stored.key == key), None)
    if found is None or found.size is None:
        return f"Audience {key}, not counted yet: see the page Audiences"
    return f"Audience {key}: {number(found.size.members)} people when last counted"


def _launch(one: Campaign, look: Look) -> None:
    blocked, review = without_approval(look), look.review
    asks = review is not None and review.since is None
    note = ""
    if asks and not blocked:
        note = str(st.text_input("Note for who looks at it", key="campaign_note", max_chars=300))
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(
            "Ask for approval" if asks else "Launch",
            type="primary", icon=":material/rocket_launch:", key="campaign_launch",
            disabled=bool(blocked) or (review is not None and not asks),
        )  # fmt: skip
        st.caption(_reason(look), width="content")
    if pressed:
        who = identity.current().person
        attempt(
            lambda: campaigning.launch(who, one.key),
            f"{one.key} is launched",
            lambda: campaigning.ask(who, one.key, note),
        )


def _reason(look: Look) -> str:
    """What stands beside the button."""
    found = hindrances(look)
    return plain(found[0].said) if found else _BACK
