"""What an attempt's end means for its delivery: a value, not control flow. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from delivery.errors import (
    AccountError,
    AddressRefused,
    ComposingError,
    ContentRefused,
    InDoubtError,
    LeaseLostError,
    ProviderError,
    RenderingError,
    Reply,
    TransientError,
)
from delivery.messages import Receipt
from models.reasons import Failure, Hold
from models.records import Class, DueRow, OnDoubt
from models.states import DeliveryState

CRASHES = 3
"""So many crashes, and a row is put in quarantine."""

_ACCOUNT_PAUSE = timedelta(minutes=1)
_LONGEST = timedelta(hours=1)
_DOUBT_PAUSE = timedelta(seconds=30)
"""Before a message in doubt goes again: late answers, and a frozen worker's, come first."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a class is tried, and how long the first pause is at most."""

    tries: int
    base: timedelta


PATIENCE: dict[Class, Patience] = {
    Class.CRITICAL: Patience(12, timedelta(seconds=2)),
    Class.TRANSACTIONAL: Patience(12, timedelta(seconds=30)),
    Class.PROMOTIONAL: Patience(6, timedelta(minutes=1)),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The delivery's new state.

    Attributes:
        due_at: When a scheduled one is due again.
        tries: Attempts that ended in a transient error, this one included.
        crashes: Times its handling crashed, this time included.
        doubt: Why nobody knows the end of this attempt, though the delivery goes again.
        reply: What the server said, if it said anything.
    """

    state: DeliveryState
    reason: Failure | Hold | None = None
    detail: str | None = None
    due_at: datetime | None = None
    tries: int = 0
    crashes: int = 0
    reply: Reply | None = None
    doubt: Failure | None = None


def outcome(
    row: DueRow,
    end: Receipt | Exception,
    now: datetime,
    jitter: float,
    rule: OnDoubt = OnDoubt.HOLD,
) -> Outcome:
    """What an attempt's end means.

    Args:
        row: The row as it was claimed.
        end: The receipt, or what was raised.
        now: The database's time.
        jitter: A random number from 0 to 1: the pause is that part of the longest (full jitter).
        rule: What becomes of a message in doubt.
    """
    match end:
        case Receipt(reply):
            return Outcome(DeliveryState.SENT, reply=reply, tries=row.tries)
        case RenderingError() | ComposingError():
            reason = Failure.RENDERING if isinstance(end, RenderingError) else Failure.COMPOSING
            return Outcome(DeliveryState.FAILED, reason, str(end), tries=row.tries)
        case InDoubtError():
            return doubted(row, end, now, jitter, rule)
        case ProviderError():
            return _refused(row, end, now, jitter)
        case _:
            return crashed(row, now, type(end).__name__)


def _refused(row: DueRow, error: ProviderError, now: datetime, jitter: float) -> Outcome:
    tries, detail, reply = row.tries, str(error), error.reply
    match error:
        case LeaseLostError():  # provably not sent: whoever claims it next may send it
            return Outcome(DeliveryState.SCHEDULED, None, detail, now, tries, row.crashes)
        case TransientError(retry_after=wait):
            return _again(row, _pause(row, wait, jitter), now, error)
        case AddressRefused():
            return Outcome(
                DeliveryState.BOUNCED, Failure.ADDRESS_REFUSED, detail, tries=tries, reply=reply
            )
        case AccountError():
            return Outcome(
                DeliveryState.SCHEDULED, Hold.ACCOUNT, detail, now + _ACCOUNT_PAUSE, tries,
                row.crashes, reply,
            )  # fmt: skip
        case ContentRefused() | _:
            return Outcome(DeliveryState.FAILED, _no(reply), detail, tries=tries, reply=reply)


def _no(reply: Reply | None) -> Failure:
    """Why a message was refused: for what it is, or for what we are (RFC 3463, X.7.X)."""
    ours = reply is not None and (reply.enhanced or "").startswith("5.7.")
    return Failure.POLICY_REFUSED if ours else Failure.CONTENT_REFUSED


def doubted(
    row: DueRow, error: InDoubtError, now: datetime, jitter: float, rule: OnDoubt
) -> Outcome:
    """An attempt nobody knows the end of: once more where the rule says so and it still may.

    The pause doubles from half a minute, jittered between half of it and all.
    """
    tries = row.tries + 1
    due_at = now + _doubled(_DOUBT_PAUSE, row.tries) * (1 + jitter) / 2
    crashes = row.crashes + (error.reason in {Failure.WORKER_LOST, Failure.CRASHED})
    spent = tries >= PATIENCE[row.klass].tries or crashes >= CRASHES
    too_late = row.expires_at is not None and due_at >= row.expires_at
    if rule is OnDoubt.HOLD or spent or too_late:
        return Outcome(DeliveryState.IN_DOUBT, error.reason, str(error), tries=row.tries)
    return Outcome(
        DeliveryState.SCHEDULED, Hold.DOUBT, str(error), due_at, tries, crashes,
        doubt=error.reason,
    )  # fmt: skip


def _pause(row: DueRow, retry_after: float | None, jitter: float) -> timedelta:
    longest = _doubled(PATIENCE[row.klass].base, row.tries)
    return max(longest * jitter, timedelta(seconds=retry_after or 0))


def _doubled(base: timedelta, tries: int) -> timedelta:
    """The first pause, doubled with each try before this one, at most an hour."""
    doublings: int = 2 ** min(tries, 16)
    return min(base * doublings, _LONGEST)


def _again(row: DueRow, pause: timedelta, now: datetime, error: TransientError) -> Outcome:
    tries, detail, due_at = row.tries + 1, str(error), now + pause
    if tries >= PATIENCE[row.klass].tries:
        state, reason = DeliveryState.FAILED, Failure.TRIES_EXHAUSTED
        return Outcome(state, reason, detail, tries=tries, reply=error.reply)
    if row.expires_at is not None and due_at >= row.expires_at:
        state, reason = DeliveryState.EXPIRED, Failure.EXPIRED
        return Outcome(state, reason, detail, tries=tries, reply=error.reply)
    return Outcome(
        DeliveryState.SCHEDULED, Hold.BACKOFF, detail, due_at, tries, row.crashes, error.reply
    )


def held(row: DueRow, hold: Hold, until: datetime, detail: str | None = None) -> Outcome:
    """Not now, and no fault of the message: no try is counted."""
    return Outcome(DeliveryState.SCHEDULED, hold, detail, until, row.tries, row.crashes)


def _spread(row: DueRow) -> timedelta:
    """2 to 10 s, another for each row: after its second crash each goes alone."""
    return timedelta(seconds=2 + 8 * (row.delivery_id.int % 1009) / 1009)


def crashed(row: DueRow, now: datetime, detail: str) -> Outcome:
    """A bug of ours or a lost worker: once more soon, the third time quarantine."""
    crashes = row.crashes + 1
    if crashes >= CRASHES:
        state = DeliveryState.FAILED
        return Outcome(state, Failure.QUARANTINED, detail, tries=row.tries, crashes=crashes)
    pause = timedelta(seconds=1) if crashes == 1 else _spread(row)
    return Outcome(DeliveryState.SCHEDULED, Hold.BACKOFF, detail, now + pause, row.tries, crashes)
