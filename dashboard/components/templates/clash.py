"""Two people wrote at once: both texts side by side, and whose words go on."""

import streamlit as st

from dashboard.components import overtaken
from dashboard.components.templates import comparison, desk, editor, preview
from dashboard.components.templates.comparison import Pair
from dashboard.showing.parts import parts_of
from dashboard.showing.sheet import Sheet
from models.records import TemplateDraft


def show(sheet: Sheet, theirs: TemplateDraft) -> None:
    """Draw what happened, both texts, and the ways out of it."""
    overtaken.tell(
        theirs.updated_by, theirs.updated_at, "take theirs, keep yours, or merge on the right"
    )
    _both(sheet, theirs)
    with st.container(horizontal=True, key="clash_ways"):
        st.button("Save the right side", type="primary", on_click=desk.settle, args=(sheet, None),
                  key="clash_keep", icon=":material/save:")  # fmt: skip
        st.button("Take theirs", on_click=desk.settle, args=(sheet, theirs), key="clash_theirs")


def _both(sheet: Sheet, theirs: TemplateDraft) -> None:
    there = {
        part.name: getattr(theirs.words, part.name) or "" for part in parts_of(sheet.base.channel)
    }
    differing = [
        part for part in parts_of(sheet.base.channel) if there[part.name] != sheet.part(part.name)
    ]
    if not differing:
        st.caption("Both say the same by now.")
        return
    by_title = {part.title: part for part in differing}
    part = by_title[preview.segmented("Part", list(by_title), f"clash_part_{sheet.base.template}")]
    key = f"clash_{part.name}_{sheet.base.template}_{sheet.base.locale}_{theirs.revision}"

    def merged() -> None:
        text = editor.typed(key, sheet.put)
        if text is not None:
            desk.write(sheet, part.name, text)

    labels = (f"Theirs: {theirs.updated_by}", "Yours: what will be saved")
    pair = Pair(there[part.name], sheet.part(part.name), labels, part.language, sheet.put)
    comparison.show(pair, key, merged)
