"""What the checks before publishing say, as lines that people read."""

from collections.abc import Callable, Sequence

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


def show(
    title: str,
    findings: Sequence[Finding],
    icon: str,
    beside: Callable[[Finding], None] | None = None,
) -> None:
    """Draw the first of them under a title, and beside each a way on; nothing where none are."""
    if not findings:
        return
    st.markdown(f"**{title}**")
    for finding in findings[:_SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{icon} {said(finding)}", width="stretch")
            if beside is not None:
                beside(finding)
    if len(findings) > _SHOWN:
        st.caption(f"and {len(findings) - _SHOWN} more")


def said(finding: Finding) -> str:
    """Where it is, and what it says."""
    remark = finding.remark
    line = f", line {remark.line}" if remark.line else ""
    language = "" if finding.locale == UNDETERMINED else f"{finding.locale} · "
    template = "" if finding.template is None else f"{plain(finding.template)} · "
    return f":small[:gray[{template}{language}{_NAMES[remark.part]}{line}]] {plain(remark.said)}"
