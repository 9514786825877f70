"""Reading events: ids of ours in them, moments, and why something came back."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from delivery.bounces.judging import Evidence, judge
from delivery.bounces.reports import Reason
from delivery.errors import UnreadableError
from models.ids import place_of
from models.records import Bounce
from models.storable import storable

TAG = "tidings_delivery"
"""Name of the tag, argument or metadata in which a vendor carries our id."""
HEADER = "x-tidings-delivery"

_ID = re.compile(r"(?<![0-9a-f-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f-])")
_LONGEST = 4000
_LONGEST_ID = 200

BOUNCES: Mapping[Reason, Bounce] = {
    Reason.INVALID_RECIPIENT: Bounce.INVALID,
    Reason.BAD_DOMAIN: Bounce.DOMAIN,
    Reason.MOVED: Bounce.INACTIVE,
    Reason.INACTIVE: Bounce.INACTIVE,
    Reason.QUOTA: Bounce.QUOTA,
    Reason.TRANSIENT: Bounce.TRANSIENT,
    Reason.POLICY: Bounce.POLICY,
    Reason.REPUTATION: Bounce.POLICY,
    Reason.CONTENT: Bounce.CONTENT,
    Reason.PROTOCOL: Bounce.PROTOCOL,
}
"""What the reader of bounces finds in a server's words; what it does not, the vendor says."""


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


def why(
    status: object, text: object, otherwise: Bounce | None, recipient: object = None
) -> Bounce | None:
    """Why it came back: by the receiving server's code and words, else as the vendor says.

    Args:
        status: The enhanced code, where it is given by itself.
        text: What the server said.
        otherwise: The vendor's own word.
        recipient: Whose server it was: some mean other things by the same code.
    """
    code, said, whom = (each if isinstance(each, str) else "" for each in (status, text, recipient))
    if not code and not said:
        return otherwise
    judged = judge(Evidence(whom, said[:_LONGEST], status=code, action="failed"))
    return BOUNCES.get(judged.reason, otherwise)


def text_of(*values: object) -> str | None:
    """The first that says something."""
    found = next((value for value in values if isinstance(value, str) and value), None)
    return None if found is None else str(storable(found[:_LONGEST]).value)


def event_id(*parts: object, raw: bytes) -> str:
    """An id of these parts, or of the raw event where one of them is missing.

    Parts that are long, or name an address, are hashed: ids are kept after their recipient.
    """
    if parts and all(isinstance(part, (str, int)) and part != "" for part in parts):
        joined = ":".join(map(str, parts))
        if len(joined) <= _LONGEST_ID and "@" not in joined:
            return str(storable(joined).value)
        raw = joined.encode(errors="surrogatepass")
    return sha256(raw).hexdigest()


def word(value: object) -> str:
    """A word of the vendor's; empty where it is none."""
    return value if isinstance(value, str) else ""


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
