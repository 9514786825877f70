"""Writing a campaign step by step, with what it does so far beside it; or as TOML."""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

import streamlit as st

from dashboard.changing import looking
from dashboard.components.campaigns import clash, desk, forecast, how, rail, review, what, when, who
from dashboard.components.campaigns.field import Form
from dashboard.data import now
from dashboard.showing.campaign_sheet import Sheet, canonical
from dashboard.showing.campaign_steps import Step, after, before, named, plainly, step_of
from dashboard.showing.safe import plain
from delivery.blame import Said
from delivery.campaigns.document import (
    CampaignError,
    as_document,
    contradictions,
    formed,
    misread,
)
from delivery.rulebook.writing import as_toml
from models.records import Campaign
from models.records.campaigns import Known

_CHOSEN, _TRIED = "campaign_step", "campaign_tried"


def edit(there: Campaign | None) -> None:
    """Draw the step that the URL names of a campaign; `None`: of a new one."""
    sheet = desk.sheet(there)
    if said := desk.refused():
        st.error(plain(f"{said} What you wrote last is not saved."))
    if sheet.theirs:
        clash.show(sheet, sheet.theirs)
        return
    known = looking.known(sheet.document)
    faults = _faults(sheet, known)
    step = _step(sheet, faults)
    left, right = st.columns([5, 3], gap="medium")
    with left:
        then = _written(sheet, step, Form(sheet.document, known, sheet.put, faults))
        _ways(then, step)
        _toml(then)
    with right:
        rail.show(then, faults)
    if then is not sheet:
        # Last of all, or whoever types and goes on at once would stay where they are.
        st.rerun()


def _faults(sheet: Sheet, known: Known) -> list[Said]:
    """What has no right form; besides, what a draft lacks or contradicts.

    Nothing is missed in a new one before somebody wants to go on.
    """
    wrong = plainly(misread(sheet.document))
    if sheet.base is None:
        return wrong if _TRIED in st.session_state else []
    document = canonical(sheet)
    lacks = [] if document is None else contradictions(formed(document), known, now())
    return [*wrong, *lacks]


def _step(sheet: Sheet, faults: list[Said]) -> Step:
    """Draw the steps; the one that is chosen. A new campaign has the first one alone."""
    step = Step.WHAT if sheet.base is None else named(st.query_params.get("step"))
    wrong = {step_of(loc) for loc, _ in faults}
    chosen = st.segmented_control(
        "Step", list(Step), default=step, required=True, key=f"{_CHOSEN}_{step}",
        format_func=lambda one: f"{one} ●" if one in wrong else str(one),
        label_visibility="collapsed", disabled=sheet.base is None, width="stretch",
    )  # fmt: skip
    if chosen is not step:
        _turn_to(chosen)
        st.rerun()
    return step


def _turn_to(step: Step) -> None:
    st.query_params["step"] = step.lower()


def _written(sheet: Sheet, step: Step, form: Form) -> Sheet:
    """Draw the fields of a step; the sheet with what they change taken down."""
    with st.container(border=True, gap="small", key=f"card_campaign_{step}"):
        said = _asked(sheet, step, form)
    changed = {
        name: value
        for name, value in {**sheet.document, **said}.items()
        if value not in (None, {}, [])
    }
    return sheet if changed == dict(sheet.document) else desk.write(sheet, changed)


def _asked(sheet: Sheet, step: Step, form: Form) -> Mapping[str, Any]:
    match step:
        case Step.WHAT:
            return what.ask(form, is_new=sheet.base is None)
        case Step.WHO:
            return who.ask(form)
        case Step.WHEN:
            return when.ask(form)
        case Step.HOW:
            return how.ask(
                form,
                lambda name, rows: desk.put_in(sheet, {**sheet.document, name: rows}),
            )
        case Step.REVIEW:
            _review(sheet)
    return {}


def _review(sheet: Sheet) -> None:
    if sheet.base is not None:
        review.show(sheet.base)
        forecast.show(sheet.base)


def _ways(sheet: Sheet, step: Step) -> None:
    """Back and next."""
    with st.container(horizontal=True, key="campaign_ways"):
        if step is not Step.WHAT and st.button(
            "Back", icon=":material/arrow_back:", key="campaign_back", shortcut="Mod+Shift+Enter"
        ):
            _turn_to(before(step))
            st.rerun()
        if step is not Step.REVIEW and st.button(
            "Next", icon=":material/arrow_forward:", type="primary", key="campaign_next",
            shortcut="Mod+Enter",
        ):  # fmt: skip
            _next(sheet, step)


def _next(sheet: Sheet, step: Step) -> None:
    """Go on, unless a field of this step cannot be kept as it is."""
    if sheet.base is None:
        st.session_state[_TRIED] = True
        if desk.make(sheet):
            st.session_state.pop(_TRIED)
            _turn_to(after(step))
        st.rerun()
    wrong = {step_of(loc) for loc, _ in misread(sheet.document)}
    if step in wrong:
        st.error("Mend what is marked first: it is not kept as it is.")
        return
    _turn_to(after(step))
    st.rerun()


def _toml(sheet: Sheet) -> None:
    """The document as TOML; what is written there is taken down where it has the right form."""
    kept = as_toml(canonical(sheet) or sheet.document)
    key = f"campaign_text_{crc32(kept.encode())}"  # another text, another field
    with st.expander("As TOML"):
        text = str(st.text_area("Campaign, as TOML", kept, height=320, key=key))
        if text.strip() == kept.strip():
            return
        try:
            body = formed(CampaignError.parse(text, "a campaign"), text)
        except CampaignError as error:
            for fault in error.faults:
                st.error(plain(f"Line {fault.line}: {fault}" if fault.line else str(fault)))
            return
        if sheet.base is not None and body.key != sheet.base.key:
            st.error("A campaign's key never changes: clone it to have one of another key.")
            return
        if st.button("Take this text", key="campaign_take"):
            desk.put_in(sheet, as_document(body))
