"""One campaign: what it does, how far it came, its report, its runs, and its document."""

import streamlit as st

from dashboard import page
from dashboard.components.campaigns import (
    forecast,
    live,
    report as campaign_report,
    review,
    samples,
)
from dashboard.reading.campaigns import Line
from dashboard.showing import campaigns as showing
from dashboard.showing.safe import plain
from dashboard.showing.words import label, moment
from delivery.campaigns.document import stored
from delivery.campaigns.sentences import sentences
from delivery.rulebook.writing import as_toml
from models.records import Run
from models.states import CampaignState


def show(line: Line) -> None:
    """Draw all there is about it."""
    one = line.campaign
    st.markdown(f"{showing.badge(one.state)} {plain(one.why)}")
    for said in sentences(stored(one.document)):
        st.markdown(f":material/check: {plain(said)}")
    if one.state is CampaignState.DRAFT:
        review.show(one)
        forecast.show(one)
        samples.show(one)
        st.code(as_toml(one.document), language="toml")
        return
    live.show(line)
    report, foretold, runs, document = st.tabs(["Report", "Pre-flight", "Runs", "Document"])
    with report:
        campaign_report.show(line)
    with foretold:
        forecast.show(one)
    with runs:
        _runs(line.runs)
    with document:
        st.code(as_toml(one.document), language="toml")


def _runs(runs: tuple[Run, ...]) -> None:
    """Draw what was launched, the last one first."""
    if not runs:
        st.caption("Nothing of it has run yet.")
        return
    zone, newest = page.zone(), runs[::-1]
    rows = {
        "Run": [run.number for run in newest],
        "What": [label(run.kind) for run in newest],
        "State": [label(run.state) for run in newest],
        "People": [run.eligible for run in newest],
        "Begins": [moment(run.starts_at, zone) for run in newest],
        "Launched by": [run.launched_by for run in newest],
        "Winner": [run.winner for run in newest],
    }
    st.dataframe(rows, hide_index=True, placeholder="–", alt="Runs, the last one first")
    st.caption(f"Times in {zone}")
