"""Header fields of a mail: one way to write each kind, and no way to smuggle in another.

Text people typed (a subject, a name) loses its control characters; anything structural
(addresses, ids, links) that holds one is refused.
"""

import re
from base64 import b64encode
from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from delivery.errors import ComposingError
from delivery.messages import readable

_LINE = 76
"""Longest line with an encoded word (RFC 2047, section 2)."""

_LONGEST_LINE = 998
"""Octets, without the line end (RFC 5322, section 2.1.1)."""

_BEGIN, _END = "=?utf-8?b?", "?="
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_WORDS = re.compile(r"[!-~]+(?: [!-~]+)*")
_SOLID = re.compile(r"[!-~]+")
_MAILBOX = re.compile(r"\s*(?P<name>.*?)\s*<(?P<address>[^<>]+)>\s*")


def field(name: str, value: str) -> str:
    """A line for a value that we made: printable ASCII without spaces at its ends.

    Raises:
        ComposingError: It holds anything else, or is too long for one line.
    """
    if not _WORDS.fullmatch(value) or len(name) + len(value) + 2 > _LONGEST_LINE:
        raise ComposingError(f"{name} cannot be written as a header")
    return f"{name}: {value}\r\n"


def solid(name: str, value: str) -> str:
    """The value itself, if it is printable ASCII without any space or angle bracket.

    Raises:
        ComposingError: It is not.
    """
    if not _SOLID.fullmatch(value) or "<" in value or ">" in value:
        raise ComposingError(f"{name} holds a character it must not")
    return value


def text_field(name: str, value: str) -> str:
    """A line, or folded lines, for any text; control characters become one space."""
    value = cleaned(value)
    if _plain(value):
        if len(name) + len(value) + 2 <= _LINE:
            return f"{name}: {value}\r\n"
        if max(map(len, value.split(" "))) < _LINE:
            return _folded(f"{name}: {value}")
    return f"{name}: {_encoded(value, len(name) + 2)}\r\n" if value else f"{name}:\r\n"


def mailbox(name: str, shown: str | None, address: str) -> str:
    """A line, or folded lines, for one address with the name shown before it."""
    shown = cleaned(shown or "")
    if not shown:
        return f"{name}: {address}\r\n"
    phrase = _phrase(shown, len(name) + 2)
    last = phrase.rsplit("\n", 1)[-1]
    gap = " " if len(name) + len(last) + len(address) + 5 <= _LINE else "\r\n "
    return f"{name}: {phrase}{gap}<{address}>\r\n"


def cleaned(value: str) -> str:
    """Text without control characters and lone surrogates."""
    if value.isascii() and value.isprintable():
        return value.strip()
    return readable(_CONTROLS.sub(" ", value)).strip()


@lru_cache(maxsize=256)
def sender(value: str) -> tuple[str, str]:
    """The name and address of an RFC 5322 mailbox such as `Tidings <news@example.com>`.

    Raises:
        ComposingError: It holds no usable address.
    """
    found = _MAILBOX.fullmatch(value)
    name, address = (found["name"], found["address"]) if found else ("", value.strip())
    if _CONTROLS.search(value):
        raise ComposingError("the sender holds a control character")
    try:
        checked = validate_email(
            address,
            check_deliverability=False,
            globally_deliverable=False,
            test_environment=True,
        )
    except EmailNotValidError as error:
        raise ComposingError(f"the sender is not a mailbox: {error}") from None
    if checked.ascii_email is None:
        raise ComposingError("the sender's address must be ASCII")
    if name[:1] == name[-1:] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1])
    return name, checked.ascii_email


def _plain(value: str) -> bool:
    # What looks like an encoded word would be decoded by the reader.
    return "=?" not in value and _WORDS.fullmatch(value) is not None


def _phrase(shown: str, used: int) -> str:
    if _plain(shown) and len(shown) + used + 2 <= _LINE:
        quoted = shown.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"'
    return _encoded(shown, used)


def _folded(line: str) -> str:
    """Lines of at most 76 characters; a line break comes before a space, so none is lost."""
    lines = []
    while len(line) > _LINE:
        cut = line.rfind(" ", 1, _LINE + 1)
        lines.append(line[:cut])
        line = line[cut:]
    return "\r\n".join([*lines, line]) + "\r\n"


def _encoded(value: str, used: int) -> str:
    """Encoded words of whole characters, each line within 76 (RFC 2047)."""
    words: list[str] = []
    word = b""
    room = _room(used)
    for character in value:
        octets = character.encode()
        if len(word) + len(octets) > room:
            words.append(_word(word))
            word, room = b"", _room(1)
        word += octets
    return "\r\n ".join([*words, _word(word)])


def _room(used: int) -> int:
    return (_LINE - 1 - used - len(_BEGIN) - len(_END)) // 4 * 3


def _word(octets: bytes) -> str:
    return f"{_BEGIN}{b64encode(octets).decode()}{_END}"
