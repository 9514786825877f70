"""The states of events, deliveries and campaigns, and the moves between them that are allowed.

`docs/lifecycle.md` draws the same machine; a test holds the two together.
"""

from enum import StrEnum


class EventState(StrEnum):
    """What became of one outbox row."""

    EXPANDING = "expanding"
    """Accepted; its many recipients are still being turned into deliveries."""
    PLANNED = "planned"
    """Every recipient and channel has its delivery row."""
    REJECTED = "rejected"
    """Could not be understood; the reason and the raw row are kept. Final."""


class DeliveryState(StrEnum):
    """Where one message to one recipient over one channel stands."""

    SCHEDULED = "scheduled"
    """Waits in the queue until it is due."""
    SENDING = "sending"
    """Leased by a worker; from `begin` on its bytes may have left."""
    SENT = "sent"
    """Handed over and accepted; for in-app: written to the feed."""
    DELIVERED = "delivered"
    """The receiving side confirmed it."""
    BOUNCED = "bounced"
    """Refused for this address, at once or later."""
    FAILED = "failed"
    """We gave up: broken template, refused content, too many tries, quarantine."""
    IN_DOUBT = "in_doubt"
    """Nobody can know whether it was accepted (RFC 1047)."""
    COLLECTED = "collected"
    """Waits for a digest to close."""
    DIGESTED = "digested"
    """Went out as part of a digest."""
    SKIPPED = "skipped"
    """We decided not to send; the reason says why."""
    CANCELLED = "cancelled"
    """Withdrawn by a person, a campaign or a cancelling topic."""
    EXPIRED = "expired"
    """Its latest useful moment passed before it could go, or would before its next try."""


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    """It may be changed; nobody gets anything."""
    SCHEDULED = "scheduled"
    """It was launched: its audience is being frozen, or its moment has not come."""
    RUNNING = "running"
    """Its messages go out."""
    PAUSED = "paused"
    """Somebody, or its own canary, stopped it for now; what waits is held."""
    FINISHED = "finished"
    """Everybody in it got an answer, and no further run is planned."""
    CANCELLED = "cancelled"
    """Somebody ended it; what waited is cancelled. Final."""


E, D, C = EventState, DeliveryState, CampaignState

EVENT_MOVES: dict[EventState, frozenset[EventState]] = {
    E.EXPANDING: frozenset({E.PLANNED, E.REJECTED}),
    E.PLANNED: frozenset(),
    E.REJECTED: frozenset(),
}

DEAD = frozenset({D.FAILED, D.SKIPPED, D.CANCELLED, D.EXPIRED})
"""Settled without being sent: only a person brings it back, audited."""
HANDED_OVER = frozenset({D.SENT, D.DELIVERED, D.BOUNCED})
"""What was given to somebody else's server, whatever came of it."""

_BY_A_PERSON = frozenset({D.SCHEDULED})

DELIVERY_MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    D.SCHEDULED: frozenset(
        {
            D.SENDING, D.SENT, D.COLLECTED, D.SKIPPED, D.CANCELLED, D.EXPIRED, D.FAILED,
            D.DELIVERED, D.BOUNCED, D.IN_DOUBT,
        }
    ),
    D.SENDING: frozenset(
        {D.SCHEDULED, D.SENT, D.DELIVERED, D.BOUNCED, D.FAILED, D.IN_DOUBT, D.EXPIRED}
    ),
    D.IN_DOUBT: frozenset(
        {D.SENT, D.DELIVERED, D.BOUNCED, D.FAILED, D.SCHEDULED, D.CANCELLED, D.EXPIRED}
    ),
    D.SENT: frozenset({D.DELIVERED, D.BOUNCED}),
    D.DELIVERED: frozenset({D.BOUNCED}),
    D.BOUNCED: frozenset(),
    D.COLLECTED: frozenset(
        {D.DIGESTED, D.SCHEDULED, D.SKIPPED, D.CANCELLED, D.EXPIRED, D.FAILED}
    ),
    D.DIGESTED: frozenset(),
    D.FAILED: _BY_A_PERSON,
    D.SKIPPED: _BY_A_PERSON,
    D.CANCELLED: _BY_A_PERSON,
    D.EXPIRED: _BY_A_PERSON,
}  # fmt: skip

CAMPAIGN_MOVES: dict[CampaignState, frozenset[CampaignState]] = {
    C.DRAFT: frozenset({C.SCHEDULED, C.CANCELLED}),
    C.SCHEDULED: frozenset({C.RUNNING, C.PAUSED, C.DRAFT, C.FINISHED, C.CANCELLED}),
    C.RUNNING: frozenset({C.PAUSED, C.FINISHED, C.CANCELLED}),
    C.PAUSED: frozenset({C.RUNNING, C.CANCELLED}),
    C.FINISHED: frozenset({C.SCHEDULED}),
    C.CANCELLED: frozenset(),
}


class ApprovalState(StrEnum):
    """Where stands what somebody else has to look at."""

    WAITING = "waiting"
    """Not enough people looked at it."""
    APPROVED = "approved"
    """Just this may take effect, once, until it expires."""
    RETURNED = "returned"
    """A reviewer wants something else. Final."""
    VOID = "void"
    """It was withdrawn, or something else was asked for the same subject. Final."""
    USED = "used"
    """It took effect. Final."""
    EXPIRED = "expired"
    """It was approved and not used in time: it is asked for anew. Final."""


A = ApprovalState
UNSETTLED = frozenset({A.WAITING, A.APPROVED})
"""States in which it may still take effect; of one subject one ask is in one of them."""

APPROVAL_MOVES: dict[ApprovalState, frozenset[ApprovalState]] = {
    A.WAITING: frozenset({A.APPROVED, A.RETURNED, A.VOID}),
    A.APPROVED: frozenset({A.USED, A.VOID, A.EXPIRED}),
    A.RETURNED: frozenset(),
    A.VOID: frozenset(),
    A.USED: frozenset(),
    A.EXPIRED: frozenset(),
}


class Resolution(StrEnum):
    """What a person says of a delivery in doubt."""

    SENT = "sent"
    """It was sent."""
    AGAIN = "again"
    """It was not: send it again."""
    CANCEL = "cancel"
    """Whatever became of it, nothing more is to be done."""


QUEUED = frozenset({D.SCHEDULED, D.SENDING})
"""States in which a delivery has a queue row, which is then the truth."""


def may_move(before: DeliveryState, after: DeliveryState) -> bool:
    """Whether a delivery in state `before` may become `after`."""
    return after in DELIVERY_MOVES[before]
