"""Vendors as they post: each signs in its own way, with secrets made here."""

import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zlib import crc32

from httpx import AsyncClient, Response

GENERIC_SECRET = "whsec_" + b64encode(b"a generic secret, long enough...").decode()


@dataclass(frozen=True)
class Post:
    """One POST as a vendor makes it."""

    provider: str
    headers: dict[str, str]
    body: bytes

    async def to(self, http: AsyncClient) -> Response:
        return await http.post(
            f"/feedback/{self.provider}", content=self.body, headers=self.headers
        )


def standard(provider: str, prefix: str, secret: str, body: Any, now: datetime) -> Post:
    """Signed as Standard Webhooks 1.0 has it."""
    content = json.dumps(body).encode()
    name = f"msg_{crc32(content)}"
    stamp = str(int(now.timestamp()))
    signed = f"{name}.{stamp}.".encode() + content
    mac = hmac.digest(b64decode(secret.removeprefix("whsec_")), signed, "sha256")
    headers = {
        f"{prefix}-id": name,
        f"{prefix}-timestamp": stamp,
        f"{prefix}-signature": f"v1,{b64encode(mac).decode()}",
        "content-type": "application/json",
    }
    return Post(provider, headers, content)


def generic(body: Any, now: datetime) -> Post:
    return standard("generic", "webhook", GENERIC_SECRET, body, now)
