"""What can go wrong on the way out, grouped by what we do next.

    DeliveryError
    ├─ ProviderError
    │  ├─ TransientError(retry_after)   scheduled again, with backoff
    │  │  ├─ ThrottledError             the other side asks us to slow down
    │  │  └─ UnavailableError           no connection, or lost before the final dot
    │  ├─ RefusedError                  a definite, permanent no
    │  │  ├─ AddressRefused             → bounced, the address is suppressed
    │  │  └─ ContentRefused             → failed
    │  ├─ InDoubtError                  the wire broke where nobody can know → in_doubt
    │  ├─ LeaseLostError                stopped by us before the final dot → scheduled; not a try
    │  └─ AccountError                  bad credentials, quota gone → pause the account; not a try
    ├─ RenderingError                   broken template, missing variable → failed
    ├─ ComposingError                   no message can be made of it → failed
    └─ FeedbackError
       ├─ BadSignatureError             → 401
       └─ UnreadableError               → 422

A policy never raises to say no, and an exception outside this tree is a bug of ours.
"""

from dataclasses import dataclass

from models.reasons import Failure


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server said: the reply code, the RFC 3463 enhanced code and its text."""

    code: int
    text: str
    enhanced: str | None = None


class DeliveryError(Exception):
    """Base of everything below."""


class ProviderError(DeliveryError):
    """The provider did not take the message; `reply` is what it said, when it said anything."""

    def __init__(self, message: str, reply: Reply | None = None) -> None:
        super().__init__(message)
        self.reply = reply


class TransientError(ProviderError):
    """A definite "not now": nothing was accepted, trying again later is right.

    Args:
        message: What happened.
        reply: The server's words.
        retry_after: Seconds the other side asked us to wait.
    """

    def __init__(
        self, message: str, reply: Reply | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, reply)
        self.retry_after = retry_after


class ThrottledError(TransientError):
    """The other side asks us to slow down."""


class UnavailableError(TransientError):
    """No connection, or it was lost before the final dot."""


class RefusedError(ProviderError):
    """A definite, permanent no."""


class AddressRefused(RefusedError):  # noqa: N818 - the words of the error tree
    """The address does not exist or takes no mail."""


class ContentRefused(RefusedError):  # noqa: N818
    """The message itself was refused."""


class InDoubtError(ProviderError):
    """The message was handed over completely and no answer came (RFC 1047)."""

    def __init__(self, message: str, reason: Failure) -> None:
        super().__init__(message)
        self.reason = reason


class LeaseLostError(ProviderError):
    """Stopped before the final dot: the lease ended, or the worker. It was provably not sent."""


class AccountError(ProviderError):
    """The account cannot send: bad credentials, missing TLS, quota gone."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a template: `line` counts from 1."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class RenderingError(DeliveryError):
    """A template that cannot be compiled or filled; carries every problem found."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


class ComposingError(DeliveryError):
    """Content and address do not make a message: what is wrong, without the address itself."""


class FeedbackError(DeliveryError):
    """A vendor's callback that cannot be used."""


class BadSignatureError(FeedbackError):
    """The signature is missing or wrong."""


class UnreadableError(FeedbackError):
    """The body is not what this vendor sends."""
