"""The files that a campaign's mails carry: chosen, uploaded, listed, removed."""

from collections.abc import Sequence

import streamlit as st

from dashboard import page
from dashboard.changing import filing
from dashboard.components import tables
from dashboard.components.campaigns.field import Form
from dashboard.components.done import attempt
from dashboard.door import identity
from dashboard.reading import files as reading
from dashboard.reading.files import Shown
from dashboard.showing.words import number
from delivery.files import KINDS


def ask(form: Form) -> list[str]:
    """Draw the choice of files; their keys."""
    held: list[str] = list(form.value("attachments") or [])
    found = reading.shown()
    offered = list(dict.fromkeys([*held, *(one.file.key for one in found)]))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        said = st.multiselect(
            "Files its mails carry", offered, held, key=form.name("attachments"),
            placeholder="None", accept_new_options=True, width="stretch",
        )  # fmt: skip
        if st.button("Files", icon=":material/attach_file:", key="campaign_files"):
            st.dialog("Files that mails may carry", width="large")(_manage)(form.value("team"))
    form.told("attachments")
    return [str(key) for key in said]


def _manage(team: str | None) -> None:
    found = reading.shown()
    _upload(team)
    if not found:
        st.caption("No files yet.")
        return
    _table(found)
    _remove(team, [one.file.key for one in found if one.may_go])


def _upload(team: str | None) -> None:
    file = st.file_uploader("Add a file", type=sorted(KINDS), key="file_new", max_upload_size=10)
    key = st.text_input(
        "Key", key="file_key", max_chars=120, placeholder=file.name if file else "terms-2026",
        help="What topics, campaigns and events name it by; the file under it never changes.",
    )  # fmt: skip
    if st.button("Keep it", type="primary", key="file_add", disabled=file is None) and file:
        who, named = identity.current().person, str(key).strip() or file.name
        attempt(
            lambda: filing.add(who, team, named, file.name, file.getvalue()), f"{named} is kept"
        )


def _table(found: Sequence[Shown]) -> None:
    rows = {
        "Key": [one.file.key for one in found],
        "Name": [one.file.name for one in found],
        "Size": [f"{number(-(-one.file.size // 1024))} KB" for one in found],
        "Used by": [", ".join(one.used_by) for one in found],
        "Kept since": [one.file.added_at for one in found],
        "Until": [one.file.expires_at for one in found],
    }
    moments = {name: tables.moments(name, page.zone()) for name in ("Kept since", "Until")}
    st.dataframe(
        rows, hide_index=True, placeholder="–", column_config=moments, alt="Files, the newest first"
    )
    if len(found) == reading.MOST:
        st.caption(f"The newest {reading.MOST}. A file that is not among them is named by its key.")


def _remove(team: str | None, offered: Sequence[str]) -> None:
    key = st.selectbox(
        "Remove one that nothing names", offered, index=None, key="file_gone", placeholder="None"
    )
    if (
        st.button("Remove", icon=":material/delete:", key="file_remove", disabled=key is None)
        and key
    ):
        who = identity.current().person
        attempt(lambda: filing.remove(who, team, key), f"{key} is forgotten")
