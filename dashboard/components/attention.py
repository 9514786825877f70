"""What needs somebody, each line with the list behind it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import page
from dashboard.page import Query
from dashboard.showing import figures
from dashboard.showing.figures import History, Signs
from dashboard.showing.safe import plain
from dashboard.showing.spans import Span
from dashboard.showing.words import duration, label, number
from delivery.domains.history import read
from delivery.domains.inquiries import TITLES, Check, Condition
from delivery.reputation.scopes import rank
from delivery.reputation.sentences import named
from models.readings.figures import WorkerSign
from models.reasons import sentence
from models.records import DomainCheck, Reputation
from models.states import DeliveryState as D, EventState

_MOST = 7
_SIGNS = {
    D.FAILED: ":red[:material/error:]",
    D.IN_DOUBT: ":orange[:material/help:]",
    D.BOUNCED: ":red[:material/undo:]",
}
_GONE = ":red[:material/cloud_off:]"
_REFUSED = ":red[:material/block:]"
_UNBELIEVED = ":red[:material/gpp_bad:]"
_PAUSED = ":red[:material/front_hand:]"
_OLD = ":orange[:material/key:]"
_ASKED = ":orange[:material/approval:]"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that needs somebody.

    Attributes:
        then: What it means, or what to do.
        target: Key of the page with the list behind it; empty when there is none.
    """

    sign: str
    what: str
    then: str
    target: str = ""
    query: Query | None = None


def lines(span: Span, history: History, signs: Signs) -> list[Line]:
    """What needs somebody, the worst first."""
    found = [_lost(worker, signs) for worker in signs.lost]
    if not signs.workers:
        found.append(Line(_GONE, "No worker runs", "Nothing is sent. Start one: tidings work"))
    found += _paused(sorted(signs.paused, key=lambda one: rank(one.scope)))
    for check in signs.domains:
        found += _domain(check)
    refused = Counter(event.reason or "" for event in signs.rejected)
    found += [_rejected(reason, count) for reason, count in refused.most_common()]
    outcomes = figures.outcomes(history.flows)
    return found + [_outcome(span, *each) for each in outcomes if each[0] in _SIGNS]


def asks(waiting: int) -> list[Line]:
    """What waits for the approval of the one who looks."""
    if not waiting:
        return []
    what = "1 change waits" if waiting == 1 else f"{number(waiting)} changes wait"
    return [Line(_ASKED, f"{what} for your approval", "Look at it", "approvals")]


def _lost(worker: WorkerSign, signs: Signs) -> Line:
    ago = duration(signs.now - worker.seen_at)
    what = f"Worker {worker.host}:{worker.pid} was last seen {ago} ago"
    return Line(_GONE, what, "Its work is taken over. See tidings doctor")


def _paused(scopes: Sequence[Reputation]) -> list[Line]:
    """One line of all of them: what trips a topic mostly trips its domain too."""
    if not scopes:
        return []
    more = f" and {number(len(scopes) - 1)} more" if len(scopes) > 1 else ""
    what = f"Promotional mail is paused: {named(scopes[0].scope)}{more}"
    return [Line(_PAUSED, what, scopes[0].why, "reputation")]


def _rejected(reason: str, count: int) -> Line:
    what = f"{number(count)} rejected {'event' if count == 1 else 'events'}"
    query = {"event_state": [label(EventState.REJECTED)]}
    return Line(_REFUSED, what, sentence(reason), "outbox", query)


def _domain(check: DomainCheck) -> list[Line]:
    """What is wrong with a sending domain, the first finding told; else that a key grew old."""
    verdicts = [kept.verdict for kept in read(check.verdicts)]
    wrong = [each for each in verdicts if each.condition is Condition.WRONG]
    if wrong:
        titles = ", ".join(dict.fromkeys(TITLES[each.check] for each in wrong))
        what = f"{check.domain}: {titles} {'is' if len(wrong) == 1 else 'are'} wrong"
        return [Line(_UNBELIEVED, what, wrong[0].finding, "domains")]
    aged = (Check.ROTATION, Condition.ADVICE)
    old = [each for each in verdicts if (each.check, each.condition) == aged]
    return [Line(_OLD, f"{check.domain}: rotate its key", one.finding, "domains") for one in old]


def _outcome(span: Span, state: str, reason: str, count: int) -> Line:
    query = {"state": [label(state)], "since": [span.value]}
    if reason:
        query["reason"] = [label(reason)]
    what = f"{number(count)} {label(state).lower()}"
    why = sentence(reason) or "No reason was given."
    return Line(_SIGNS[D(state)], what, why, "deliveries", query)


def show(found: list[Line]) -> None:
    """Draw the lines; one friendly sentence when there are none."""
    if not found:
        st.space("medium")
        st.markdown(":green[:material/check_circle:] Nothing needs you.", text_alignment="center")
    for line in found[:_MOST]:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            what = f"{line.sign} **{plain(line.what)}** :small[:gray[{plain(line.then)}]]"
            st.markdown(what, width="stretch")
            if line.target:
                page.link(line.target, "Show", line.query, icon=":material/arrow_forward:")
    if len(found) > _MOST:
        st.caption(f"and {number(len(found) - _MOST)} more")
