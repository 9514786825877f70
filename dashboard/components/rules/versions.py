"""The published versions of the rules, and what changed from one to the next."""

from collections.abc import Sequence
from difflib import unified_diff

import streamlit as st

from dashboard import page
from dashboard.components.rules import rulebook
from dashboard.showing.safe import plain
from dashboard.showing.words import moment
from delivery.rulebook.writing import as_toml
from models.records import StoredDocument


def show(stored: Sequence[StoredDocument], *, may: bool) -> None:
    """Draw the versions, newest first, each with its difference to the one before."""
    st.subheader("Versions", anchor=False)
    for place, one in enumerate(stored):
        before = stored[place + 1].document if place + 1 < len(stored) else {}
        with st.expander(_title(one, in_force=place == 0)):
            st.code(changes(before, one.document), language="diff")
            if may and place and st.button("Edit from this one", key=f"from_{one.version}"):
                rulebook.open_on(one)


def changes(before: dict[str, object], after: dict[str, object]) -> str:
    """The lines that differ between two documents, as a diff."""
    # What says nothing is not even an empty line.
    was, would = (as_toml(each).strip().splitlines() for each in (before, after))
    lines = unified_diff(was, would, n=2)
    told = [line.rstrip() for line in lines if not line.startswith(("---", "+++"))]
    return "\n".join(told) or "Nothing differs."


def _title(one: StoredDocument, *, in_force: bool) -> str:
    mark = " :green-badge[In force]" if in_force else ""
    when = moment(one.published_at, page.zone())
    return f"Version {one.version}{mark} {plain(one.note)} :gray[{plain(one.published_by)}, {when}]"
