"""Publishing what was drafted: what stands in the way, what changes, and saying what one knows."""

from collections.abc import Callable, Mapping, Sequence
from difflib import unified_diff
from functools import partial
from uuid import UUID

import streamlit as st

from dashboard.access import Permission
from dashboard.actions import RefusedError
from dashboard.changing import judging, publishing
from dashboard.changing.judging import Look
from dashboard.components.done import attempt
from dashboard.components.templates import findings, leading
from dashboard.door import identity
from dashboard.showing.safe import plain
from delivery.publishing.findings import Finding
from delivery.publishing.material import PARTS
from models.records import TemplateVersion


def button(template: str, team: str | None) -> None:
    """The way to the dialog, for whoever may publish it."""
    if not identity.may(Permission.PUBLISH_TEMPLATES, team):
        return
    if st.button("Publish…", type="primary", icon=":material/publish:", key="publish_open"):
        _open(template)


def again(template: str, team: str | None) -> None:
    """The same where what was asked is not what is drafted any more."""
    if not identity.may(Permission.PUBLISH_TEMPLATES, team):
        return
    if st.button("Ask again…", icon=":material/approval:", key="publish_again"):
        _open(template)


def _open(template: str) -> None:
    st.dialog("Publish", width="large")(_ask)(template)


def _ask(template: str) -> None:
    """What publishing would do; it is looked at anew each time something is clicked."""
    try:
        with st.spinner("Looking at it as people will get it…"):
            seen = judging.look(template)
    except RefusedError as error:
        st.info(plain(str(error)))
        return
    lead = partial(leading.button, template, seen.there.head.channel)
    findings.show("Must be mended first", seen.errors, findings.BLOCKS, lead)
    known = _known(seen.warnings, lead)
    with st.expander("What changes", expanded=not seen.findings):
        st.code(_changes(seen), language="diff", wrap_lines=True, height=320)
    if not seen.findings:
        st.success("Every check passed, in every language and for every case.")
    _confirm(template, seen, known)


def _known(warnings: Sequence[Finding], lead: Callable[[Finding], None]) -> list[str]:
    """The warnings whoever publishes says they know."""
    if not warnings:
        return []
    st.markdown("**Say that you know**")
    known = []
    for warning in warnings:
        with st.container(horizontal=True, vertical_alignment="center"):
            key = f"know_{hash(warning.mark)}"
            if st.checkbox(findings.said(warning), key=key, width="stretch"):
                known.append(warning.mark)
            lead(warning)
    return known


def _changes(seen: Look) -> str:
    """What differs from what is live, language by language."""
    live = {text.locale: text for text in seen.there.live}
    said = []
    for locale in sorted(seen.there.revisions):
        before, after = _lines(live.get(locale)), _lines(seen.proposed.texts[locale])
        differs = list(unified_diff(before, after, f"{locale}, live", f"{locale}, draft", n=2))
        said += [line.rstrip() for line in differs]
    return "\n".join(said) or "The words are the same."


def _lines(text: TemplateVersion | None) -> list[str]:
    if text is None:
        return []
    parts = [(name, getattr(text, name)) for name in PARTS]
    return [line for name, said in parts if said for line in (f"[{name}]", *said.splitlines())]


def _confirm(template: str, seen: Look, known: Sequence[str]) -> None:
    is_open = not seen.errors and len(known) == len(seen.warnings)
    me, revisions = identity.current(), seen.there.revisions
    if publishing.needs_approval(me, seen):
        note = str(st.text_input("What changes, and why", key="publish_note", max_chars=300))
        st.caption("Somebody else has to look at it first: they are told by mail.")
        if st.button("Ask for approval", type="primary", disabled=not is_open, key="publish_ask"):
            attempt(lambda: _asked(me.person, template, revisions, known, note), "It was asked for")
        return
    st.caption(_consequence(seen))
    if st.button("Publish", type="primary", disabled=not is_open, key="publish_now"):
        attempt(lambda: _published(me.person, template, revisions, known), "It is live now")


def _consequence(seen: Look) -> str:
    if seen.proposed.is_piece:
        users = ", ".join(user.head.template for user in seen.proposed.users)
        return f"New versions of what uses it go live with it: {plain(users or 'nothing yet')}."
    topics = ", ".join(topic.key for topic in seen.there.topics) or "no topic yet"
    return f"It is sent from the next second on, by {plain(topics)}."


def _asked(
    me: UUID, template: str, revisions: Mapping[str, int], known: Sequence[str], note: str
) -> None:
    publishing.ask(me, template, revisions, known, note)


def _published(me: UUID, template: str, revisions: Mapping[str, int], known: Sequence[str]) -> None:
    publishing.publish(me, template, revisions, known)
