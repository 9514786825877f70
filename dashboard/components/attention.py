"""What needs somebody, each line with the list behind it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import streamlit as st

from dashboard import figures, page
from dashboard.figures import History
from dashboard.spans import Span
from dashboard.words import duration, label, number
from models.readings.figures import WorkerSign
from models.reasons import sentence
from models.states import DeliveryState as D

UNSEEN_AFTER = timedelta(seconds=30)
"""A worker that says nothing for so long is taken for lost."""
_MOST = 6
_WORRYING = {D.FAILED, D.IN_DOUBT, D.BOUNCED}
_SIGNS = {D.FAILED: ":red[:material/error:]", D.IN_DOUBT: ":orange[:material/help:]"}


def show(span: Span, history: History, workers: Sequence[WorkerSign], now: datetime) -> None:
    """Draw the lines, the worst first; one friendly sentence when there are none."""
    lost = [worker for worker in workers if now - worker.seen_at > UNSEEN_AFTER]
    worrying = [each for each in figures.outcomes(history.flows) if each[0] in _WORRYING]
    if not lost and not worrying:
        st.space("medium")
        st.markdown(":green[:material/check_circle:] Nothing needs you.", text_alignment="center")
    for worker in lost[:_MOST]:
        _worker(worker, now)
    if not workers:
        _line(":red[:material/cloud_off:]", "No worker runs", "Start one: `tidings work`")
    for state, reason, count in worrying[: _MOST - len(lost)]:
        _outcome(span, state, reason, count)


def _worker(worker: WorkerSign, now: datetime) -> None:
    ago = duration(now - worker.seen_at)
    what = f"Worker {worker.host}:{worker.pid} was last seen {ago} ago"
    _line(":red[:material/cloud_off:]", what, "What it held is taken over; see `tidings doctor`.")


def _outcome(span: Span, state: str, reason: str, count: int) -> None:
    sign = _SIGNS.get(D(state), ":red[:material/undo:]")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        why = sentence(reason) or "No reason was given."
        what = f"{sign} **{number(count)} {label(state).lower()}** :small[:gray[{why}]]"
        st.markdown(what, width="stretch")
        query = {"state": [label(state)], "since": [span.value]}
        if reason:
            query["reason"] = [label(reason)]
        page.link("deliveries", "Show", query, icon=":material/arrow_forward:")


def _line(sign: str, what: str, then: str) -> None:
    st.markdown(f"{sign} **{what}** :small[:gray[{then}]]")
