"""The sources of events: what waits in each, and rows that repeated an earlier one."""

from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard import data, page
from dashboard.access import Permission
from dashboard.components import tables
from dashboard.door import identity
from dashboard.reading import outbox
from dashboard.showing.safe import plain
from dashboard.showing.spans import LENGTHS, Span
from dashboard.showing.words import duration, number
from models.readings.events import COUNTED, SourceLine, SourceStanding, Waiting

_STALE = timedelta(minutes=1)
"""Workers look every ten seconds."""


def show() -> None:
    """Draw a card for each source."""
    identity.demand(Permission.SEE_SETTINGS)
    (sources, standings), waiting, now = outbox.sources(), outbox.waiting(), data.now()
    if not sources:
        page.empty("No sources yet", "The own outbox is added by:", "tidings up")
        return
    with st.grid(3, min_column_width=220, gap="small"):
        for source in sources:
            with st.container(border=True, key=f"card_{source.source}", height="stretch"):
                standing = standings.get(source.source)
                st.markdown(f"**{plain(source.name)}** {_badge(source, standing)}")
                if source.ours:
                    _ours(waiting, now)
                elif source.enabled:
                    _theirs(standing, now)


def _badge(source: SourceLine, standing: SourceStanding | None) -> str:
    if not source.enabled:
        return ":gray-badge[Off]"
    if source.ours:
        return ":green-badge[Read]"
    if standing is None:
        return ":gray-badge[Not read yet]"
    return ":red-badge[Out of reach]" if standing.problem else ":green-badge[Read]"


def _theirs(standing: SourceStanding | None, now: datetime) -> None:
    if standing is None:
        st.caption("In a database of its own: no worker has looked there yet.")
        return
    ago = now - standing.looked_at
    if standing.problem:
        st.caption(f":red[Out of reach:] {plain(standing.problem)}")
        return
    if ago > _STALE:
        st.caption(f":orange[No worker has looked there for {duration(ago)}.]")
    st.caption(_backlog(standing, now))


def _backlog(standing: SourceStanding, now: datetime) -> str:
    if standing.oldest is None:
        return "Nothing waits: every row was read."
    rows = number(standing.rows) + (" or more" if standing.rows == COUNTED else "")
    return f"{rows} rows wait, the oldest for {duration(now - standing.oldest)}"


def _ours(waiting: list[Waiting], now: datetime) -> None:
    rows = sum(line.rows for line in waiting)
    if not rows:
        st.caption("Nothing waits: every row was read.")
        return
    oldest = duration(now - min(line.oldest for line in waiting))
    st.caption(f"{number(rows)} rows wait, the oldest for {oldest}")
    st.caption(", ".join(f"{plain(line.topic)} {number(line.rows)}" for line in waiting[:4]))


def repeats() -> None:
    """Draw the rows whose dedup key was taken."""
    found = outbox.repeats(data.now() - LENGTHS[Span.WEEK])
    if not found:
        what = "A row with a dedup key that is taken stands here; its event is sent once."
        page.empty("No repeats in 7 days", what)
        return
    frame = pd.DataFrame(
        {
            "seen": [line.seen_at for line in found],
            "key": [line.dedup_key for line in found],
            "differs": [["Differs" if line.differs else "The same"] for line in found],
            "event": [f"/outbox?event={line.event_id}" for line in found],
            "row": [str(line.outbox_id) for line in found],
        }
    )
    st.dataframe(
        frame,
        hide_index=True,
        row_height=tables.ROW_HEIGHT,
        column_config={
            "seen": tables.moments("Seen", page.zone()),
            "key": st.column_config.TextColumn("Dedup key", width="medium"),
            "differs": st.column_config.MultiselectColumn(
                "Body", options=["The same", "Differs"], color=["gray", "orange"], width=100
            ),
            "event": st.column_config.LinkColumn("First event", display_text="Open"),
            "row": st.column_config.TextColumn("Outbox row", width="medium"),
        },
        alt="Outbox rows that repeated an earlier event's dedup key, newest first",
    )
    st.caption(f"Times in {page.zone()}")
