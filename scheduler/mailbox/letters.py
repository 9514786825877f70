"""Reads mail for showing it: every byte of it may be hostile or broken."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.policy import compat32

_SUBJECT = re.compile(rb"^subject:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.IGNORECASE | re.MULTILINE)
_LONGEST_SUBJECT = 300
_HEAD = re.compile(rb"\r?\n\r?\n")
_HEAD_TAG = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_BASE = '<base target="_blank">'
"""Links open in a tab of their own: in the frame they would lead nowhere."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message taken apart.

    Attributes:
        headers: Names and decoded values, in order.
        text: The plain text part, if any.
        html: The HTML part, if any.
        attachments: Name, type and octets of everything else.
    """

    headers: tuple[tuple[str, str], ...]
    text: str | None
    html: str | None
    attachments: tuple[tuple[str, str, int], ...]

    def header(self, name: str) -> str:
        """The first header of this name, or an empty text."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), "")


def peek_subject(raw: bytes) -> str:
    """The decoded subject, found without taking the message apart: this runs for each."""
    end = _HEAD.search(raw)
    found = _SUBJECT.search(raw, 0, end.start() + 2 if end else len(raw))
    if found is None:
        return ""
    text = " ".join(found[1].decode("utf-8", "replace").split())
    return _decoded(text)[:_LONGEST_SUBJECT] if "=?" in text else text[:_LONGEST_SUBJECT]


def _decoded(text: str) -> str:
    try:
        return _clean(str(make_header(decode_header(text))))
    except (HeaderParseError, LookupError, ValueError):
        return text


def _clean(text: str) -> str:
    """Without lone surrogates, which stand for octets nobody could decode."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def read_letter(raw: bytes) -> Letter:
    """The parts of a message, as far as they can be read."""
    # The older policy: it reads headers when asked and survives whatever stands in them.
    message = message_from_bytes(raw, policy=compat32)
    parts = [part for part in message.walk() if not part.is_multipart()]
    text = _first(parts, "text/plain")
    html = _first(parts, "text/html")
    return Letter(
        headers=tuple(_headers(message)),
        text=_text(text) if text else None,
        html=_text(html) if html else None,
        attachments=tuple(_attachment(part) for part in parts if part not in (text, html)),
    )


def _headers(message: Message) -> Iterator[tuple[str, str]]:
    for name, value in message.raw_items():
        text = " ".join(_clean(str(value)).split())
        yield _clean(name), _decoded(text) if "=?" in text else text


def _first(parts: list[Message], kind: str) -> Message | None:
    return next(
        (
            part
            for part in parts
            if part.get_content_type() == kind and part.get_content_disposition() != "attachment"
        ),
        None,
    )


def _octets(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _text(part: Message) -> str:
    octets = _octets(part)
    try:
        return octets.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):
        return octets.decode("utf-8", "replace")


def _attachment(part: Message) -> tuple[str, str, int]:
    return _clean(part.get_filename("unnamed")), part.get_content_type(), len(_octets(part))


def framed(html: str) -> str:
    """The HTML part as it stands in its frame."""
    head = _HEAD_TAG.search(html)
    place = head.end() if head else 0
    return html[:place] + _BASE + html[place:]
