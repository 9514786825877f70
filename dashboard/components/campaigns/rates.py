"""Whether the variants of a campaign differ for sure, and what it brought against a holdout."""

from collections.abc import Iterable, Mapping

import streamlit as st

from dashboard.showing.campaign_tables import NOTICED, name_of
from dashboard.showing.safe import plain
from delivery.campaigns.comparing import Arm, arms
from delivery.campaigns.judging import Tally
from delivery.campaigns.statistics import FEW, Difference
from models.readings.campaigns import Group


def differences(variants: Mapping[str, Tally]) -> None:
    """Draw each variant against the first one."""
    handed = [(name, told) for name, told in variants.items() if told.handed_over]
    if any(told.handed_over < FEW for _, told in handed):
        st.warning(f"With fewer than {FEW} messages in a group, a rate says little.")
    for name, told in handed[1:]:
        first, base = handed[0]
        for by in NOTICED:
            found = Difference(told.share(by), base.share(by))
            st.caption(plain(f"{name} against {first}, {by}: {_said(found)}"))


def _said(found: Difference) -> str:
    low, high = found.interval
    sure = "for sure" if found.is_clear else "too small to tell"
    return f"{found.points:+.1%} ({low:+.1%} to {high:+.1%}), {sure}"


def lifts(groups: Iterable[Group]) -> None:
    """Draw what each variant brought against those held out."""
    found = arms(groups)
    if found and not any(one.lift for one in found):
        st.caption("Nobody was held out: nobody can tell what people would have done anyway.")
    for one in found:
        if one.lift is not None:
            _lift(one, one.lift)


def _lift(one: Arm, lift: Difference) -> None:
    relative = "" if one.relative is None else f", {one.relative:+.0%} of what those did"
    said = plain(f"{name_of(one)} against those held out: {_said(lift)}{relative}")
    (st.caption if lift.is_clear else st.warning)(said)
