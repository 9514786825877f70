"""Who gets a campaign: a saved audience or listed people, how many, and who is held out."""

from typing import Any

import streamlit as st

from dashboard.components.audiences import glance
from dashboard.components.campaigns.field import Form

_AUDIENCE, _LISTED = "A saved audience", "Listed people"
_MOST_HELD_OUT = 50.0


def ask(form: Form) -> dict[str, Any]:
    """Draw the fields; what they say."""
    listed = bool(form.value("recipients")) and not form.value("audience")
    kind = st.radio(
        "Goes to", [_AUDIENCE, _LISTED], index=int(listed), horizontal=True, key=form.name("to")
    )
    said: dict[str, Any] = {"audience": None, "recipients": []}
    if kind == _AUDIENCE:
        said["audience"] = _audience(form)
    else:
        said["recipients"] = _listed(form)
    said["holdout"] = form.number("Held out, per cent", _MOST_HELD_OUT, "holdout")
    st.caption("Who is held out gets nothing: what a campaign brings is measured by them.")
    return said


def _audience(form: Form) -> str | None:
    chosen = form.choice("Audience", sorted(form.known.audiences), "audience")
    if chosen in form.known.audiences:
        with st.container(border=True, gap="xxsmall"):
            glance.saved(str(chosen))
    return chosen


def _listed(form: Form) -> list[str]:
    held = form.value("recipients") or []
    text = st.text_area(
        "Recipients, one a line", "\n".join(map(str, held)), height=140, key=form.name("recipients")
    )
    form.told("recipients")
    form.told("audience")
    return [line.strip() for line in str(text).splitlines() if line.strip()]
