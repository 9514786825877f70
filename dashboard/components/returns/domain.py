"""One sending domain: how its checks came out, its keys, and the records to publish."""

from collections import Counter
from collections.abc import Callable

import streamlit as st

from dashboard import page
from dashboard.changing.signing import DomainReport
from dashboard.showing.safe import code, plain
from dashboard.showing.words import duration, moment
from delivery.domains.dkim import zone_line
from delivery.domains.inquiries import TITLES, Condition
from delivery.domains.senders import public_key
from delivery.domains.signing_keys import GROWS_OLD, KeyState, leave_until, state
from models.records import SigningKey

_SIGNS = {
    Condition.GOOD: ":green[:material/check_circle:]",
    Condition.UNKNOWN: ":gray[:material/cloud_off:]",
    Condition.ADVICE: ":orange[:material/info:]",
    Condition.WRONG: ":red[:material/error:]",
}
_WORDS = {
    Condition.GOOD: ":green-badge[Good]",
    Condition.UNKNOWN: ":gray-badge[Not looked up]",
    Condition.ADVICE: ":orange-badge[To do]",
    Condition.WRONG: ":red-badge[Wrong]",
}
_KEYS = {
    KeyState.WAITING: ":orange-badge[Waits for DNS]",
    KeyState.SIGNING: ":green-badge[Signs]",
    KeyState.LEAVING: ":gray-badge[Leave in DNS]",
    KeyState.REMOVABLE: ":violet-badge[Remove from DNS]",
}


_ALL = {
    Condition.GOOD: ":green-badge[:material/check_circle: All is well]",
    Condition.UNKNOWN: ":gray-badge[:material/cloud_off: Not all looked up]",
    Condition.ADVICE: ":orange-badge[:material/info: {} to do]",
    Condition.WRONG: ":red-badge[:material/error: {} wrong]",
}


def badge(report: DomainReport) -> str:
    """How a domain is, in a few words."""
    if report.added is not None and report.added.retired_at is not None:
        return ":gray-badge[Retired]"
    found = Counter(kept.verdict.condition for kept in report.kept)
    if not found:
        return ":gray-badge[Not looked at yet]"
    worst = max(found, key=list(Condition).index)
    return _ALL[worst].format(found[worst])


def checks(report: DomainReport) -> None:
    """Draw how each check came out, with what to do."""
    for each in report.kept:
        verdict = each.verdict
        about = (
            "" if verdict.subject == report.name else f" :small[:gray[{plain(verdict.subject)}]]"
        )
        advice = f"  \n:small[→ {plain(_sentence(verdict.advice))}]" if verdict.advice else ""
        st.markdown(
            f"{_SIGNS[verdict.condition]} **{TITLES[verdict.check]}** {_WORDS[verdict.condition]}"
            f" {plain(_sentence(verdict.finding))}{about}{advice}"
        )


def _sentence(text: str) -> str:
    """With a capital, unless it begins with a tag such as `p=`."""
    return text if text[1:2] == "=" else text[:1].upper() + text[1:]


def keys(report: DomainReport, ask: Callable[[SigningKey], None] | None) -> None:
    """Draw the keys with what each does, and since when.

    Args:
        report: The domain.
        ask: Opens the dialog that lets a waiting key sign; `None` for whoever may not.
    """
    if not report.keys:
        st.caption("No key was made for it.")
    for key in reversed(report.keys):
        st.markdown(
            f"{code(key.selector)} {_KEYS[state(key, report.at)]}"
            f"  \n:small[:gray[{plain(_age(key, report))}]]"
        )
        waits = state(key, report.at) is KeyState.WAITING
        name = f"sign_{key.domain}_{key.selector}"
        if ask is not None and waits and st.button("Let it sign unseen", key=name, type="tertiary"):
            ask(key)


def _age(key: SigningKey, report: DomainReport) -> str:
    age = report.at - key.made_at
    made = f"{key.algorithm}, {duration(age)} old"
    match state(key, report.at):
        case KeyState.LEAVING:
            return f"{made}; until {moment(leave_until(key), page.zone())} ({page.zone()})"
        case KeyState.REMOVABLE:
            return f"{made}; take out {public_key(key).name}"
        case KeyState.SIGNING if age > GROWS_OLD:
            return f"{made}: older than a year, rotate it"
        case _:
            return made


def records(report: DomainReport) -> None:
    """Draw what is to be in DNS, ready to be copied."""
    live = [key for key in report.keys if key.ended_at is None]
    if not live:
        return
    waits = any(key.signs_since is None for key in live)
    with st.expander("DNS records to publish", expanded=waits, icon=":material/dns:"):
        for key in reversed(live):
            _record(key)


def _record(key: SigningKey) -> None:
    public = public_key(key)
    st.caption(f"{key.algorithm}: name and value of a TXT record, as most forms want them")
    st.code(public.name, language=None)
    st.code(public.text, language=None, wrap_lines=True)
    st.caption("The same for a zone file")
    st.code(zone_line(public), language=None, wrap_lines=True)
