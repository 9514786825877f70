"""When a campaign goes: at once, at a moment, at a local time, again and again; and how fast."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import page
from dashboard.components.campaigns.field import Form, filled
from dashboard.data import now
from dashboard.showing import campaign_moments as moments
from dashboard.showing.words import moment
from delivery.campaigns.occasions import Recurring

_FASTEST = 10_000_000
_NEXT = 5
_KINDS = {
    "launch": "A minute after its launch",
    "at": "At one moment",
    "local_at": "At the same local time everywhere",
    "cron": "Again and again",
}
_LATE = {"tomorrow": "get it the next day", "skip": "do not get it"}


def ask(form: Form) -> dict[str, Any]:
    """Draw the fields; what they say."""
    held = next((kind for kind in _KINDS if form.value("schedule", kind)), "launch")
    kind = str(
        st.selectbox(
            "Goes", list(_KINDS), index=list(_KINDS).index(held), format_func=_KINDS.__getitem__,
            key=form.name("when"),
        )
    )  # fmt: skip
    said = {"at": _at, "local_at": _local, "cron": _cron}.get(kind, _nothing)(form)
    return {"schedule": filled({**said, **_pace(form)})}


def _nothing(_form: Form) -> dict[str, Any]:
    return {}


def _at(form: Form) -> dict[str, Any]:
    viewer = str(page.zone())
    start = moments.read(form.value("schedule", "at")) or _tomorrow()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        zone = ZoneInfo(form.zone("Time zone", "schedule", "at_zone", begin=viewer))
        day, clock = _picked(form, "at", start.astimezone(zone))
    form.told("schedule", "at")
    return {"at": datetime.combine(day, clock, zone).isoformat()}


def _local(form: Form) -> dict[str, Any]:
    start = moments.read(form.value("schedule", "local_at")) or _tomorrow()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day, clock = _picked(form, "local_at", start)
        late = st.selectbox(
            "For whom it has passed", list(_LATE), format_func=_LATE.__getitem__,
            index=list(_LATE).index(form.value("schedule", "late") or "tomorrow"),
            key=form.name("schedule", "late"),
        )  # fmt: skip
    form.told("schedule", "local_at")
    st.caption("In the time zone of each recipient's quiet hours.")
    return {"local_at": datetime.combine(day, clock).isoformat(), "late": late}


def _picked(form: Form, kind: str, start: datetime) -> tuple[date, time]:
    day = st.date_input("Day", start.date(), key=form.name("schedule", kind, "day"))
    clock = st.time_input(
        "Time", start.time().replace(tzinfo=None), step=300, key=form.name("schedule", kind, "time")
    )
    return day, clock


def _tomorrow() -> datetime:
    """Nine o'clock of tomorrow where the viewer is."""
    there = now().astimezone(page.zone()) + timedelta(days=1)
    return there.replace(hour=9, minute=0, second=0, microsecond=0)


def _cron(form: Form) -> dict[str, Any]:
    with st.container(horizontal=True, vertical_alignment="top"):
        cron = form.text(
            "Cron expression", "schedule", "cron", hint="0 9 * * mon",
            note="Minute, hour, day of month, month, day of week",
        )  # fmt: skip
        zone = form.zone("Time zone", "schedule", "zone", begin=str(page.zone()))
        held = moments.read(form.value("schedule", "until"))
        day = st.date_input(
            "Until", held and held.astimezone(ZoneInfo(zone)).date(), key=form.name("until")
        )
    form.told("schedule", "until")
    until = moments.until(held, day, ZoneInfo(zone))
    _upcoming(Recurring(cron or "0 9 * * mon", zone, until))
    return {
        "cron": cron or "0 9 * * mon", "zone": zone, "until": until.isoformat() if until else None,
    }  # fmt: skip


def _upcoming(rule: Recurring) -> None:
    """The next moments, where it is a rule for moments at all: else that is told at its field."""
    at = now()
    if rule.fault(at):
        return
    said = [moment(each, page.zone()) for each in rule.first(at, _NEXT)]
    st.markdown("Next: " + "; ".join(said))
    st.caption(f"Times in {page.zone()}")


def _pace(form: Form) -> dict[str, Any]:
    with st.container(horizontal=True):
        over = form.text("Spread over", "schedule", "over", hint="2 hours")
        most = form.number("At most, a minute (0: any)", _FASTEST, "schedule", "per_minute")
    st.caption("Caps and quiet hours of its topic and of the installation hold besides.")
    return {"over": over, "per_minute": most and int(most)}
