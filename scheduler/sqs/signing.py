"""AWS Signature Version 4 for a POST with headers. Pure.

Source: AWS, "Create a signed AWS API request".
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

_ALGORITHM = "AWS4-HMAC-SHA256"


@dataclass(frozen=True, slots=True)
class Keys:
    """Credentials.

    Attributes:
        token: Of credentials that end; empty for lasting ones.
        ends: When they end; `None`: they do not.
    """

    key_id: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    ends: datetime | None = None


def signed(
    headers: Mapping[str, str], body: bytes, keys: Keys, place: tuple[str, str], now: datetime
) -> dict[str, str]:
    """The headers of a POST to `/`, with its moment and its signature.

    Args:
        headers: `host` among them; names in lower case. All of them are signed.
        body: What is posted.
        keys: Whose request it is.
        place: Region and service.
        now: Amazon refuses what is more than five minutes off.
    """
    stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    said = {**headers, "x-amz-date": stamp}
    if keys.token:
        said["x-amz-security-token"] = keys.token
    names = ";".join(sorted(said))
    lines = "".join(f"{name}:{said[name].strip()}\n" for name in sorted(said))
    request = f"POST\n/\n\n{lines}\n{names}\n{sha256(body).hexdigest()}"
    scope = "/".join((stamp[:8], *place, "aws4_request"))
    text = f"{_ALGORITHM}\n{stamp}\n{scope}\n{sha256(request.encode()).hexdigest()}"
    key = f"AWS4{keys.secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"Credential={keys.key_id}/{scope}"
    whole = f"{_ALGORITHM} {credential}, SignedHeaders={names}, Signature={signature}"
    return {**said, "authorization": whole}
