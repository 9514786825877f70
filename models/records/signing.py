"""Sending domains, the keys that sign in their names, and how their checks came out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Algorithm(StrEnum):
    """What a DKIM key is; the `k=` of its record."""

    RSA = "rsa"
    """RFC 6376; every receiver verifies it."""
    ED25519 = "ed25519"
    """RFC 8463; short and strong, and not every receiver knows it: a second signature."""


@dataclass(frozen=True, slots=True)
class SendingDomain:
    """A domain in whose name mail is sent.

    Attributes:
        retired_at: Since then nothing is signed in its name.
    """

    domain: str
    added_at: datetime
    retired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A DKIM key.

    Attributes:
        selector: Its public half is at `<selector>._domainkey.<domain>`.
        public_key: The `p=` of its record, base64.
        signs_since: Set when its record was seen in DNS, or by somebody with a reason.
        ended_at: Since then it signs nothing.
        sealed: The private half, encrypted; none once it ended.
    """

    domain: str
    selector: str
    algorithm: Algorithm
    public_key: str
    made_at: datetime
    signs_since: datetime | None = None
    ended_at: datetime | None = None
    sealed: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class DomainCheck:
    """When a domain is checked again, and how its checks came out the last time.

    Attributes:
        checked_at: `None`: never yet.
        verdicts: As JSON; `delivery.domains.history` reads them.
    """

    domain: str
    due_at: datetime
    checked_at: datetime | None = None
    verdicts: tuple[Mapping[str, Any], ...] = ()
