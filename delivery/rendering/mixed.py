"""Writes mails that carry more than words: files, and what goes into a calendar.

All of it is 7-bit from the start, so that nobody on the way has to write it anew.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from urllib.parse import quote

from delivery.messages import CalendarPart, Content, Enclosure, Envelope, utf8
from delivery.rendering.headers import cleaned
from delivery.rendering.transfer import base64, body, encoded

_TOKEN = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9._-]{1,60}")
_PIECE = 60
"""Characters of a name in one parameter: of a longer one several are written (RFC 2231)."""
_ICS = "invite.ics"


def mixed(head: bytes, content: Content, envelope: Envelope) -> bytes:
    r"""A mail with everything that its envelope carries.

    Its words come first, as alternatives, the calendar the last of them (RFC 6047, section 2.4,
    and RFC 2046, section 5.1.4); the calendar is there once more as a file, for clients that only
    know it as one.

    Args:
        head: The headers so far, each with its CRLF.
        content: The filled template.
        envelope: What is carried.
    """
    said = [_text("plain", utf8(content.text))]
    if content.html is not None:
        said.append(_text("html", content.html_octets))
    files = [_file(one) for one in envelope.enclosures]
    if envelope.calendar is not None:
        said.append(_calendar(envelope.calendar))
        files.append(_file(Enclosure(_ICS, "application/ics", envelope.calendar.octets)))
    name = sha256(b"".join([envelope.delivery_id.bytes, *said, *files])).hexdigest()[:32].encode()
    words = _multipart(b"alternative", b"=_a" + name, said)
    return head + _multipart(b"mixed", b"=_m" + name, [words, *files])


def _multipart(kind: bytes, mark: bytes, parts: list[bytes]) -> bytes:
    """Parts between marks: a mark is a hash of them all, so none of them holds it."""
    between = b"".join(b"--%b\r\n%b\r\n" % (mark, part) for part in parts)
    return b'Content-Type: multipart/%b; boundary="%b"\r\n\r\n%b--%b--\r\n' % (
        kind, mark, between, mark,
    )  # fmt: skip


def _text(kind: str, octets: bytes) -> bytes:
    made = body(octets)
    if not made.octets.isascii():
        made = encoded(made.octets)
    return _part(f"text/{kind}; charset=utf-8", made.encoding, made.octets)


def _calendar(part: CalendarPart) -> bytes:
    kind = f"text/calendar; charset=utf-8; method={part.method}"
    return _part(kind, b"base64", base64(part.octets))


def _part(kind: str, encoding: bytes, octets: bytes, more: str = "") -> bytes:
    head = f"Content-Type: {kind}\r\n{more}Content-Transfer-Encoding: ".encode()
    return b"%b%b\r\n\r\n%b" % (head, encoding, octets)


def _file(enclosure: Enclosure) -> bytes:
    """A file under its name; one whose type is none is a file of unknown type."""
    kind = enclosure.kind if _TOKEN.fullmatch(enclosure.kind) else "application/octet-stream"
    name = cleaned(enclosure.name) or "file"
    shown = "".join(f";\r\n {one}" for one in _named(name))
    return _part(
        kind, b"base64", base64(enclosure.octets), f"Content-Disposition: attachment{shown}\r\n"
    )


def _named(name: str) -> Iterator[str]:
    """The parameters that say a name (RFC 2231): in pieces where it is long."""
    if _PLAIN_NAME.fullmatch(name):
        yield f'filename="{name}"'
        return
    pieces = ["utf-8''"]
    for character in name:
        written = quote(character, safe="")
        if len(pieces[-1]) + len(written) > _PIECE:
            pieces.append("")
        pieces[-1] += written
    if len(pieces) == 1:
        yield f"filename*={pieces[0]}"
        return
    for number, piece in enumerate(pieces):
        yield f"filename*{number}*={piece}"
