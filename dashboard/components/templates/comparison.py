"""Two texts side by side, what differs marked; the right one may be written in."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dashboard.components.templates.editor import MODULE, PAUSE
from dashboard.files import text


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, what they are called, and the language both are in."""

    before: str
    after: str
    labels: tuple[str, str]
    language: str = "jinja"
    revision: int = 0


_mount = st.components.v2.component(
    "tidings_comparison",
    html=text("components", "templates", "comparison.html"),
    css=text("components", "templates", "comparison.css"),
    js=text("components", "templates", "comparison.js"),
)


def show(pair: Pair, key: str, changed: Callable[[], None] | None = None) -> None:
    """Draw both; with `changed` the right one can be written in, and `editor.typed` tells what."""
    _mount(
        key=key,
        data={
            "before": pair.before,
            "after": pair.after,
            "labels": list(pair.labels),
            "language": pair.language,
            "revision": pair.revision,
            "writable": changed is not None,
            "pause": PAUSE,
            "module": MODULE,
        },
        on_text_change=changed or _nothing,
    )


def _nothing() -> None:
    """Nothing is written into what is only shown."""
