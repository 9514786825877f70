"""How far a campaign has come, drawn anew by itself while it is under way."""

import streamlit as st

from dashboard import page
from dashboard.access import Permission
from dashboard.door import identity
from dashboard.reading import campaigns as reading
from dashboard.reading.campaigns import UNDER_WAY, Line
from dashboard.showing import campaigns as showing
from dashboard.showing.safe import plain
from dashboard.showing.words import duration
from models.records import Run

TICK = "2s"


def show(line: Line) -> None:
    """Draw its progress; while it is under way again every other second."""
    one = line.campaign
    tick = TICK if one.state in UNDER_WAY else None
    st.fragment(_look, run_every=tick, key=f"campaign_live_{one.key}")(one.key, _stand(line))


def _look(key: str, drawn: tuple[object, ...]) -> None:
    identity.demand(Permission.SEE_CAMPAIGNS)
    line = reading.line(key)
    if line is None or _stand(line) != drawn:
        # Its chip and its buttons stand outside of what is drawn anew.
        st.rerun()
    if line.progress is not None:
        said = showing.pace(line.progress, line.at)
        st.progress(line.progress.share, plain(said), width="stretch")
    if (back := showing.undoable(line.campaign, line.runs)) is not None:
        st.caption(_countdown(back, line))


def _stand(line: Line) -> tuple[object, ...]:
    """What the chip and the buttons beside it say."""
    return (line.campaign.state, line.campaign.why, tuple(run.state for run in line.runs))


def _countdown(run: Run, line: Line) -> str:
    left = run.starts_at - line.at
    if left.total_seconds() <= 0:
        return "Begins now"
    at = showing.occasion(line.campaign, [run], line.at, page.zone())
    return f"{at} ({page.zone()}): {duration(left)} left to take it back"
