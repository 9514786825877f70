"""What is still true of a message that may have arrived. Pure.

Between the final dot and its answer nobody can know (RFC 1047). Two things follow: an end that we
chose ourselves never calls such a message unsent, and an answer that comes late is worth as much
as one in time.
"""

from dataclasses import replace
from enum import StrEnum

from models.reasons import Failure, sentence
from models.records import DueRow, Settlement
from models.states import DeliveryState as D

_UNSENT = frozenset({D.FAILED, D.SKIPPED, D.EXPIRED, D.CANCELLED})
_OPEN = frozenset({D.SCHEDULED, D.SENDING, D.IN_DOUBT})


def truthful(row: DueRow, settlement: Settlement) -> Settlement:
    """The settlement, which does not say unsent of a message that may have arrived.

    Bounced it may be called: then the receiving side said that the address takes nothing.
    """
    if not row.doubts or settlement.state not in _UNSENT:
        return settlement
    why = sentence(settlement.reason)
    detail = f"{why} {settlement.detail}" if settlement.detail else why
    return replace(
        settlement, state=D.IN_DOUBT, reason=Failure.NOT_RESENT, detail=detail, sent_at=None
    )


class Late(StrEnum):
    """What a definite answer means that was heard after the lease was lost."""

    SETTLES = "settles"
    """It is how the delivery ended."""
    GOES_AGAIN = "goes_again"
    """It was not accepted, so it is due once more."""
    ONE_LESS = "one_less"
    """It goes its way, with one doubt less."""
    NOTHING = "nothing"
    """The delivery ended otherwise meanwhile; the answer is kept with its attempt."""


def late(answer: D, state: D, doubts_left: int) -> Late:
    """What to do about an attempt's late answer.

    Args:
        answer: What the attempt alone would make of its delivery; scheduled: not accepted.
        state: Where the delivery stands now.
        doubts_left: Its other attempts of which nobody knows the end.
    """
    if state not in _OPEN:
        return Late.NOTHING
    if answer is D.SENT:
        return Late.SETTLES
    if state is D.SENDING or doubts_left:  # another attempt is on the wire, or may have arrived
        return Late.ONE_LESS
    if answer is D.SCHEDULED:
        return Late.GOES_AGAIN if state is D.IN_DOUBT else Late.ONE_LESS
    return Late.SETTLES
