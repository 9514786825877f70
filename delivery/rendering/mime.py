"""Writes the bytes of one mail: the hot path, by hand.

What is the same for every message of a topic is written once and remembered; bodies go out
as they are (8-bit, CRLF) unless a line is too long for that.
"""

import re
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import NamedTuple

from delivery.errors import ComposingError
from delivery.messages import Content, Envelope, utf8
from delivery.rendering.headers import field, mailbox, sender, solid, text_field
from delivery.rendering.mixed import mixed
from delivery.rendering.transfer import Body, body, encoded

_ADDRESS = re.compile(r"[^\s\x00-\x20\x7f-\xa0<>()\[\]\\,;:\"@]+@[A-Za-z0-9.-]+")
_NOT_A_LABEL = re.compile(r"[^a-z0-9.-]+")
_HEAD_END = b"\r\n\r\n"

_ALTERNATIVE = (
    b'%bContent-Type: multipart/alternative; boundary="%b"\r\n\r\n'
    b"--%b\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: %b\r\n\r\n%b\r\n"
    b"--%b\r\nContent-Type: text/html; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: %b\r\n\r\n%b\r\n--%b--\r\n"
)
_PLAIN = b"%bContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: %b\r\n\r\n%b\r\n"
_EIGHT_BIT_PART = re.compile(rb"Content-Transfer-Encoding: 8bit(?=\r\n|\Z)")
_BOUNDARY = re.compile(rb'\r\nContent-Type: multipart/alternative; boundary="([^"]+)"\r\n')


class _Standing(NamedTuple):
    """What the headers that stay the same are made of."""

    sender: str
    topic: str
    category: str
    campaign: str | None
    bulk: bool
    sender_id: str


def compose(content: Content, address: str, envelope: Envelope) -> bytes:
    r"""One mail as it goes on the wire: CRLF lines of at most 998 octets, not dot-stuffed.

    The same arguments give the same bytes. The text part comes first (RFC 2046, section
    5.1.4). Control characters in the subject and the recipient's name become spaces.

    Args:
        content: The filled template.
        address: The recipient's, as `delivery.channels.email.accepts` returns it.
        envelope: Everything else.

    Raises:
        ComposingError: An address, id or link cannot be written into a header.
    """
    head = f"{_standing(_key(envelope))}{_own(content, address, envelope)}".encode()
    if envelope.calendar is not None or envelope.enclosures:
        return mixed(head, content, envelope)
    text = body(utf8(content.text))
    if content.html is None:
        return _PLAIN % (head, text.encoding, text.octets)
    html = body(content.html_octets)
    mark = _boundary(envelope, text, html)
    return _ALTERNATIVE % (
        *(head, mark),
        *(mark, text.encoding, text.octets),
        *(mark, html.encoding, html.octets, mark),
    )


def _key(envelope: Envelope) -> _Standing:
    return _Standing(
        envelope.sender,
        envelope.topic,
        envelope.category,
        envelope.campaign,
        envelope.bulk,
        envelope.sender_id,
    )


def _own(content: Content, address: str, envelope: Envelope) -> str:
    if not _ADDRESS.fullmatch(address):
        raise ComposingError("the address cannot be written into a header")
    message_id = solid("Message-ID", envelope.message_id)
    return (
        f"{mailbox('To', envelope.recipient_name, address)}"
        f"{_reply_to(envelope)}"
        f"{text_field('Subject', content.subject)}"
        f"Date: {_date(envelope.date.replace(microsecond=0))}\r\n"
        f"Message-ID: <{message_id}>\r\n"
        f"X-Tidings-Delivery: {envelope.delivery_id}\r\n"
        f"{_unsubscribe(envelope)}"
    )


def _reply_to(envelope: Envelope) -> str:
    if envelope.reply_to is None:
        return ""
    return mailbox("Reply-To", *sender(envelope.reply_to))


def _unsubscribe(envelope: Envelope) -> str:
    """Both headers, each on one line: folded ones broke DKIM checks (RFC 8058)."""
    if envelope.unsubscribe_url is None:
        return ""
    links = [solid("List-Unsubscribe", envelope.unsubscribe_url)]
    if envelope.unsubscribe_mailto:
        links.append(solid("List-Unsubscribe", envelope.unsubscribe_mailto))
    written = field("List-Unsubscribe", ", ".join(f"<{link}>" for link in links))
    return f"{written}List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


@lru_cache(maxsize=1024)
def _date(moment: datetime) -> str:
    return format_datetime(moment)


@lru_cache(maxsize=1024)
def _standing(standing: _Standing) -> str:
    name, address = sender(standing.sender)
    list_id = f"{_label(standing.category)}.{address.rpartition('@')[2]}"
    ids = (standing.campaign or "", standing.topic, standing.category, standing.sender_id)
    feedback = ":".join(_label(part) for part in ids)
    return "".join(
        [
            mailbox("From", name, address),
            field("List-Id", f"<{list_id}>"),
            field("Feedback-ID", feedback),
            "Auto-Submitted: auto-generated\r\n",
            "X-Auto-Response-Suppress: OOF, AutoReply\r\n",
            "Precedence: bulk\r\n" if standing.bulk else "",
            "MIME-Version: 1.0\r\n",
        ]
    )


def _label(key: str) -> str:
    return _NOT_A_LABEL.sub("-", key.lower()).strip("-.")


def _boundary(envelope: Envelope, *parts: Body) -> bytes:
    """Never part of a body; made of the delivery's id, so that a refill gives the same bytes."""
    mark = b"=_" + envelope.delivery_id.hex.encode()
    while any(mark in part.octets for part in parts):
        mark += b"_"
    return mark


def seven_bit(payload: bytes) -> bytes:
    """A mail of `compose` with every 8-bit body encoded, for servers without 8BITMIME.

    Headers in UTF-8 (an address that is not ASCII) stay: they need SMTPUTF8 anyway, which
    implies 8BITMIME (RFC 6531, section 3.1).
    """
    head, _, rest = payload.partition(_HEAD_END)
    if rest.isascii():
        return payload
    found = _BOUNDARY.search(head + b"\r\n")
    if found is None:
        whole = _encoded_part(payload)
        return whole if whole.endswith(b"\r\n") else whole + b"\r\n"
    delimiter = b"\r\n--" + found[1]
    parts = (b"\r\n" + rest).split(delimiter)
    return head + _HEAD_END + delimiter.join(map(_encoded_part, parts)).removeprefix(b"\r\n")


def _encoded_part(part: bytes) -> bytes:
    head, _, octets = part.partition(_HEAD_END)
    if octets.isascii() or not _EIGHT_BIT_PART.search(head):
        return part
    again = encoded(octets)
    encoding = b"Content-Transfer-Encoding: " + again.encoding
    return _EIGHT_BIT_PART.sub(encoding, head) + _HEAD_END + again.octets
