"""What an approval is bound to: the SHA-256 of what was looked at, and whom it reaches."""

import json
from hashlib import sha256

from models.records import Approval, Ask

_MORE = 0.1
"""By which share what was looked at may reach more people in the end: audiences move."""


def fingerprint(ask: Ask) -> bytes:
    """The fingerprint of what is asked: the same whatever the order of its members.

    The classes of topics belong to it: what was read as news about somebody's own order was not
    read as advertising.

    Raises:
        ValueError: It holds what JSON cannot say (NaN, infinity).
    """
    said = json.dumps(
        [ask.kind, ask.document, sorted(ask.classes)],
        sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False,
    )  # fmt: skip
    return sha256(said.encode("ascii")).digest()


def covers(approval: Approval, ask: Ask) -> bool:
    """Whether what is about to take effect is what was looked at, for about as many people."""
    same = approval.team == ask.team and approval.fingerprint == fingerprint(ask)
    return same and ask.weight <= approval.weight * (1 + _MORE)
