"""Making a template: its key, what it is for, and the words it begins with."""

import streamlit as st

from dashboard import settings
from dashboard.access import Permission
from dashboard.changing import beginning, drafting, teams
from dashboard.components.deliveries.said import filler
from dashboard.components.done import attempt
from dashboard.components.templates import preview
from dashboard.components.templates.preview import Head, Look
from dashboard.door import identity
from dashboard.showing import examples
from dashboard.showing.words import label
from delivery.registry import all_channels
from delivery.rendering.saving import equipped
from delivery.templates.gallery import Starter, pieces, starters
from models.readings.templates import TemplateLine
from models.records import TemplateHead, TemplateKind, Words

_NOTHING, _STARTER, _OTHER = "Nothing", "A starter", "Another's words"
_DONE = "It is made: nobody gets it before it is published"
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
_SECTION = """\
<mj-section>
  <mj-column>
    <mj-text>You get this because of your choices about “{{ topic.title }}”.</mj-text>
  </mj-column>
</mj-section>
"""
_LAYOUT = """\
<mjml>
  <mj-body>
    {% block main %}
    <mj-section><mj-column><mj-text>{{ topic.title }}</mj-text></mj-column></mj-section>
    {% endblock %}
  </mj-body>
</mjml>
"""
_BLOCK = "{% block main %}{{ topic.title }}{% endblock %}"
_TEXT = "Hello {{ recipient.name or recipient.id }}"


def button(lines: list[TemplateLine]) -> None:
    """The way to the dialog, for whoever may write templates."""
    if not identity.may_somewhere(Permission.EDIT_TEMPLATES):
        return
    if st.button("New template", icon=":material/add:", type="primary", key="template_new"):
        st.dialog("New template", width="large")(_ask)(lines)


def _ask(lines: list[TemplateLine]) -> None:
    begins = preview.segmented("Begins with", [_STARTER, _NOTHING, _OTHER], "new_begins")
    if begins == _STARTER:
        _from_starter()
    else:
        _from_words(lines, begins)


def _from_starter() -> None:
    left, right = st.columns([5, 6], gap="medium")
    with left:
        starter = _starter()
        head = starter.bundle.head
        title, key, team = _named(head.title, head.template)
        st.caption("Its layout and footer come along where they are not there yet.")
        if st.button("Make it", type="primary", key="new_make"):
            wanted = TemplateHead(key, title, head.channel)
            attempt(lambda: _begun(wanted, starter, team), _DONE)
    with right:
        _look_at(starter)


def _starter() -> Starter:
    by_title = {one.bundle.head.title: one for one in starters()}
    chosen = st.radio(
        "Starter",
        list(by_title),
        captions=[one.purpose for one in by_title.values()],
        key="new_starter",
    )
    return by_title[str(chosen)]


def _look_at(starter: Starter) -> None:
    """A starter as people would get it, filled with its own example."""
    shared = [text for piece in pieces() for text in piece.texts]
    context = examples.context(starter.data, None)
    filled = filler().fill(equipped(starter.bundle.texts[0], shared), context)
    head = Head(filled.content.subject, settings.delivery().mail_from, filled.preheader)
    preview.show(filled.content.html or "", head, Look(), key="new_preview")


def _from_words(lines: list[TemplateLine], begins: str) -> None:
    others = {line.template: line for line in lines if line.live_version}
    begin, channel, kind = None, None, TemplateKind.TEMPLATE
    if begins == _OTHER:
        begin = st.selectbox("Template", list(others), key="new_from")
        channel = others[begin].channel if begin else None
    else:
        kind = _kind()
        channels = sorted(all_channels())
        channel = st.selectbox("Channel", channels, format_func=label, key="new_channel")
    locale = st.text_input(
        "Language",
        value="en",
        max_chars=35,
        key="new_locale",
        help="BCP 47, like en or pt-BR: what serves whoever reads no other",
    )
    title, key, team = _named("", "")
    if st.button("Make it", type="primary", key="new_make", disabled=channel is None):
        head = TemplateHead(key, title, str(channel), kind, locale.strip())
        attempt(lambda: _made(head, begin, team), _DONE)


def _kind() -> TemplateKind:
    chosen = st.selectbox(
        "Kind",
        list(TemplateKind),
        format_func=label,
        key="new_kind",
        help="A partial is a piece that others include, a layout a whole mail with blocks",
    )
    return TemplateKind(str(chosen))


def _named(title: str, key: str) -> tuple[str, str, str | None]:
    """What it is called, the key it goes by, and who owns it."""
    said = st.text_input("Title", value=title, max_chars=120, key=f"new_title_{key}")
    named = st.text_input("Key", value=key, max_chars=100, key=f"new_key_{key}",
                          help="Topics name it by this; it never changes")  # fmt: skip
    mine = [team for team in (None, *_teams()) if identity.may(Permission.EDIT_TEMPLATES, team)]
    team = st.selectbox("Team", mine, format_func=_called, key="new_team")
    return said, named.strip(), team


def _begun(head: TemplateHead, starter: Starter, team: str | None) -> None:
    beginning.from_starter(identity.current().person, head, starter, team)
    st.query_params["template"] = head.template


def _made(head: TemplateHead, begin: str | None, team: str | None) -> None:
    words = _words(head) if begin is None else drafting.live_words(begin)
    beginning.create(identity.current().person, head, words, team)
    st.query_params["template"] = head.template


def _teams() -> list[str]:
    return [team.team for team in teams.all_teams()]


def _called(team: str | None) -> str:
    return team or "The installation"


def _words(head: TemplateHead) -> Words:
    """What there is at first of each kind."""
    mail = head.channel == "email"
    match head.kind:
        case TemplateKind.PARTIAL:
            return Words("", _SECTION if mail else _TEXT)
        case TemplateKind.LAYOUT:
            return Words("", _LAYOUT if mail else _BLOCK)
        case _:
            return Words("Hello", _MAIL if mail else _TEXT)
