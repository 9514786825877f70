"""Audiences: who is told: saved sets of recipients, how many belong, and why."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.changing.teams import Owned
from dashboard.components import done, tables
from dashboard.components.approvals import asked
from dashboard.components.audiences import card, form, upload
from dashboard.components.people import ownership
from dashboard.door import identity
from dashboard.page import Page
from dashboard.reading import audiences
from dashboard.reading.audiences import Shown
from dashboard.showing.safe import plain
from models.records import ApprovalKind

_OPEN = "audience"
_TABLE = "audiences_table"


def render() -> None:
    """Draw the list, or the audience that the URL names."""
    key = st.query_params.get(_OPEN)
    found = audiences.shown()
    if key is None:
        _list(found)
        return
    one = next((each for each in found if each.stored.key == key), None)
    if one is None:
        page.header("Audiences", "Who is told")
        st.error(f"There is no audience {plain(key)}.")
        page.link("audiences", "All audiences", icon=":material/arrow_back:")
        return
    _one(one, [each.stored.key for each in found if each is not one])


def _one(found: Shown, others: Sequence[str]) -> None:
    stored = found.stored
    may = identity.may(Permission.EDIT_AUDIENCES, stored.team)
    with page.header(stored.title, stored.key):
        page.link("audiences", "All audiences", icon=":material/arrow_back:")
        if may and stored.list is not None:
            upload.bring(stored.key)
        if may and not form.is_open(stored.key) and _pressed("Edit", "edit"):
            form.open_on(stored)
        if may and not form.is_open(stored.key):
            card.offer_removal(found)
    done.told()
    ownership.show(Owned.AUDIENCE, stored.key, stored.team)
    upload.refused(stored.key)
    asked.show(ApprovalKind.AUDIENCE, stored.key, stored.changed_at)
    if may and form.is_open(stored.key):
        form.edit()
        return
    card.show(found, others, may=may)


def _pressed(words: str, icon: str) -> bool:
    return st.button(words, icon=f":material/{icon}:", key=f"audience_{icon}")


def _list(found: list[Shown]) -> None:
    may = identity.may(Permission.EDIT_AUDIENCES)
    with page.header("Audiences", f"{len(found)} in all: who is told"):
        if may:
            upload.bring(None)
        if may and not form.is_open(None) and _pressed("New audience", "add"):
            form.open_on(None)
    done.told()
    if may and form.is_open(None):
        form.edit()
        return
    if not found:
        page.empty("No audiences yet", "Make one here, or apply a file:",
                   "tidings audiences apply FILE")  # fmt: skip
        return
    tables.opening(_frame(found), _columns(), _TABLE, "Audiences by key", _OPEN)
    st.caption("Click a row to open it.")


def _frame(found: list[Shown]) -> pd.DataFrame:
    sizes = [each.size for each in found]
    return pd.DataFrame(
        {
            "title": [each.stored.title for each in found],
            "key": [each.stored.key for each in found],
            "members": [size and size.members for size in sizes],
            "counted": [size and size.counted_at for size in sizes],
            "said": [each.said for each in found],
            "used": [", ".join(each.used_by) for each in found],
        },
        index=[each.stored.key for each in found],
    )


def _columns() -> dict[str, object]:
    return {
        "title": st.column_config.TextColumn("Title", width="medium"),
        "key": st.column_config.TextColumn("Key", width="small"),
        "members": st.column_config.NumberColumn("Members", width=88, format="localized"),
        "counted": tables.moments("Counted", page.zone()),
        "said": st.column_config.TextColumn("Who", width="large"),
        "used": st.column_config.TextColumn("Used by", width="small"),
    }


PAGE = Page(
    key="audiences",
    title="Audiences",
    icon=":material/groups:",
    section="Author",
    needs=Permission.SEE_AUDIENCES,
    summary="Who is told: saved sets of recipients, how many belong, and why.",
    render=render,
)
