"""A mail cut into parts, whatever is wrong with it, in time that grows with its length only.

The standard library's parser recurses into nested parts and keeps every octet; what comes from
strangers is cut here by search alone, with bounds on all that can be repeated.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from quopri import decodestring

LONGEST_MAIL = 512 * 1024
"""Octets read; reports come first, and what they return may be cut."""
_LONGEST_TEXT = 64 * 1024
"""Octets of one part that are decoded."""
_LONGEST_LINE = 2000
_MOST_HEADERS = 400
_MOST_PARTS = 64
_MOST_MAILS = 100
_DEEPEST = 8

_ENVELOPE = re.compile(rb"\n\nFrom (?=[^\n]{0,200}\d\d:\d\d[^\n]{0,60}\n)")
_FIELD = re.compile(r"([!-9;-~]{1,64})[ \t]*:[ \t]*(.*)")
_PARAMETER = r"""\s*=\s*(?:"([^"\n]{0,200})"|([^\s;"]{1,200}))"""
_BOUNDARY = re.compile(rf"\bboundary{_PARAMETER}", re.IGNORECASE)
_CHARSET = re.compile(rf"\bcharset{_PARAMETER}", re.IGNORECASE)
_FIRST_DELIMITER = re.compile(rb"^--(\S[^\n]{0,200})\n(?=content-)", re.IGNORECASE | re.MULTILINE)
_TAGS = re.compile(
    r"<(?:style|script)\b[^<]*</[^>]*>|<br[^>]*>|</(?:p|div|tr|li|h\d)>", re.IGNORECASE
)
_TAG = re.compile(r"<[a-z/!][^<>]*>", re.IGNORECASE)

Headers = tuple[tuple[str, str], ...]
_PLAIN = ("content-type", "text/plain")


@dataclass(frozen=True, slots=True)
class Part:
    """A leaf of a mail: its media type, its headers (names in lower case) and its octets."""

    type: str
    headers: Headers
    body: bytes

    def text(self) -> str:
        """The first 64 KB as text, decoded as well as can be, lines cut at 2,000 characters."""
        text = _decoded(self.body[:_LONGEST_TEXT], self.headers)
        if self.type == "text/html":
            text = _TAG.sub("", _TAGS.sub("\n", text)).replace("&lt;", "<").replace("&gt;", ">")
        return "\n".join(line[:_LONGEST_LINE] for line in text.splitlines())


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail: its own headers and the leaves of its tree, in order."""

    headers: Headers
    parts: tuple[Part, ...]


def mails(raw: bytes) -> list[bytes]:
    """The mails of a file, each with lines that end in LF: one, or those of an mbox."""
    octets = raw[:LONGEST_MAIL].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    octets = octets.lstrip(b"\n\xef\xbb\xbf")
    return _ENVELOPE.split(octets)[:_MOST_MAILS] if octets.startswith(b"From ") else [octets]


def cut(octets: bytes) -> Mail:
    """The parts of a mail; never an error, at worst one part of unreadable text."""
    headers, body = split(octets)
    leaves = []
    whole = headers if value(headers, "content-type") else (*headers, _PLAIN)
    for part in _leaves(whole, body, 0):
        leaves.append(part)
        if len(leaves) == _MOST_PARTS:
            break
    return Mail(headers, tuple(leaves))


def split(octets: bytes) -> tuple[Headers, bytes]:
    """Headers and body of an entity whose lines end in LF."""
    if octets.startswith(b"\n"):
        return (), octets[1:]
    head, _, body = octets.partition(b"\n\n")
    return fields(head[:_LONGEST_TEXT].decode("utf-8", "replace")), body


def fields(head: str) -> Headers:
    """The fields of a header block, unfolded; lines that are none continue the one before."""
    found: list[tuple[str, list[str]]] = []
    for line in head.split("\n"):
        match = None if line[:1] in " \t" else _FIELD.match(line[:_LONGEST_LINE])
        if match and not match[2].startswith("//"):
            if len(found) == _MOST_HEADERS:
                break
            found.append((match[1].lower(), [match[2].strip()]))
        elif found and len(found[-1][1]) < _MOST_HEADERS:
            found[-1][1].append(line.strip()[:_LONGEST_LINE])
    return tuple((name, " ".join(filter(None, lines))) for name, lines in found)


