"""Files that mails carry: which there may be, and how much of them goes into one mail. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath

from models.records import File, Topic
from models.storable import storable

ATTACHMENTS = "attachments"
"""What documents call them."""
MOST_FILES = 10
"""Most files of one document."""
MOST = 10 * 1024 * 1024
"""Most octets of one mail's files: encoded, many servers take no more."""
KINDS = {
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "gif": "image/gif",
    "ics": "text/calendar",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "pdf": "application/pdf",
    "png": "image/png",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "txt": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
}
"""Ending of a name to media type. Nothing that runs, and no archive that could hide it."""
_LONGEST = 120


def kind_of(name: str) -> str:
    """The media type of a file, by its name.

    Raises:
        ValueError: No mail may carry a file of that name; says which it may.
    """
    ending = PurePosixPath(name).suffix[1:].lower()
    if ending not in KINDS:
        raise ValueError(f"mails carry no such files: name one that ends in {', '.join(KINDS)}")
    if not name.isprintable() or len(name) > _LONGEST or set(name) & set('/\\:"'):
        raise ValueError(
            f"a file's name has at most {_LONGEST} characters, without slashes, colons and quotes"
        )
    return KINDS[ending]


def fault(key: str, octets: bytes) -> str | None:
    """Why a file cannot be kept under a key, whatever it is called."""
    if not key or not key.isprintable() or key != key.strip() or storable(key).replaced:
        return "a file's key is a text without control characters or surrounding space"
    if len(key) > _LONGEST:
        return f"a file's key has at most {_LONGEST} characters"
    if not octets:
        return "the file is empty"
    if len(octets) > MOST:
        return f"the file has {len(octets)} bytes: mails carry at most {MOST}"
    return None


def made(key: str, name: str, octets: bytes) -> File:
    """A file that mails may carry.

    Raises:
        ValueError: It is none; says why, and what to do.
    """
    if why := fault(key, octets):
        raise ValueError(why)
    return File(key, name, kind_of(name), len(octets), None, octets)


def users(
    topics: Iterable[Topic], campaigns: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """File to what names it: topics, and campaigns that are not over.

    Args:
        topics: All there are.
        campaigns: File to the campaigns that name it and are not over.
    """
    found: dict[str, list[str]] = {}
    for topic in topics:
        for key in topic.attachments:
            found.setdefault(key, []).append(f"topic {topic.key}")
    for key, those in campaigns.items():
        found.setdefault(key, []).extend(f"campaign {one}" for one in those)
    return {key: tuple(those) for key, those in found.items()}


def wrong(keys: Sequence[str], there: Sequence[File]) -> str | None:
    """Why these files cannot go with a mail."""
    missing = [key for key in keys if key not in {file.key for file in there}]
    if missing:
        return "a file is not there: add it with `tidings files add`, before the event"
    size = sum(file.size for file in there)
    return f"they have {size} bytes together: at most {MOST} go" if size > MOST else None
