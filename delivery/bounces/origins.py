"""Which of our messages came back: the ids we write into every one."""

import re

from delivery.bounces.mime import Headers, value, values
from delivery.bounces.reports import Origins

_MOST = 20
_DELIVERY = re.compile(
    r"^[ \t>]*x-tidings-delivery[ \t]*:[ \t]*([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b",
    re.IGNORECASE | re.MULTILINE,
)
_MESSAGE_ID = re.compile(
    r"^[ \t>]*(?:x-original-)?message-id[ \t]*:\s*<([^<>\s]{1,250})>", re.IGNORECASE | re.MULTILINE
)
_RETURN_PATH = re.compile(r"\bb\+[0-9a-f]{32}\.[0-9a-f]{20}@[a-z0-9.-]{1,253}", re.IGNORECASE)
_ANSWERED = re.compile(r"<([^<>\s]{1,250})>")


def origins_in(headers: Headers, returned: str) -> Origins:
    """The ids in a mail's headers and in the copy that it returns."""
    envelope = " ".join(said for name, said in headers if name not in ("subject", "received"))
    answered = values(headers, "in-reply-to", "x-original-message-id")
    message_ids = [*_MESSAGE_ID.findall(returned), *_ANSWERED.findall(" ".join(answered))]
    return Origins(
        deliveries=_once([found.lower() for found in _DELIVERY.findall(returned)]),
        message_ids=_once([*message_ids, *_ANSWERED.findall(value(headers, "references"))]),
        return_paths=_once(
            [found.lower() for found in _RETURN_PATH.findall(f"{envelope} {returned}")]
        ),
    )


def _once(found: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))[:_MOST]