def values(headers: Headers, *names: str) -> list[str]:
    """All values of the fields with these names."""
    return [value for name, value in headers if name in names]


def value(headers: Headers, *names: str) -> str:
    """The first value of these fields; empty where there is none."""
    return next(iter(values(headers, *names)), "")


def readable(text: str) -> str:
    """A header's value with its encoded words decoded, as far as they can be."""
    try:
        pieces = decode_header(text[:_LONGEST_LINE])
    except (HeaderParseError, ValueError):
        return text
    return "".join(
        piece if isinstance(piece, str) else _text(piece, charset or "utf-8")
        for piece, charset in pieces
    )


def _leaves(headers: Headers, body: bytes, depth: int) -> Iterator[Part]:
    media = value(headers, "content-type")
    kind = media.partition(";")[0].strip().lower()
    if depth < _DEEPEST and kind.startswith("multipart/"):
        pieces = _pieces(media, body)
        if pieces:
            for piece in pieces:
                yield from _leaves(*split(piece), depth + 1)
            return
        kind = "text/plain"
    yield Part(kind or _guess(headers), headers, body)


def _guess(headers: Headers) -> str:
    # Some return the original with its own headers where the part's should be.
    return "message/rfc822" if value(headers, "received", "return-path") else "text/plain"


def _pieces(media: str, body: bytes) -> list[bytes]:
    """What lies between the delimiters; where the named one is absent, the one that is there."""
    named = _BOUNDARY.search(media)
    if named and (pieces := _between((named[1] or named[2]).encode(errors="replace"), body)):
        return pieces
    found = _FIRST_DELIMITER.search(body)
    return _between(found[1].rstrip(), body) if found else []


def _between(boundary: bytes, body: bytes) -> list[bytes]:
    delimiter = b"\n--" + boundary.strip()
    pieces: list[bytes] = []
    body = b"\n" + body
    at = _next(delimiter, body, 0)
    while at >= 0 and len(pieces) < _MOST_PARTS:
        line_end = body.find(b"\n", at + len(delimiter))
        if line_end < 0 or body.startswith(b"--", at + len(delimiter)):
            break
        after = _next(delimiter, body, line_end)
        pieces.append(body[line_end + 1 : after if after >= 0 else len(body)])
        at = after
    return pieces


def _next(delimiter: bytes, body: bytes, start: int) -> int:
    """Where the delimiter's next line begins: another boundary may begin with this one."""
    at = body.find(delimiter, start)
    for _ in range(_MOST_PARTS):
        if at < 0:
            return at
        line = body[at + len(delimiter) : at + len(delimiter) + 80].partition(b"\n")[0].strip()
        if line in (b"", b"--"):
            return at
        at = body.find(delimiter, at + 1)
    return -1


def _decoded(body: bytes, headers: Headers) -> str:
    encoding = value(headers, "content-transfer-encoding").strip().lower()
    if encoding == "base64":
        body = _unbased(body)
    elif encoding == "quoted-printable":
        body = decodestring(body)
    named = _CHARSET.search(value(headers, "content-type"))
    return _text(body, (named[1] or named[2]) if named else "utf-8")


def _unbased(body: bytes) -> bytes:
    clean = re.sub(rb"[^A-Za-z0-9+/]", b"", body)
    try:
        return binascii.a2b_base64(clean[: len(clean) // 4 * 4] + _tail(clean))
    except binascii.Error:
        return body


def _tail(clean: bytes) -> bytes:
    rest = clean[len(clean) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def _text(octets: bytes, charset: str) -> str:
    """Octets in the charset they are said to be in, else UTF-8, else Latin-1."""
    # Any octets are some UTF-16; what is without a zero is not really meant so.
    wide = charset.lower().startswith(("utf-16", "utf-32", "utf16", "utf32"))
    for name in ("utf-8" if wide and b"\0" not in octets else charset, "utf-8"):
        try:
            return octets.decode(name)
        except (LookupError, ValueError):
            continue
    return octets.decode("utf-8", "replace") if _mostly_utf8(octets) else octets.decode("latin-1")


def _mostly_utf8(octets: bytes) -> bool:
    text = octets.decode("utf-8", "replace")
    return text.count("\ufffd") * 10 < len(text) - len(text.encode("ascii", "ignore"))
