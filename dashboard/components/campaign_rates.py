"""The rates of a campaign's variants with their intervals, and whether they differ for sure."""

from collections.abc import Mapping

import streamlit as st

from dashboard.showing.safe import plain
from delivery.campaigns.judging import Tally
from delivery.campaigns.reporting import rate_line
from delivery.campaigns.statistics import FEW, Difference, Share

_BY = ("opened", "clicked", "converted")


def rates(variants: Mapping[str, Tally]) -> None:
    """Draw a rate a line, with its interval of 95 %."""
    st.subheader("Rates, with intervals of 95 %", anchor=False)
    handed = {name: told for name, told in variants.items() if told.handed_over}
    if not handed:
        st.caption("Nothing was handed over yet.")
        return
    for name, told in handed.items():
        for by in _BY:
            said = rate_line(" ".join((name or "All", by)), _share(told, by))
            st.markdown(f"- {plain(said)}")
    if any(told.handed_over < FEW for told in handed.values()):
        st.warning(f"With fewer than {FEW} messages in a group, a rate says little.")
    _differences(handed)


def _differences(handed: Mapping[str, Tally]) -> None:
    """Each variant against the first one."""
    (first, base), *others = handed.items()
    for name, told in others:
        for by in _BY:
            found = Difference(_share(told, by), _share(base, by))
            low, high = found.interval
            sure = "for sure" if found.is_clear else "not for sure"
            said = f"{name} against {first}, {by}: {found.points:+.1%} ({low:+.1%} to {high:+.1%})"
            st.caption(plain(f"{said}, {sure}"))


def _share(told: Tally, by: str) -> Share:
    return Share(min(told.noticed(by), told.handed_over), told.handed_over)
