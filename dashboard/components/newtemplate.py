"""Making a template: its key, what it is for, and the words it begins with."""

import streamlit as st

from dashboard.access import Permission
from dashboard.changing import drafting, teams
from dashboard.components.done import attempt
from dashboard.door import identity
from dashboard.showing.words import label
from delivery.registry import all_channels
from models.readings.templates import TemplateLine
from models.records import TemplateHead, Words

_EMPTY = "Empty"
_MAIL = """\
<mjml>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text>Hello {{ recipient.name or recipient.id }},</mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"""
_TEXT = "Hello {{ recipient.name or recipient.id }}"


def button(lines: list[TemplateLine]) -> None:
    """The way to the dialog, for whoever may write templates."""
    if not identity.may_somewhere(Permission.EDIT_TEMPLATES):
        return
    if st.button("New template", icon=":material/add:", type="primary", key="template_new"):
        st.dialog("New template")(_ask)(lines)


def _ask(lines: list[TemplateLine]) -> None:
    title = st.text_input("Title", max_chars=120, key="new_title", placeholder="Welcome")
    key = st.text_input("Key", max_chars=100, key="new_key", placeholder="welcome",
                        help="Topics name it by this; it never changes")  # fmt: skip
    channel = st.selectbox("Channel", sorted(all_channels()), format_func=label, key="new_channel")
    locale = st.text_input(
        "Language",
        value="en",
        max_chars=35,
        key="new_locale",
        help="BCP 47, like en or pt-BR: what serves whoever reads no other",
    )
    others = [line.template for line in lines if line.channel == channel and line.live_version]
    mine = [team for team in (None, *_teams()) if identity.may(Permission.EDIT_TEMPLATES, team)]
    team = st.selectbox("Team", mine, format_func=_called, key="new_team")
    begin = st.selectbox("Begins with", [_EMPTY, *others], key="new_from")
    if st.button("Make it", type="primary", key="new_make"):
        head = TemplateHead(key.strip(), title, channel, locale=locale.strip())
        attempt(
            lambda: _make(head, begin, team), "It is made: nobody gets it before it is published"
        )


def _make(head: TemplateHead, begin: str, team: str | None) -> None:
    words = _words(head.channel) if begin == _EMPTY else drafting.live_words(begin)
    drafting.create(identity.current().person, head, words, team)
    st.query_params["template"] = head.template


def _teams() -> list[str]:
    return [team.team for team in teams.all_teams()]


def _called(team: str | None) -> str:
    return team or "The installation"


def _words(channel: str) -> Words:
    return Words("Hello", _MAIL if channel == "email" else _TEXT)
