"""Changing sending domains: each in a dialog that says what will be true after."""

from datetime import timedelta

import streamlit as st

from dashboard.access import Permission
from dashboard.changing import signing
from dashboard.changing.signing import DomainReport
from dashboard.components.done import attempt
from dashboard.door import identity
from dashboard.showing.safe import plain
from models.records import Algorithm, SigningKey

_KINDS: dict[str, tuple[Algorithm, ...]] = {
    "RSA": (Algorithm.RSA,),
    "Ed25519": (Algorithm.ED25519,),
    "Both": tuple(Algorithm),
}
_LOOKING = "domain_looked_at"
_PATIENCE = timedelta(seconds=25)
"""After so long without an answer no worker seems to be there."""
_TAKES = timedelta(seconds=10)


def may() -> bool:
    """Whether the one who looks may change domains."""
    return identity.may(Permission.SIGN_MAIL)


def ask_add() -> None:
    """Ask for a domain."""
    name = str(st.text_input("Domain", key="domain_name", max_chars=253, placeholder="example.com"))
    kind = _kind()
    st.caption("Its first keys are made. They sign once their records were seen in DNS.")
    if st.button("Add", type="primary", key="domain_add_now", disabled=not name.strip()):
        who = identity.current().person
        attempt(lambda: signing.add(who, name, _KINDS[kind]), "Added: publish its records")


def ask_rotate(report: DomainReport) -> None:
    """Ask for which keys new ones are made, and why."""
    kind = _kind()
    st.markdown(
        "New keys are made. They take over once their records are seen; until then nothing changes."
        " The old records stay in DNS for 7 days after that."
    )
    reason = _reason()
    if st.button("Rotate", type="primary", key="domain_rotate_now"):
        who = identity.current().person
        attempt(
            lambda: signing.rotate(who, report.name, _KINDS[kind], reason),
            "New keys were made: publish their records",
        )


def ask_sign(key: SigningKey) -> None:
    """Ask why a key may sign that nobody saw."""
    st.markdown(
        f"**{plain(key.selector)}** signs within seconds, in the place of the one before it. If its"
        " record is not in DNS, receivers take the mail for forged."
    )
    reason = _reason()
    if st.button("Let it sign", type="primary", key="domain_sign_now"):
        who = identity.current().person
        attempt(
            lambda: signing.let_sign(who, key.domain, key.selector, reason),
            f"{key.selector} signs",
        )


def ask_retire(report: DomainReport) -> None:
    """Ask why nothing more is signed in a domain's name."""
    st.markdown(
        f"Nothing more is signed in the name of **{plain(report.name)}**, and its private keys are"
        " deleted. Mail still goes; receivers may refuse it."
    )
    reason = _reason()
    if st.button("Retire", type="primary", key="domain_retire_now"):
        who = identity.current().person
        attempt(lambda: signing.retire(who, report.name, reason), f"{report.name} is retired")


def _kind() -> str:
    help_ = "RSA is verified everywhere; Ed25519 is a second, shorter signature."
    chosen = st.segmented_control(
        "Keys", list(_KINDS), default="RSA", required=True, key="domain_kind", help=help_
    )
    return str(chosen or "RSA")


def _reason() -> str:
    return str(st.text_input("Reason", key="domain_reason", max_chars=300))


def look_again(report: DomainReport) -> None:
    """Have a worker look, and say so until it has."""
    who = identity.current().person
    try:
        asked = signing.look_again(who, report.name)
    except signing.NotAllowedError as error:
        st.error(plain(str(error)))
        return
    st.session_state.setdefault(_LOOKING, {})[report.name] = asked
    st.rerun()


def progress(name: str) -> None:
    """Draw how far a look is; the page is drawn anew when it is done."""
    looking = st.session_state.get(_LOOKING, {})
    if name in looking:
        st.fragment(_progress, run_every="1s", key=f"looking_{name}")(name)


def _progress(name: str) -> None:
    identity.demand(Permission.SEE_SETTINGS)
    looking = st.session_state.get(_LOOKING, {})
    found = {report.name: report for report in signing.reports()}
    if name not in looking or name not in found:
        return
    report, asked = found[name], looking[name]
    if report.checked_at is not None and report.checked_at > asked:
        del looking[name]
        st.rerun()
    passed = report.at - asked
    if passed > _PATIENCE:
        st.warning("No worker has looked yet. See tidings doctor: is one running?")
        return
    st.progress(min(passed / _TAKES, 0.95), "A worker asks DNS")
