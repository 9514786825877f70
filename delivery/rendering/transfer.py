r"""Octets of a body as they may travel: CRLF lines of at most 998, declared as what they are.

Lone `\r` or `\n` would let a body end the SMTP transaction early, so every one becomes CRLF.
NUL and lone surrogates, which no mail can carry, become U+FFFD.
"""

import binascii
import re
import struct
from dataclasses import dataclass

LONGEST_LINE = 998
"""Octets of a line without its CRLF (RFC 5322, section 2.1.1)."""

_SEVEN_BIT, _EIGHT_BIT, _QUOTED, _BASE64 = b"7bit", b"8bit", b"quoted-printable", b"base64"
_REPLACED = "\ufffd"
_ASCII = bytes(range(128))
_ANY_END = re.compile(rb"\r\n|\r|\n")
_BASE64_LINE = 76
_TOO_FOREIGN = 6
"""One octet in this many not ASCII: from there on base64 is the smaller encoding."""
_TOO_LONG = 2_000
"""Octets from which on base64 is worth its size: encoding takes a quarter of the time, and
that of a whole page as quoted-printable takes three times as long as all else in a mail."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body and the Content-Transfer-Encoding that describes it."""

    encoding: bytes
    octets: bytes


def body(octets: bytes) -> Body:
    """UTF-8 text as it is where that is allowed, else encoded; its lines end in CRLF."""
    octets = _whole_lines(octets)
    if _has_long_line(octets):
        return encoded(octets)
    return Body(_SEVEN_BIT if octets.isascii() else _EIGHT_BIT, octets)


def encoded(octets: bytes) -> Body:
    """The octets in lines of at most 76 ASCII characters."""
    foreign = len(octets.translate(None, _ASCII))
    if len(octets) > _TOO_LONG or foreign * _TOO_FOREIGN > len(octets):
        return Body(_BASE64, base64(octets))
    # Where there is no line end to see what one is here, soft line breaks are made with LF alone.
    return Body(_QUOTED, _whole_lines(binascii.b2a_qp(octets, istext=True)))


def _whole_lines(octets: bytes) -> bytes:
    # Two replacements and a comparison take half the time of a pattern for lone CR and LF.
    if octets.replace(b"\r", b"").replace(b"\n", b"\r\n") == octets and b"\0" not in octets:
        return octets
    return _ANY_END.sub(b"\r\n", octets.replace(b"\0", _REPLACED.encode()))


def _has_long_line(octets: bytes) -> bool:
    position, end = 0, len(octets)
    while end - position > LONGEST_LINE:
        # Jumps a whole line's length at a time: a few steps for a mail of hundreds of lines.
        newline = octets.rfind(b"\r\n", position, position + LONGEST_LINE + 2)
        if newline < 0:
            return True
        position = newline + 2
    return False


def base64(octets: bytes) -> bytes:
    """Lines of 76 characters."""
    line = binascii.b2a_base64(octets, newline=False)
    whole = len(line) // _BASE64_LINE
    # One C call cuts all lines; slicing them one by one takes longer than encoding.
    cut = struct.unpack(f"{_BASE64_LINE}s" * whole, line[: whole * _BASE64_LINE])
    return b"\r\n".join([*cut, line[whole * _BASE64_LINE :]])
