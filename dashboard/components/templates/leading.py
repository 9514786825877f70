"""Leading from what is wrong with a template to its line in the editor."""

import streamlit as st

from dashboard.components.templates.editor import Jump
from dashboard.showing.parts import parts_of
from delivery.publishing.findings import Finding


def jump(template: str) -> Jump | None:
    """Where the caret of a template's editor was led last."""
    found: Jump | None = st.session_state.get(_key(template))
    return found


def lead(template: str, part: str, line: int) -> None:
    """Open a part by its title, and put the caret into a line; for callbacks of buttons."""
    before = jump(template)
    st.session_state[_key(template)] = Jump((before.id if before else 0) + 1, line)
    st.session_state[f"part_{template}"] = part


def button(template: str, channel: str, finding: Finding) -> None:
    """The way to the line of a finding, out of the dialog that tells it."""
    line = finding.remark.line or 1
    if st.button(
        f"Line {line}",
        icon=":material/my_location:",
        type="tertiary",
        key=f"lead_{hash((finding.mark, line))}",
        help="Show it in the editor",
        on_click=_to,
        args=(template, channel, finding),
    ):
        st.rerun()


def _to(template: str, channel: str, finding: Finding) -> None:
    of = finding.template or template
    if of != template:
        st.query_params["template"] = of
    titles = {part.name: part.title for part in parts_of(channel)}
    st.session_state[f"mode_{of}"] = "Write"
    st.session_state[f"locale_{of}"] = finding.locale
    lead(of, titles.get(finding.remark.part, parts_of(channel)[0].title), finding.remark.line or 1)


def _key(template: str) -> str:
    return f"jump_{template}"
