"""Adding suppressions: one by hand, many from a file."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO, TextIOWrapper
from typing import IO

import streamlit as st

from dashboard import data
from dashboard.access import Permission
from dashboard.changing import stops, wishes
from dashboard.components import done
from dashboard.door import identity
from dashboard.showing.safe import plain
from dashboard.showing.words import label, number
from delivery.consent.suppressing import COLUMNS, Inlet, check_header, place_of, read_line
from delivery.registry import all_channels
from delivery.sheets import guarded
from models.records import EVERY, Suppression

_FOR_GOOD = "Until it is lifted"
_LENGTHS = {_FOR_GOOD: None, "30 days": 30, "90 days": 90, "A year": 365}
_SHOWN = 20
"""Refused lines that are shown; the file has all."""


def bring() -> None:
    """Draw what opens the import, for those who may."""
    if not identity.may(Permission.CHANGE_CONSENT):
        return
    if st.button("Import", icon=":material/upload:", key="stop_import"):
        st.dialog("Import suppressions", width="medium")(_ask_file)()


def add() -> None:
    """Draw what opens the form for one, for those who may."""
    if not identity.may(Permission.CHANGE_CONSENT):
        return
    if st.button("Add", icon=":material/add:", type="primary", key="stop_add", shortcut="N"):
        st.dialog("Send nothing there")(_ask)()


def _ask() -> None:
    address = str(st.text_input("Address", key="stop_address", max_chars=320))
    channels = [*sorted(all_channels()), EVERY]
    channel = st.selectbox(
        "Channel", channels, index=channels.index("email"), key="stop_channel",
        format_func=lambda key: "Every channel" if key == EVERY else label(key),
    )  # fmt: skip
    categories = sorted({topic.category for topic in data.topics().values()})
    category = st.selectbox(
        "What", [EVERY, *categories], key="stop_category",
        format_func=lambda key: "Everything" if key == EVERY else f"Only {key}",
    )  # fmt: skip
    length = _LENGTHS[str(st.selectbox("How long", list(_LENGTHS), key="stop_length"))]
    reason = str(st.text_input("Reason", key="stop_reason", max_chars=300))
    if not st.button("Suppress", type="primary", key="stop_now"):
        return
    try:
        place = place_of(address, str(channel), str(category), all_channels())
    except ValueError as error:
        st.error(plain(f"{str(error)[:1].upper()}{str(error)[1:]}."))
        return
    until = None if length is None else data.now() + timedelta(days=length)
    who = identity.current().person
    done.attempt(lambda: wishes.suppress(who, place, reason, until), "Suppressed")


@dataclass(slots=True)
class _Read:
    """A file as far as it was understood."""

    said: list[Suppression] = field(default_factory=list)
    refused: list[tuple[int, Sequence[str], str]] = field(default_factory=list)
    """Number of the line, its cells, why."""


def _ask_file() -> None:
    st.caption(
        f"CSV in UTF-8 whose first line names its columns: {', '.join(COLUMNS)}. Only address and"
        " reason are needed. The same file twice changes nothing."
    )
    file = st.file_uploader("File", type=["csv"], key="stop_file")
    if file is None:
        return
    inlet = Inlet(all_channels(), identity.current().email, data.now())
    try:
        found = read(TextIOWrapper(file, "utf-8-sig", "surrogateescape", newline=""), inlet)
    except (ValueError, csv.Error) as error:
        st.error(plain(f"{file.name} cannot be imported: {error}."))
        return
    st.markdown(
        f"**{number(len(found.said))}** addresses to suppress,"
        f" **{number(len(found.refused))}** lines refused"
    )
    _refused(found)
    if st.button("Suppress them", type="primary", key="stop_file_now", disabled=not found.said):
        _take_in(found.said, file.name)


def read(text: IO[str], inlet: Inlet) -> _Read:
    """Read a file to its end.

    Raises:
        ValueError: Its first line does not name columns we know.
        csv.Error: It is not CSV.
    """
    reader, found = csv.DictReader(text), _Read()
    check_header(reader.fieldnames)
    for row in reader:
        try:
            found.said.append(read_line(row, inlet))
        except ValueError as error:
            cells = [row.get(name) or "" for name in reader.fieldnames or ()]
            found.refused.append((reader.line_num, cells, str(error)))
    return found


def _refused(found: _Read) -> None:
    if not found.refused:
        return
    with st.container(border=True, gap="xxsmall", key="stop_refused"):
        for line, _, why in found.refused[:_SHOWN]:
            st.markdown(f":small[Line {line}: {plain(why)}]")
        if len(found.refused) > _SHOWN:
            st.caption(f"and {number(len(found.refused) - _SHOWN)} more")
    st.download_button(
        "Refused lines", _as_csv(found.refused), "refused.csv", "text/csv",
        icon=":material/download:", key="stop_refused_file", on_click="ignore",
    )  # fmt: skip


def _as_csv(refused: Iterable[tuple[int, Sequence[str], str]]) -> bytes:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["line", "why", "cells"])
    for line, cells, why in refused:
        writer.writerow([line, guarded(why), *map(guarded, cells)])
    return text.getvalue().encode("utf-8", "surrogateescape")


def _take_in(said: Sequence[Suppression], name: str) -> None:
    bar, changed = st.progress(0.0, "Working"), 0
    try:
        for looked_at, new in stops.take_in(identity.current().person, said, name):
            changed = new
            bar.progress(looked_at / len(said), f"{number(looked_at)} of {number(len(said))}")
    except (wishes.NotAllowedError, data.DatabaseError) as error:
        st.error(f"{plain(str(error))} {number(changed)} were suppressed before that.")
        return
    known = f", {number(len(said) - changed)} were suppressed for as long already"
    done.leave(f"Suppressed: {number(changed)}{known if changed < len(said) else ''}")
