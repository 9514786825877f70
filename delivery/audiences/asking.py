"""What a reviewer of an audience looks at. Pure."""

from collections.abc import Mapping
from typing import Any

from models.records import ApprovalKind, Ask
from models.records.audiences import StoredAudience


def ask(key: str, document: Mapping[str, Any], weight: int, was: StoredAudience | None) -> Ask:
    """What is about to become of an audience.

    Args:
        key: Its key.
        document: What it would say; of a list that is brought in with the hash of its file.
        weight: About how many would belong.
        was: As it stands; `None`: it would be new.
    """
    return Ask(
        ApprovalKind.AUDIENCE,
        key,
        document,
        weight=weight,
        team=None if was is None else was.team,
        before=None if was is None else was.document,
        edited_by=None if was is None else was.changed_by,
    )


def of_list(key: str, title: str, sha256: str, lines: int, was: StoredAudience | None) -> Ask:
    """The same of a file that is brought in: the very octets, weighed by their lines."""
    document = {"key": key, "title": title, "list": True} if was is None else dict(was.document)
    return ask(key, {**document, "sha256": sha256}, lines, was)
