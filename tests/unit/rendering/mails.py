"""Envelopes and contents for the tests of what goes on the wire."""

import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from delivery.messages import Content, Envelope

ADDRESS = "anna@example.org"
ENVELOPE = Envelope(
    delivery_id=UUID("50850000-0000-8000-8000-00000000002a"),
    message_id="50850000-0000-8000-8000-00000000002a@news.example.com",
    sender="Tidings <news@example.com>",
    return_path="b+1.abc@bounce.example.com",
    date=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    topic="board.shared",
    category="updates",
    recipient_name="Anna",
    unsubscribe_url="https://example.com/u/TOKEN",
    unsubscribe_mailto="mailto:u+1@bounce.example.com",
)

ANY_TEXT = st.text(st.characters(codec=None), max_size=300)
"""Everything Python calls text, lone surrogates and controls included."""

LINES = st.lists(
    st.one_of(
        st.sampled_from([".", "..", ".\r", "", " ", "\t", "=", "--=_", "From x", "é" * 600]),
        st.text(max_size=1200),
    ),
    max_size=12,
)
BODIES = st.builds(lambda lines, end: end.join(lines), LINES, st.sampled_from(["\n", "\r\n", "\r"]))
"""Bodies full of what breaks mail: dots, long lines, every line end."""


def envelope(**changes: Any) -> Envelope:
    return replace(ENVELOPE, **changes)


def content(
    subject: str = "Hello", text: str = "Text", html: str | None = "<p>HTML</p>"
) -> Content:
    return Content(subject, text, html)


def parsed(payload: bytes) -> EmailMessage:
    message = email.message_from_bytes(payload, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(payload: bytes, kind: str) -> str:
    found = parsed(payload).get_body((kind,))
    assert found is not None
    octets = found.get_payload(decode=True)
    assert isinstance(octets, bytes)
    return octets.decode()


def normal(text: str) -> str:
    """What a body means after its way: one kind of line end, nothing that mail cannot carry."""
    text = re.sub("[\ud800-\udfff\0]", "\ufffd", text)
    return re.sub("\r\n|\r|\n", "\r\n", text)


def assert_fit_for_the_wire(payload: bytes) -> None:
    assert payload.endswith(b"\r\n")
    assert b"\0" not in payload
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", payload)
    assert max(map(len, payload.split(b"\r\n"))) <= 998
    assert parsed(payload).defects == []
