"""What a mail looks like, in a frame that can do nothing.

No scripts, no forms, no links, and no pictures from elsewhere unless they are asked for.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard.files import text

WIDTHS = {"Desktop": 640, "Tablet": 520, "Mobile": 375}
_HEIGHTS = {"Desktop": 720, "Tablet": 660, "Mobile": 640}

_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
    " style-src 'unsafe-inline'; img-src {images}; font-src data:\">"
)

_mount = st.components.v2.component(
    "tidings_preview",
    html=text("components", "templates", "preview.html"),
    css=text("components", "templates", "preview.css"),
    js=text("components", "templates", "preview.js"),
)


@dataclass(frozen=True, slots=True)
class Head:
    """What an inbox shows above a mail."""

    subject: str
    sender: str
    preheader: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How a mail is looked at."""

    device: str = "Desktop"
    scheme: str = "Light"
    images: bool = False


def choose(key: str) -> Look:
    """The controls for a look, in one row."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"look_{key}"):
        return look(key, segmented("Device", list(WIDTHS), f"{key}_device"))


def look(key: str, device: str) -> Look:
    """The controls for everything about a look but its device."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"scheme_{key}"):
        scheme = segmented("Scheme", ["Light", "Dark"], f"{key}_scheme")
        images = st.toggle("Load images", key=f"{key}_images", help="Asks their servers for them")
    return Look(device, scheme, images)


def segmented(label: str, options: Sequence[str], key: str) -> str:
    """One of a few options, the first to begin with."""
    chosen = st.segmented_control(
        label, options, default=options[0], required=True, key=key, label_visibility="collapsed"
    )
    return chosen or options[0]


def show(html: str, head: Head, look: Look, key: str) -> None:
    """Draw the frame."""
    _mount(
        key=key,
        data={
            "html": harmless(html, look),
            "subject": head.subject,
            "sender": head.sender,
            "preheader": head.preheader,
            "device": look.device,
            "scheme": look.scheme.lower(),
            "width": WIDTHS[look.device],
            "height": _HEIGHTS[look.device],
        },
    )


def harmless(html: str, look: Look) -> str:
    """The mail with a policy of its own, and its dark styles decided by the look.

    The media feature is rewritten, because what a frame takes for the viewer's scheme differs
    between browsers.
    """
    on, off = ("dark", "light") if look.scheme == "Dark" else ("light", "dark")
    html = _decide(html, on, "(min-width: 0px)")
    html = _decide(html, off, "(max-width: 0px)")
    policy = _POLICY.format(images="https: data:" if look.images else "data:")
    head = re.search(r"(?i)<head\b[^>]*>", html)
    return html[: head.end()] + policy + html[head.end() :] if head else policy + html


def _decide(html: str, scheme: str, feature: str) -> str:
    return re.sub(rf"(?i)\(\s*prefers-color-scheme\s*:\s*{scheme}\s*\)", feature, html)
