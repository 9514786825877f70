"""Bringing a list of recipients in from a file."""

import csv
from collections.abc import Iterable
from io import StringIO
from uuid import UUID

import streamlit as st

from dashboard import data
from dashboard.changing import bringing as changing
from dashboard.changing.approving import ApprovalNeededError
from dashboard.changing.bringing import Brought, Upload
from dashboard.components import done
from dashboard.door import identity
from dashboard.showing.safe import plain
from dashboard.showing.words import number
from delivery.audiences.lists import Reject
from delivery.sheets import guarded

_REJECTS = "audience_rejects"
_SHOWN = 10


def bring(key: str | None) -> None:
    """Draw what opens the upload; `None`: of a new list."""
    if st.button("Upload CSV", icon=":material/upload:", key="audience_upload"):
        st.dialog("Upload a list", width="medium")(lambda: _ask(key))()


def _ask(key: str | None) -> None:
    st.caption(
        "CSV with a header and one column recipient_id, or email with addresses. Encoding and"
        " separator are found out. Until the new list is whole, the old one counts."
    )
    name = key or str(st.text_input("Key of the list", key="upload_key", max_chars=100))
    title = name if key else str(st.text_input("Title", key="upload_title", max_chars=200))
    file = st.file_uploader("File", type=["csv", "txt", "tsv"], key="upload_file")
    if not st.button("Upload", type="primary", key="upload_now", disabled=not (file and name)):
        return
    if file is None:
        return
    bar = st.progress(0.0, "Reading")

    def told(share: float, lines: int) -> None:
        bar.progress(share, f"{number(lines)} lines read")

    upload = Upload(file, file.name, told)
    who = identity.current().person
    try:
        brought = _brought(who, name, title or name, upload)
    except (changing.RefusedError, changing.NotAllowedError, data.DatabaseError) as error:
        st.error(plain(str(error)))
        return
    if brought is None:
        done.leave(done.ASKED)
        return
    _finish(name, brought, upload.rejects)


def _brought(who: UUID, key: str, title: str, upload: Upload) -> Brought | None:
    """What came of it; `None`: somebody else was asked to look at it first."""
    try:
        return changing.bring_in(who, key, title, upload)
    except ApprovalNeededError:
        changing.ask(who, key, title, upload)
        return None


def _finish(key: str, brought: Brought, rejects: list[Reject]) -> None:
    st.session_state[_REJECTS] = (key, rejects)
    st.query_params["audience"] = key
    done.leave(f"{number(brought.members)} are on the list, version {brought.version}")


def refused(key: str) -> None:
    """Draw the lines that were not taken last, with their reasons."""
    found: tuple[str, list[Reject]] = st.session_state.get(_REJECTS, ("", []))
    if found[0] != key or not found[1]:
        return
    with st.container(border=True, gap="xxsmall", key="upload_refused"):
        st.markdown(f"**{number(len(found[1]))}** lines of the file were not taken as they are")
        for each in found[1][:_SHOWN]:
            st.markdown(f":small[Line {each.line}: {plain(each.reason)}]")
        st.download_button(
            "Lines with reasons", as_csv(found[1]), f"{key}.rejects.csv", "text/csv",
            icon=":material/download:", key="upload_refused_file", on_click="ignore",
        )  # fmt: skip


def as_csv(rejects: Iterable[Reject]) -> bytes:
    """Lines that were not taken, for a spreadsheet."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["line", "value", "reason"])
    for each in rejects:
        writer.writerow([each.line, guarded(each.text), each.reason])
    return text.getvalue().encode("utf-8", "surrogateescape")
