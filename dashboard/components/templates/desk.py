"""The sheet somebody writes on: taken up, saved at each pause, and settled with what others saved.

The words are in the database a moment after they were typed. What is in the session besides is
what the database refused: words over which somebody else saved.
"""

from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from dashboard.changing import drafting
from dashboard.changing.drafting import NotAllowedError, StaleError
from dashboard.data import now
from dashboard.door import identity
from dashboard.showing.sheet import Sheet, opened, refreshed, written
from models.records import TemplateDraft, TemplateVersion

_REFUSED = "studio_refused"


def sheet(base: TemplateVersion, there: Mapping[str, TemplateDraft]) -> Sheet:
    """The sheet of a template in a locale, with what others saved since it was looked at last."""
    key = _key(base.template, base.locale)
    held: Sheet | None = st.session_state.get(key)
    draft = there.get(base.locale)
    if held is None:
        held = opened(base, draft)
    elif held.base != base and held.kept:
        held = opened(base, draft, held.put + 1)
    st.session_state[key] = held = refreshed(held, draft)
    return held


def write(held: Sheet, part: str, text: str) -> None:
    """Take down what was typed into a part, and save it."""
    keep(written(_now(held), part, text))


def keep(wanted: Sheet) -> None:
    """Save the words of a sheet, unless it is not settled whose words go on."""
    put(wanted)
    if wanted.theirs is None:
        _save(wanted)


def settle(held: Sheet, words: TemplateVersion | TemplateDraft | None) -> None:
    """Go on with these words, or with those of the sheet, over what somebody else saved."""
    held = _now(held)
    if words is not None:
        held = replace(held, words=words.words, put=held.put + 1)
    _save(held)


def put(held: Sheet) -> None:
    """Lay the sheet on the desk."""
    st.session_state[_key(held.base.template, held.base.locale)] = held


def refused() -> str | None:
    """Why the last save was refused for good, once."""
    said: str | None = st.session_state.pop(_REFUSED, None)
    return said


def _now(held: Sheet) -> Sheet:
    found: Sheet = st.session_state.get(_key(held.base.template, held.base.locale), held)
    return found


def _save(wanted: Sheet) -> None:
    if wanted.kept and wanted.theirs is None:
        return
    who = identity.current()
    try:
        saved = drafting.save(who.person, wanted.wanted(now(), who.email))
    except StaleError as error:
        put(replace(wanted, theirs=error.theirs))
    except NotAllowedError as error:
        st.session_state[_REFUSED] = str(error)
    else:
        put(replace(wanted, draft=saved, theirs=None))


def _key(template: str, locale: str) -> str:
    return f"sheet_{template}_{locale}"
