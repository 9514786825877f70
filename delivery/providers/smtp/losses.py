"""Why a session ended before its time, and what that means for the message it carried."""

from dataclasses import dataclass

from delivery.errors import ProviderError, UnavailableError
from models.reasons import Failure


@dataclass(frozen=True, slots=True)
class Loss:
    """The end of a session.

    Attributes:
        error: What a message gets whose final dot was not sent.
        doubt: Why a message is in doubt whose dot was sent; `None`: `error` is definite.
        excusable: On a reused connection it may have nothing to do with the message.
    """

    error: ProviderError
    doubt: Failure | None
    excusable: bool = False


def dropped() -> Loss:
    """The connection broke."""
    error = UnavailableError("the connection was lost")
    return Loss(error, Failure.CONNECTION_LOST, excusable=True)


def garbled() -> Loss:
    """What came is not what a server may say at this point."""
    error = UnavailableError("the server's answer makes no sense")
    return Loss(error, Failure.CONNECTION_LOST)


def silent() -> Loss:
    """No answer came in time."""
    return Loss(UnavailableError("no answer in time"), Failure.NO_ANSWER)
