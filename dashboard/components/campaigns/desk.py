"""The desk on which a campaign is written: taken up, kept at each change, settled with others'.

What is in the session besides the database is what cannot be kept: fields that are wrong, words
over which somebody else saved, and a new campaign until it has key, title and topic.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from dashboard.actions import NotAllowedError, RefusedError
from dashboard.changing import campaigning
from dashboard.changing.campaigning import StaleError
from dashboard.door import identity
from dashboard.showing.campaign_sheet import Sheet, canonical, is_kept, opened, refreshed, settled
from dashboard.showing.campaign_steps import begun, key_of
from models.records import Campaign

_SHEET, _REFUSED, _STEP = "campaign_sheet", "campaign_refused", "step"
_IN_URL = ("key", "title", "topic", "team", "audience")


def is_open() -> bool:
    """Whether the URL says that a campaign is being written."""
    return _STEP in st.query_params


def open_(key: str | None) -> None:
    """Draw the first step of a campaign; `None`: of a new one."""
    turn_to(key)
    st.rerun()


def turn_to(key: str | None) -> None:
    """The same, once the page is drawn anew."""
    st.session_state.pop(_SHEET, None)
    st.query_params.from_dict({_STEP: "what"} | ({"campaign": key} if key else {}))


def close() -> None:
    """Leave the steps; what was kept stays."""
    st.session_state.pop(_SHEET, None)
    for name in (_STEP, *_IN_URL):
        st.query_params.pop(name, None)


def sheet(there: Campaign | None) -> Sheet:
    """The sheet of a campaign, with what others saved since it was looked at last."""
    held: Sheet | None = st.session_state.get(_SHEET)
    if held is None or (held.base and held.base.key) != (there and there.key):
        held = opened(there, begun(st.query_params), 1 if held is None else held.put + 1)
    put(held := held if there is None else refreshed(held, there))
    return held


def put(sheet: Sheet) -> None:
    """Lay a sheet on the desk."""
    st.session_state[_SHEET] = sheet


def write(held: Sheet, document: Mapping[str, Any]) -> Sheet:
    """Take a document down, and keep it where there is a draft; the sheet as it is then."""
    held = replace(held, document=document)
    put(held)
    if held.base is None:
        st.query_params.update({name: str(document.get(name) or "") for name in _IN_URL})
    else:
        keep(held)
    found: Sheet = st.session_state[_SHEET]
    return found


def put_in(held: Sheet, document: Mapping[str, Any]) -> None:
    """Take down a document that does not come from the fields: they begin anew."""
    write(replace(held, put=held.put + 1), document)
    st.rerun()


def make(held: Sheet) -> bool:
    """Keep a new campaign for the first time; whether it is kept."""
    document = dict(held.document)
    document["key"] = document.get("key") or key_of(str(document.get("title", "")))
    put(held := replace(held, document=document))
    if canonical(held) is None:
        return False
    keep(held)
    made: Sheet = st.session_state[_SHEET]
    if made.base is None:
        return False
    for name in _IN_URL:
        st.query_params.pop(name, None)
    st.query_params["campaign"] = made.base.key
    return True


def settle(held: Sheet, theirs: Campaign | None) -> None:
    """Go on with what somebody else saved, or with what is on the sheet over it."""
    put(held := settled(held, theirs))
    keep(held)


def keep(held: Sheet) -> None:
    """Save what of a sheet can be kept, unless it is kept or not settled whose words go on."""
    document = canonical(held)
    if held.theirs or document is None or is_kept(held):
        return
    try:
        saved = campaigning.save(identity.current().person, document, held.revision)
    except StaleError as error:
        put(replace(held, theirs=error.theirs))
    except (RefusedError, NotAllowedError) as error:
        st.session_state[_REFUSED] = str(error)
    else:
        put(replace(held, base=saved))


def refused() -> str | None:
    """Why the last save was refused, once."""
    said: str | None = st.session_state.pop(_REFUSED, None)
    return said
