"""What a campaign says: its title, its topic, and what templates see as data."""

import json
from typing import Any

import streamlit as st

from dashboard.access import Permission
from dashboard.components.campaigns import files
from dashboard.components.campaigns.field import Form
from dashboard.components.people import ownership
from dashboard.showing.campaign_steps import key_of
from dashboard.showing.safe import plain
from delivery.topics.sentences import sentences


def ask(form: Form, *, is_new: bool) -> dict[str, Any]:
    """Draw the fields; what they say."""
    said: dict[str, Any] = {"title": form.text("Title", "title", hint="Spring release")}
    if is_new:
        said["key"] = form.text(
            "Key", "key", hint=key_of(said["title"]) or "spring-release",
            note="What reports and commands call it; it never changes. Empty: made of the title.",
        )  # fmt: skip
        said["team"] = ownership.choose(Permission.EDIT_CAMPAIGNS, form.value("team"))
    said["topic"] = form.choice("Topic", sorted(form.known.topics), "topic") or ""
    if topic := form.known.topics.get(said["topic"]):
        st.caption(plain(" ".join(sentences(topic))))
    said["reply_to"] = form.text("Answers go to", "reply_to", hint="As its topic says") or None
    said["attachments"] = files.ask(form)
    said["data"] = _data(form)
    return said


def _data(form: Form) -> Any:
    """What templates see; a text where it is no JSON object, to be told of."""
    held = form.value("data")
    text = held if isinstance(held, str) else json.dumps(held, indent=2) if held else ""
    said = str(
        st.text_area(
            "Data for its templates, as JSON", text, key=form.name("data"), height=120,
            placeholder='{"release": "4.0"}',
        )
    ).strip()  # fmt: skip
    form.told("data")
    try:
        found = json.loads(said or "{}")
    except ValueError:
        return said
    return found if isinstance(found, dict) else said
