"""What an approval is bound to: the SHA-256 of a canonical form of what was looked at."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from models.records import ApprovalKind


def fingerprint(kind: ApprovalKind, document: Mapping[str, Any]) -> bytes:
    """The fingerprint of a document: the same whatever the order of its members.

    Raises:
        ValueError: It holds what JSON cannot say (NaN, infinity).
    """
    said = json.dumps(
        [kind, document], sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    )
    return sha256(said.encode("ascii")).digest()
