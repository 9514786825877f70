"""An editor for templates and JSON: highlighted, completed, with problems beside their lines.

CodeMirror, bundled from `dashboard/editor` by `make editor`.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256

import streamlit as st

from dashboard.files import HERE, text
from dashboard.showing.completing import Vocabulary

PAUSE = 250
"""Milliseconds without a key until what was typed is sent."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something wrong in a line, counted from 1."""

    line: int
    message: str
    severity: str = "error"


@dataclass(frozen=True, slots=True)
class Jump:
    """Where the caret goes, once for each id."""

    id: int
    line: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What an editor is to hold.

    Attributes:
        text: What it begins with, and takes on again when `revision` changes.
        revision: Of the text, not of what was typed since.
        language: `mjml`, `jinja` or `json`.
        height: In pixels.
    """

    text: str
    revision: int
    label: str
    language: str = "jinja"
    writable: bool = True
    one_line: bool = False
    height: int = 520
    words: Vocabulary = field(default_factory=Vocabulary)
    marks: Sequence[Mark] = ()
    jump: Jump | None = None


_BUNDLE = "static/editor.js"
MODULE = f"/app/{_BUNDLE}?{sha256((HERE / _BUNDLE).read_bytes()).hexdigest()[:12]}"

_mount = st.components.v2.component(
    "tidings_editor",
    html=text("components", "templates", "editor.html"),
    css=text("components", "templates", "editor.css"),
    js=text("components", "templates", "editor.js"),
)


def edit(
    asked: Asked, key: str, changed: Callable[[], None], saved: Callable[[], None] | None = None
) -> None:
    """Draw the editor.

    Args:
        asked: What it holds.
        key: Its place; `typed` tells there what was written.
        changed: Called when something was typed.
        saved: Called on Mod+S, after `changed`.
    """
    _mount(
        key=key,
        data={
            "text": asked.text,
            "revision": asked.revision,
            "label": asked.label,
            "language": asked.language,
            "writable": asked.writable,
            "one_line": asked.one_line,
            "height": asked.height,
            "words": asdict(asked.words),
            "problems": [asdict(mark) for mark in asked.marks],
            "jump": asked.jump and asdict(asked.jump),
            "pause": PAUSE,
            "module": MODULE,
        },
        on_text_change=changed,
        on_saved_change=saved or _nothing,
    )


def typed(key: str, revision: int) -> str | None:
    """What was written in an editor since a revision was put into it; `None`: nothing."""
    held = st.session_state.get(key, {}).get("text")
    return held["text"] if held and held["revision"] == revision else None


def _nothing() -> None:
    """Mod+S still sends what was typed at once."""
