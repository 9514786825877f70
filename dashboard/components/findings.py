"""What the checks before publishing say, as lines that people read."""

from collections.abc import Sequence

import streamlit as st

from dashboard.showing.safe import plain
from delivery.publishing.findings import Finding
from models.records import UNDETERMINED

BLOCKS, WARNS = ":red[:material/error:]", ":orange[:material/warning:]"
_NAMES = {
    "source": "Source",
    "subject": "Subject",
    "preheader": "Preheader",
    "text": "Plain text",
    "url": "Link",
}
_SHOWN = 12


def show(title: str, findings: Sequence[Finding], icon: str) -> None:
    """Draw the first of them under a title; nothing where there are none."""
    if not findings:
        return
    st.markdown(f"**{title}**")
    for finding in findings[:_SHOWN]:
        st.markdown(f"{icon} {said(finding)}")
    if len(findings) > _SHOWN:
        st.caption(f"and {len(findings) - _SHOWN} more")


def said(finding: Finding) -> str:
    """Where it is, and what it says."""
    remark = finding.remark
    line = f", line {remark.line}" if remark.line else ""
    language = "" if finding.locale == UNDETERMINED else f"{finding.locale} · "
    template = "" if finding.template is None else f"{plain(finding.template)} · "
    return f":small[:gray[{template}{language}{_NAMES[remark.part]}{line}]] {plain(remark.said)}"
