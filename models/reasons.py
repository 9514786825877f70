"""Why an event was rejected, a delivery skipped, held or failed, a recipient left out.

One enum a question, one sentence a member: the sentence is what people read in the
console, in `tidings explain` and in `docs/lifecycle.md`.
"""

from enum import StrEnum
from typing import Self


class Explained(StrEnum):
    """A code kept in the database together with the sentence people read."""

    sentence: str

    def __new__(cls, code: str, sentence: str) -> Self:
        """A member is its code; the sentence is what people read."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.sentence = sentence
        return member


class Rejection(Explained):
    """Why an outbox row became a rejected event."""

    UNKNOWN_TOPIC = "unknown_topic", "No topic with this key exists."
    NO_TARGET = "no_target", "Neither recipients nor an audience is given."
    TWO_TARGETS = "two_targets", "Recipients and an audience are both given; give one."
    UNKNOWN_AUDIENCE = "unknown_audience", "No audience with this key exists."
    BAD_RECIPIENT = (
        "bad_recipient",
        "A recipient id is not 1 to 200 bytes of UTF-8 without NUL or surrounding space.",
    )
    BAD_DATA = "bad_data", "The data does not fit the topic's JSON Schema."
    DATA_TOO_LARGE = (
        "data_too_large",
        "The data is larger than 256 KB of JSON, or than 4 KB where it is secret and for many.",
    )
    BAD_FIELD = "bad_field", "A column holds a value outside its contract."
    UNSTORABLE = "unstorable", "The database refused the event's values."
    PLANNING_CRASHED = "planning_crashed", "Planning it crashed: a bug, told in the worker's log."


class Skip(Explained):
    """Why a delivery was decided against."""

    OPTED_OUT = "opted_out", "The recipient turned this category off for this channel."
    NOT_OPTED_IN = (
        "not_opted_in",
        "This category is off for this channel unless the recipient turns it on.",
    )
    MUTED = "muted", "The recipient muted everything, or this channel."
    SUPPRESSED = "suppressed", "Every address of the recipient is suppressed."
    UNKNOWN_RECIPIENT = "unknown_recipient", "No recipient with this id exists."
    NO_ADDRESS = "no_address", "The recipient has no usable address for this channel."
    OWN_ACTION = "own_action", "The recipient caused this event."
    SANDBOX = "sandbox", "Outside production only allowed addresses and domains receive mail."
    NO_TEMPLATE = "no_template", "The topic has no template for this channel."
    THROTTLED = "throttled", "Its topic says no more than so much to one recipient in a while."
    OVER_CAP = "over_cap", "A frequency cap was full, and what is over it is not sent."
    DOWNGRADED = "downgraded", "A frequency cap was full: it is told in-app alone."
    SAME_CONTENT = "same_content", "The recipient was told the very same a short while ago."
    QUIET_TOO_LONG = "quiet_too_long", "It would be useless before the recipient's quiet time ends."
    TOO_LATE = (
        "too_late",
        "It is later than its topic allows, after an outage or a backlog.",
    )
    ALREADY_SEEN = "already_seen", "The recipient saw an earlier step of it in the feed."
    ALREADY_READ = "already_read", "The recipient read an earlier step of it in the feed."
    ERASED = "erased", "The recipient was erased: nobody is written to under this id."
    PREVIOUS_STEP_UNSENT = "previous_step_unsent", "The step before it was not sent."
    GOAL_REACHED = "goal_reached", "The recipient did already what the campaign is for."


class Hold(Explained):
    """Why a scheduled delivery is not due yet."""

    PREVIOUS_STEP = "previous_step", "An earlier step of this notification comes first."
    NOT_BEFORE = "not_before", "The producer asked for a later moment."
    QUIET_HOURS = "quiet_hours", "It is quiet time for the recipient."
    SNOOZED = "snoozed", "The recipient wants to be left alone until then."
    THROTTLE = "throttle", "Its topic said as much as it may to the recipient in a while."
    FREQUENCY_CAP = "frequency_cap", "A frequency cap is full."
    RATE = "rate", "The account's rate limit is reached."
    APPROVAL = "approval", "Approval is missing."
    KILL_SWITCH = "kill_switch", "A kill switch is on."
    PAUSED = "paused", "Its campaign is paused."
    BREAKER = "breaker", "The provider's circuit breaker is open."
    REPUTATION = (
        "reputation",
        "Receivers count too much against us there: promotional mail is paused.",
    )
    ACCOUNT = "account", "No usable provider account: see the account's last error."
    BACKOFF = "backoff", "The last attempt failed for now; the next one waits its turn."
    DOUBT = "doubt", "Nobody knows whether it arrived; by its topic's rule it is sent again."


class Failure(Explained):
    """Why a delivery failed, bounced, expired or fell in doubt."""

    RENDERING = "rendering", "The template could not be filled for this recipient."
    COMPOSING = "composing", "No message could be made of the content and the address."
    ADDRESS_REFUSED = "address_refused", "The receiving server refused the address."
    CONTENT_REFUSED = "content_refused", "The receiving server refused the message."
    MAILBOX_INACTIVE = "mailbox_inactive", "The mailbox takes no mail any more."
    MAILBOX_FULL = "mailbox_full", "The mailbox was full."
    POLICY_REFUSED = (
        "policy_refused",
        "The receiving side refused us, not the address: authentication, policy or reputation.",
    )
    RETURNED = "returned", "It came back, and nobody says clearly why."
    NOT_FORWARDED = "not_forwarded", "The vendor took it and did not send it on."
    TRIES_EXHAUSTED = "tries_exhausted", "Every try ended in a temporary error."
    UNCLOSED = (
        "unclosed",
        "Its digest could not be closed. It may be sent again, and is collected anew then.",
    )
    QUARANTINED = "quarantined", "Handling it crashed three times."
    EXPIRED = "expired", "Its latest useful moment passed, or would before the next try."
    CONNECTION_LOST = "connection_lost", "The connection broke after the final dot."
    NO_ANSWER = "no_answer", "No answer to the final dot came in time."
    WORKER_LOST = "worker_lost", "The worker was lost while the message was on the wire."
    CRASHED = "crashed", "Our own code failed while the message was on the wire."
    RESTORED = "restored", "The database was restored; the message may have gone before that."
    NOT_RESENT = "not_resent", "It may have arrived, and it was decided not to send it again."


class Withdrawal(Explained):
    """Why a delivery was cancelled by an event, or with its recipient."""

    THREAD = "thread_cancelled", "A later event of the same thread took it back."
    ERASED = "recipient_erased", "Its recipient was erased while it waited."
    CAMPAIGN = "campaign_cancelled", "Its campaign was cancelled."


class Exclusion(Explained):
    """Why somebody in a campaign's audience gets nothing of it."""

    HOLDOUT = (
        "holdout",
        "The recipient is in the campaign's holdout.",
    )
    GLOBAL_HOLDOUT = "global_holdout", "The recipient is in the permanent holdout of all campaigns."
    SAME_ADDRESS = "same_address", "Another recipient of the campaign has the same address."
    TIME_PASSED = "time_passed", "The campaign's local time had passed where the recipient is."


SENTENCES: dict[str, str] = {
    member.value: member.sentence
    for kind in (Rejection, Skip, Hold, Failure, Withdrawal, Exclusion)
    for member in kind
}


def sentence(code: str | None) -> str:
    """The sentence for a stored reason or hold code; the code itself when it is not ours."""
    return SENTENCES.get(code, code) if code else ""
