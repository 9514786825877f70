"""What a digest's message carries, and what carries a delivery: a part of its drawer."""

from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard import page
from dashboard.reading.reports import Report
from dashboard.showing.safe import plain
from dashboard.showing.words import label, moment
from models.readings.digests import Carrier
from models.reasons import sentence

_SHOWN = 20
"""Deliveries that are listed at most."""


def show(report: Report, zone: ZoneInfo) -> None:
    """Draw it; nothing where there is no digest."""
    if report.carrier is not None:
        st.subheader("Digest", anchor=False)
        _carrier(report.carrier, zone)
    if report.carries:
        st.subheader(f"Carries {len(report.carries)}", anchor=False)
        shown = report.carries[:_SHOWN]
        frame = pd.DataFrame(
            {
                "Happened": [moment(each.created_at, zone) for each in shown],
                "By": [plain(each.actor or "") for each in shown],
                "Delivery": [f"`{each.delivery_id}`" for each in shown],
            }
        )
        st.table(frame, border="horizontal", hide_index=True, alt="Deliveries of the digest")
        if len(report.carries) > _SHOWN:
            st.caption(f"The first {_SHOWN} are listed.")


def _carrier(carrier: Carrier, zone: ZoneInfo) -> None:
    if carrier.message_id is None:
        st.markdown(f"It collects, and closes {moment(carrier.closes_at, zone)} as things stand.")
        return
    st.markdown(
        f"Its message is **{label(carrier.state or '')}**. {plain(sentence(carrier.reason))}"
    )
    page.link(
        "deliveries",
        "The message",
        {"delivery": [str(carrier.message_id)]},
        ":material/inbox:",
    )
