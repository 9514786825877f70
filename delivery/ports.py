"""Every extension point on one screen.

A channel or provider is one file in its folder; the file name is its key and the file is
found by `delivery/registry.py`. A policy is one file and one line in `policies/__init__.py`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from delivery.errors import BadSignatureError, UnreadableError
from delivery.messages import Content, Envelope, Message, Receipt
from delivery.reputation.scopes import Paused
from delivery.verdicts import Verdict
from models.records import Account, Facts, Feedback, Rulebook, Step, Topic


class Channel(Protocol):
    """Turns content into a message for one kind of address. Pure."""

    def accepts(self, address: str) -> str | None:
        """The address in the form it is stored and compared in, or `None` if it is not one."""

    def compose(self, content: Content, address: str, envelope: Envelope) -> Message:
        """One message to one address.

        Raises:
            ComposingError: Nothing can be sent that says this to that address.
        """


class Lease(Protocol):
    """A worker's right to hand over a message; read again right before it is handed over."""

    def holds(self) -> bool:
        """Whether the lease is ours for at least 5 more seconds (CLOCK_BOOTTIME)."""


@dataclass(frozen=True, slots=True)
class Handover:
    """One message on its way out.

    Attributes:
        message: What to send.
        lease: Asked before the point of no return.
        answer_within: Seconds to wait for the answer to the final dot.
        urgent: Must not wait behind others.
    """

    message: Message
    lease: Lease
    answer_within: float
    urgent: bool = False


class Provider(Protocol):
    """Hands messages over to one account of one vendor. Keeps its connections; asyncio."""

    @property
    def carries(self) -> frozenset[str]:
        """Keys of the channels it can carry."""

    async def send(self, handover: Handover, account: Account) -> Receipt:
        """Hand over one message; many calls run at once.

        Returns:
            The definite acceptance.

        Raises:
            ProviderError: One of its kinds; each says what may happen next.
        """

    async def close(self) -> None:
        """End idle connections politely; called once, when the worker stops."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the installation allows.

    Attributes:
        allow_to: Addresses and domains that may receive mail; `None` where everybody may.
        test_to: The same for test events, which never go to anybody else.
        rulebook: The published rules.
        warm: Counters of caps that know what was sent before their rule was published.
        paused: Where promotional mail waits for our reputation.
    """

    allow_to: frozenset[str] | None = None
    test_to: frozenset[str] | None = None
    rulebook: Rulebook = field(default_factory=Rulebook)
    warm: frozenset[str] = frozenset()
    paused: Paused = field(default_factory=Paused)


@dataclass(frozen=True, slots=True)
class Draft:
    """A delivery that is not decided yet.

    Attributes:
        delivery_id: `None` while there is none.
        doubted: It may have arrived already; nobody knows.
        content: Hash of what it says; `None` where that may be said twice.
        throttled: Hash of the value its topic's throttle goes by; `None` where it has none.
        wanted_at: Since when it is late.
        rivals: More important ones of the same recipient about which somebody else decides now.
        created_at: When its event was.
        data: The event's, as JSON text, where it is asked for.
        attempt: How often it was claimed before: what was is under way.
        digest: It is the message of a digest.
    """

    recipient_id: str
    channel: str
    topic: Topic
    step: Step
    actor: str | None
    expires_at: datetime | None
    test: bool
    rules: Rules = Rules()
    delivery_id: UUID | None = None
    event_id: UUID | None = None
    campaign: str | None = None
    tags: tuple[str, ...] = ()
    doubted: bool = False
    content: bytes | None = None
    throttled: bytes | None = None
    wanted_at: datetime | None = None
    rivals: tuple["Draft", ...] = ()
    created_at: datetime | None = None
    thread: str | None = None
    tenant: str | None = None
    data: str | None = None
    attempt: int = 0
    digest: bool = False


Secrets = Sequence[str]
"""What one vendor signs with: each counts, so that one can be changed for another."""


@dataclass(frozen=True, slots=True)
class Posted:
    """What somebody posted who says to be a vendor.

    Attributes:
        headers: Their names in lower case.
        body: As it came.
        certificate: Of those who sign with one: what lay where the post says, as PEM.
    """

    headers: Mapping[str, str]
    body: bytes
    certificate: bytes | None = None

    def header(self, name: str) -> str:
        """A header's value.

        Raises:
            BadSignatureError: There is none: nobody signs without it.
        """
        value = self.headers.get(name)
        if not value:
            raise BadSignatureError(f"the header {name} is missing")
        return value

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            UnreadableError: It is none.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise UnreadableError("the body is not JSON") from error


class Webhook(Protocol):
    """Believes one vendor's posts and translates them. Pure."""

    def verify(self, posted: Posted, secrets: Secrets, now: datetime) -> None:
        """Check who posted it, and when, before anything in it is believed.

        Raises:
            BadSignatureError: Not the vendor, or not lately.
        """

    def read(self, posted: Posted) -> list[Feedback]:
        """The events of a post that was verified.

        Raises:
            UnreadableError: It is not what the vendor documents.
        """


class Policy(Protocol):
    """One reason to hold, skip or keep a delivery; decides over loaded facts only. Pure."""

    def decide(self, draft: Draft, facts: Facts, now: datetime) -> Verdict:
        """The verdict of this one policy."""
