"""Reading events: ids of ours in them, moments, and why something came back."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from delivery.errors import UnreadableError
from models.ids import place_of
from models.records import Bounce
from models.storable import storable

TAG = "tidings_delivery"
"""Name of the tag, argument or metadata in which a vendor carries our id."""
HEADER = "x-tidings-delivery"

_ID = re.compile(r"(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_LONGEST = 4000
_LONGEST_ID = 200

# RFC 3463 and IANA's registry; 4.7.28 and 5.7.x are about us, never about the address.
_BY_STATUS: tuple[tuple[str, Bounce], ...] = (
    (r"5\.1\.(1|3|4)$", Bounce.INVALID),
    (r"5\.1\.(2|10)$|5\.4\.4$", Bounce.DOMAIN),
    (r"5\.1\.6$|5\.2\.1$", Bounce.INACTIVE),
    (r"[45]\.2\.2$|4\.3\.1$", Bounce.QUOTA),
    (r"[45]\.7\.", Bounce.POLICY),
    (r"[45]\.6\.|[45]\.3\.4$|[45]\.2\.3$", Bounce.CONTENT),
    (r"[45]\.5\.", Bounce.PROTOCOL),
    (r"4\.[34]\.|[45]\.4\.", Bounce.TRANSIENT),
)


def ours(*texts: object) -> UUID | None:
    """The delivery that one of these names: our id alone, or a Message-ID that begins with it."""
    for text in texts:
        for found in _ID.findall(text.lower()) if isinstance(text, str) else ():
            identifier = UUID(found)
            if _is_ours(identifier):
                return identifier
    return None


def _is_ours(identifier: UUID) -> bool:
    try:
        place_of(identifier)
    except (ValueError, OverflowError):
        return False
    return True


def why(status: object, text: object, otherwise: Bounce | None) -> Bounce | None:
    """Why it came back: by the enhanced status, given or said in the text; else as told."""
    given = _STATUS.search(status) if isinstance(status, str) else None
    said = given or (_STATUS.search(text) if isinstance(text, str) else None)
    if said is None:
        return otherwise
    known = (bounce for pattern, bounce in _BY_STATUS if re.match(pattern, said[1]))
    return next(known, otherwise)


def text_of(*values: object) -> str | None:
    """The first that says something."""
    found = next((value for value in values if isinstance(value, str) and value), None)
    return None if found is None else str(storable(found[:_LONGEST]).value)


def event_id(*parts: object, raw: bytes) -> str:
    """An id of these parts, or of the raw event where one of them is missing."""
    if parts and all(isinstance(part, (str, int)) and part != "" for part in parts):
        joined = ":".join(map(str, parts))
        if len(joined) <= _LONGEST_ID:
            return str(storable(joined).value)
        raw = joined.encode(errors="surrogatepass")
    return sha256(raw).hexdigest()


def members(value: object) -> Mapping[str, Any]:
    """An object's members; none of what is no object."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> Iterable[Any]:
    """A list's items; none of what is no list."""
    return value if isinstance(value, list) else ()


def moment(value: object) -> datetime:
    """A moment as vendors write it: seconds since 1970, or ISO 8601.

    Raises:
        UnreadableError: It is neither.
    """
    try:
        if isinstance(value, (int, float)):
            return datetime.fromtimestamp(value, UTC)
        read = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError) as error:
        raise UnreadableError("a moment is no ISO 8601 and no number of seconds") from error
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read


def kept(raw: object) -> Any:
    """The raw event as the database can hold it.

    Raises:
        UnreadableError: It is nested too deeply.
    """
    try:
        return storable(raw).value
    except ValueError as error:
        raise UnreadableError(str(error)) from error
