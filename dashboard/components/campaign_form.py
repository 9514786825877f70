"""Writing a campaign: a form and its document as TOML; what it does, or its faults, beside it."""

import json
from typing import Any

import streamlit as st

from dashboard.changing import campaigning
from dashboard.components import campaign_fields, done
from dashboard.data import now
from dashboard.door import identity
from dashboard.showing.safe import plain
from delivery.campaigns.body import CampaignBody
from delivery.campaigns.document import CampaignError, Known, as_document, read_toml
from delivery.campaigns.sentences import sentences
from delivery.rulebook.writing import as_toml
from models.records import Campaign

_DRAFT, _BASE, _FILLED = "campaign_draft", "campaign_base", "campaign_filled"
_NEW = {"key": "my-campaign", "title": "My campaign", "topic": ""}


def is_open(key: str | None) -> bool:
    """Whether somebody is at this campaign, or (`None`) at a new one."""
    base: Campaign | None = st.session_state.get(_BASE)
    return _DRAFT in st.session_state and (base and base.key) == key


def open_on(campaign: Campaign | None) -> None:
    """Begin with a campaign's document; with an empty one for a new one."""
    st.session_state[_BASE] = campaign
    _put(dict(_NEW if campaign is None else campaign.document))
    st.rerun()


def open_copy(campaign: Campaign) -> None:
    """Begin a new campaign that says what another one does; its moment has passed, or is taken."""
    document = {name: value for name, value in campaign.document.items() if name != "schedule"}
    st.session_state[_BASE] = None
    _put(document | {"key": f"{campaign.key}-copy", "title": f"{campaign.title} (copy)"})
    st.query_params.clear()
    st.rerun()


def _put(document: dict[str, Any]) -> None:
    _fill(as_toml(document))


def _fill(text: str) -> None:
    st.session_state[_DRAFT] = text
    # In another widget, as the browser remembers what it wrote in one.
    st.session_state[_FILLED] = st.session_state.get(_FILLED, 0) + 1


def edit() -> None:
    """Draw the fields, the document, what it would do, and the way to save it."""
    known = campaigning.known()
    left, right = st.columns([3, 2], gap="medium")
    with left:
        text = _text()
        _fields(text, known)
    with right:
        body = _checked(text, known)
    _save(body)


def _text() -> str:
    key = f"campaign_text_{st.session_state.get(_FILLED, 0)}"
    st.session_state.setdefault(key, st.session_state[_DRAFT])
    with st.expander("As TOML"):
        text = str(st.text_area("Campaign, as TOML", height=320, key=key))
    if text != st.session_state[_DRAFT]:
        # The fields are filled anew: what they held would win against the text.
        _fill(text)
        st.rerun()
    return text


def _fields(text: str, known: Known) -> None:
    """The fields, where the text is TOML at all; what they change is put into it."""
    try:
        # TOML has moments of its own; the document writes them as words.
        document = json.loads(json.dumps(CampaignError.parse(text, "a campaign"), default=str))
    except CampaignError:
        st.caption("Mend the TOML first: the fields are filled from it.")
        return
    if not campaign_fields.fit(document):
        st.caption("The fields cannot show this: go on in TOML.")
        return
    turn, is_new = st.session_state[_FILLED], st.session_state[_BASE] is None
    changed = campaign_fields.ask(document, known, turn, is_new=is_new)
    if changed != document:
        _put(changed)
        st.rerun()


def _checked(text: str, known: Known) -> CampaignBody | None:
    """The campaign, when it can be read; what it does, or its faults, are told."""
    st.subheader("What it does", anchor=False)
    try:
        body = read_toml(text, known, now())
    except CampaignError as error:
        for fault in error.faults:
            st.error(plain(f"Line {fault.line}: {fault}" if fault.line else str(fault)))
        return None
    base: Campaign | None = st.session_state[_BASE]
    if base is not None and body.key != base.key:
        st.error("A campaign's key never changes: clone it to have one of another key.")
        return None
    for said in sentences(body):
        st.markdown(f":material/check: {plain(said)}")
    return body


def _save(body: CampaignBody | None) -> None:
    with st.container(horizontal=True, key="campaign_save"):
        save = st.button("Save draft", type="primary", disabled=body is None, key="campaign_keep",
                         shortcut="Mod+S")  # fmt: skip
        if st.button("Discard", key="campaign_discard"):
            _close()
            st.rerun()
    st.caption("Nobody gets anything before it is launched.")
    if save and body is not None:
        base: Campaign | None = st.session_state[_BASE]
        who, document = identity.current().person, as_document(body)

        def put() -> None:
            campaigning.save(who, document, None if base is None else base.revision)
            _close()
            st.query_params["campaign"] = body.key

        done.attempt(put, "Saved as a draft")


def _close() -> None:
    for key in (_DRAFT, _BASE):
        st.session_state.pop(key, None)
