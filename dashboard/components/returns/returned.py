"""The charts of the page Feedback, each in its card."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from dashboard import page
from dashboard.components import card
from dashboard.components.card import Card
from dashboard.page import Query
from dashboard.reading.returns import Returned
from dashboard.showing import feedback, feedback_charts as charts, spans
from dashboard.showing.spans import Span
from dashboard.showing.words import label
from models.readings.returns import Facets
from models.records import Kind
from models.states import DeliveryState as D


@dataclass(frozen=True, slots=True)
class Shown:
    """What is looked at.

    Attributes:
        asked: The filters of the page as the list of deliveries takes them.
    """

    span: Span
    found: Returned
    facets: Facets
    asked: Query

    @property
    def each(self) -> str:
        """What one bin of time is, and whose times they are."""
        return f"each {spans.HOURLY_WORDS[self.span]}, times in {page.zone()}"

    @property
    def long(self) -> bool:
        """Whether the range is of days."""
        return self.span in {Span.WEEK, Span.MONTH}

    def listed(self, **more: list[str]) -> list[tuple[str, str, Query]]:
        """The link to the deliveries behind a chart."""
        return [("deliveries", "Show these deliveries", {**self.asked, **more})]


def show(what: Shown) -> None:
    """Draw all charts."""
    pairs = (
        (_bounces, _complaints, [1.5, 1]), (_heat, _funnel, [1.5, 1]), (_delays, _growth, [1, 1]),
    )  # fmt: skip
    for one, other, widths in pairs:
        left, right = st.columns(widths, gap="small")
        with left:
            one(what)
        with right:
            other(what)


def _bounces(what: Shown) -> None:
    rows = feedback.bounces(what.found)
    shown = Card(
        "bounces", f"Bounces by reason, {spans.WORDS[what.span]}", f"Deliveries {what.each}",
        "Nothing bounced in this range.",
        {"at": "Time", "reason": "Reason", "bounced": "Bounced"},
        what.listed(state=[label(D.BOUNCED)]),
    )  # fmt: skip
    card.show(shown, rows, charts.bounces(rows, long=what.long))


def _complaints(what: Shown) -> None:
    rows = feedback.complaints(what.found)
    shown = Card(
        "complaints", "Complaint rate", f"Of what was sent in a day, times in {page.zone()}",
        "Nothing was sent in this range.",
        {"at": "Time", "rate": "Complaint rate", "complaints": "Complaints", "sent": "Sent"},
        what.listed(told=[label(Kind.COMPLAINED)]),
    )  # fmt: skip
    card.show(shown, rows, charts.complaints(rows, _colours(), long=what.long))


def _heat(what: Shown) -> None:
    rows = feedback.heat(what.found)
    shown = Card(
        "heat", "Bounces by destination and reason",
        f"Deliveries, {spans.WORDS[what.span]}; shaded by the share of what was sent there."
        " Click a cell to see them.",
        "Nothing bounced in this range.",
        {
            "destination": "Destination", "reason": "Reason", "bounced": "Bounced",
            "sent": "Sent there", "share": "Share",
        },
        what.listed(state=[label(D.BOUNCED)]),
        height=60 + 34 * len({row["destination"] for row in rows}),
    )  # fmt: skip
    chosen = card.show(shown, rows, charts.heat(_shades(), _ink()), charts.PICK)
    if chosen and (cells := chosen["selection"].get(charts.PICK)):
        _open(cells[0], what.asked)


def _open(cell: Mapping[str, str], asked: Query) -> None:
    """Go to the deliveries of a cell; the chart forgets it, else coming back led here again."""
    st.session_state.pop("chart_heat", None)
    query = {**asked, "state": [label(D.BOUNCED)], "reason": [cell["reason"]]}
    if cell["destination"] != "unknown":
        query["destination"] = [cell["destination"]]
    page.go("deliveries", query)


def _funnel(what: Shown) -> None:
    steps = feedback.funnel(what.found)
    silent = feedback.silent(what.found)
    tells = any(feedback.telling(what.found.courses).values())
    notes = [f"No delivery feedback from {', '.join(silent)}."] if silent and tells else []
    shown = Card(
        "funnel", "Sent to clicked",
        f"Deliveries, {spans.WORDS[what.span]}; shares of what was sent",
        "Nothing was sent in this range.", {"step": "Step", "count": "Deliveries", "said": "Share"},
        what.listed(state=[label(D.SENT), label(D.DELIVERED)]),
        notes=notes,
    )  # fmt: skip
    rows = charts.funnel_rows(steps) if steps[0].count else []
    card.show(shown, rows, charts.funnel(rows, "#0072B2", _ink()))


def _delays(what: Shown) -> None:
    rows = feedback.delays(what.found)
    shown = Card(
        "delays", "Hand-over → what came back",
        f"Median and 90th percentile, of every topic and class; times in {page.zone()}",
        "Nothing came back later than the hand-over.",
        {"at": "Time", "kind": "What", "quantile": "Share", "seconds": "Seconds"},
        what.listed(state=[label(D.DELIVERED), label(D.BOUNCED)]),
    )  # fmt: skip
    card.show(shown, rows, charts.delays(rows, long=what.long))


def _growth(what: Shown) -> None:
    rows = feedback.growth(what.found)
    where = label(what.facets.channel) if what.facets.channel else "every channel"
    shown = Card(
        "growth", "Suppressions added and gone",
        f"Addresses {what.each}; {where}, whatever else is chosen",
        "No suppression was added, lifted or over in this range.",
        {"at": "Time", "what": "What", "number": "Suppressions"},
        [("suppressions", "Show suppressions", {})],
    )  # fmt: skip
    card.show(shown, rows, charts.growth(rows, long=what.long))


def _colours() -> Mapping[str, str]:
    scheme = st.context.theme.type or "light"
    return {
        name: st.get_option(f"theme.{scheme}.{name}Color") for name in ("red", "orange", "gray")
    }


def _shades() -> list[str]:
    scheme = st.context.theme.type or "light"
    return list(st.get_option(f"theme.{scheme}.chartSequentialColors") or ("#C7D2FE", "#4F46E5"))


def _ink() -> str:
    return str(st.get_option(f"theme.{st.context.theme.type or 'light'}.textColor"))
