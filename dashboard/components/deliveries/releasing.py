"""Letting go what is held: what does it in each case, and the button where a person may."""

from collections.abc import Mapping

import streamlit as st

from dashboard import data
from dashboard.access import Permission
from dashboard.changing import ruling
from dashboard.components import done
from dashboard.door import identity
from dashboard.showing.safe import plain
from dashboard.showing.words import label, number
from models.readings.held import HeldLine
from models.reasons import Hold

_WAYS: Mapping[str, str] = {
    Hold.PREVIOUS_STEP: "It goes when that one has settled and its time is over.",
    Hold.NOT_BEFORE: "It goes at that moment, or when somebody releases it.",
    Hold.QUIET_HOURS: "It goes when they end; a looser rule, published, lets it go soon.",
    Hold.SNOOZED: "It goes when that is over or they take it back.",
    Hold.FREQUENCY_CAP: "It goes when a slot opens; a looser rule, published, lets it go soon.",
    Hold.THROTTLE: "It goes when its topic's throttle lets it.",
    Hold.RATE: "It goes in its turn.",
    Hold.APPROVAL: "It goes when somebody approves it.",
    Hold.PAUSED: "It goes when its campaign is resumed.",
    Hold.KILL_SWITCH: "It goes when the switch is lifted, on the page Providers.",
    Hold.BREAKER: "It goes when a probe finds that the account works again.",
    Hold.REPUTATION: "It goes when the pause is over or lifted, on the page Reputation.",
    Hold.ACCOUNT: "It goes when an account can be used again.",
    Hold.BACKOFF: "It goes by itself when its pause is over.",
    Hold.DOUBT: "It goes by itself when its pause is over.",
}


def way(held_for: str) -> str:
    """What lets it go."""
    return _WAYS.get(held_for, "")


def button(line: HeldLine) -> None:
    """Draw the button, where it may be let go by the one who looks."""
    if line.held_for not in ruling.RELEASABLE or not identity.may(Permission.INTERVENE):
        return
    if st.button("Release now", icon=":material/play_arrow:", key="release"):
        st.dialog("Release now?")(_ask)(line)


def _ask(line: HeldLine) -> None:
    st.markdown(
        f"The gate looks at **{number(line.rows)}** deliveries of {plain(line.topic)} on"
        f" {plain(label(line.channel))} at once. What may still not go is held anew."
    )
    st.caption("Each batch is audited. Stopping in between leaves the rest as it was.")
    if not st.button("Release", type="primary", key="release_now"):
        return
    bar, gone = st.progress(0.0, "Working"), 0
    try:
        for gone in ruling.release(identity.current().person, line):
            bar.progress(min(gone / line.rows, 1.0), f"{number(gone)} of {number(line.rows)}")
    except (ruling.NotAllowedError, ruling.RefusedError, data.DatabaseError) as error:
        st.error(f"{plain(str(error))} {number(gone)} were released before that.")
        return
    done.leave(f"Released: {number(gone)}")
