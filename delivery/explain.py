"""A decision trace as sentences: what was checked, in which order, and what came of it. Pure.

A check that passed is told by its rule, the first line of the policy's docstring; one that did
not, by its reason. So a new policy explains itself. What the check saw is its note; a policy whose
notes are codes has a function `tell` that makes a sentence of one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from delivery.policies import DUE, PLANNED
from delivery.trace import FULL, PASSED_ON
from models.reasons import Failure, Hold, sentence
from models.records import Json
from models.states import DeliveryState


class Outcome(StrEnum):
    """What one check came to."""

    KEPT = "kept"
    HELD = "held"
    SKIPPED = "skipped"
    EXPIRED = "expired"
    COLLECTED = "collected"
    CANCELLED = "cancelled"
    AGAIN = "again"
    SENT = "sent"
    IN_DOUBT = "in_doubt"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a trace.

    Attributes:
        stage: `plan`, `again`, `gate`, `close`, `thread` or `send`.
        check: Key of the policy.
        sentence: What people read.
        note: What the check saw, in the words of its policy.
        until: When a held delivery is looked at again.
    """

    stage: str
    check: str
    outcome: Outcome
    sentence: str
    note: str = ""
    until: datetime | None = None


STAGES = {
    "plan": "When it was planned",
    "again": "When it was scheduled again",
    "gate": "When it was due",
    "close": "When its digest closed",
    "thread": "When its thread was taken back",
    "send": "When it was sent",
}
"""Stage to the words above its findings, in the order of a delivery's life."""

_POLICIES = (*PLANNED, *DUE)
_RULES = {name: (policy.__doc__ or name).splitlines()[0] for name, policy in _POLICIES}
_TELL: dict[str, Callable[[str], str]] = {
    name: policy.tell for name, policy in _POLICIES if hasattr(policy, "tell")
}


def findings(trace: Json | None) -> tuple[Finding, ...]:
    """The findings of a trace, in the order they were made."""
    trace = trace or {}
    stages = sorted(trace, key=lambda stage: [*STAGES, stage].index(stage))
    return tuple(_finding(stage, *check) for stage in stages for check in trace[stage])


_COLLECTED = "It waits in a digest, to go together with others."
_ACCEPTED = "It was handed over and accepted."
_ELSEWHERE = {
    PASSED_ON: (Outcome.FAILED, "It did not take it for now; another account tried at once."),
    FULL: (Outcome.HELD, "Its limit was reached; another account had room."),
}
_AGAIN = {
    "person": "A person decided to send it again.",
    "answer": "A late answer said that it was not accepted.",
}
_DOUBTS = frozenset(
    {Failure.CONNECTION_LOST, Failure.NO_ANSWER, Failure.WORKER_LOST, Failure.CRASHED}
    | {Failure.RESTORED, Failure.NOT_RESENT, Hold.DOUBT}
)
"""What the sending says when nobody knows whether it was accepted."""


def _finding(stage: str, check: str, verdict: str = "keep", note: str = "") -> Finding:
    word, _, reason = verdict.partition(":")
    match word:
        case "keep":
            rule = _RULES.get(check, f"Nothing against it was found by: {check}.")
            return Finding(stage, check, Outcome.KEPT, rule, _told(check, note))
        case "hold":
            moment, _, seen = note.partition(" ")
            until = datetime.fromisoformat(moment) if moment else None
            return Finding(stage, check, Outcome.HELD, sentence(reason), _told(check, seen), until)
        case "skip":
            return Finding(stage, check, Outcome.SKIPPED, sentence(reason), _told(check, note))
        case "expire":
            return Finding(stage, check, Outcome.EXPIRED, Failure.EXPIRED.sentence, note)
        case _:
            return _collected(stage, check, verdict, note)


def _collected(stage: str, check: str, verdict: str, note: str) -> Finding:
    """What was said of digests and threads."""
    word, _, reason = verdict.partition(":")
    match word:
        case "collect":
            moment, _, seen = note.partition(" ")
            until = datetime.fromisoformat(moment)
            return Finding(stage, check, Outcome.COLLECTED, _COLLECTED, _told(check, seen), until)
        case "carries":
            return Finding(stage, check, Outcome.COLLECTED, f"It carries {note} collected news.")
        case "cancel":
            return Finding(stage, check, Outcome.CANCELLED, sentence(reason), _told(check, note))
        case _:
            return _happened(stage, check, word, note)


def _told(check: str, note: str) -> str:
    """A note in the words of its policy; as it is kept where the policy has none, or is gone."""
    return _TELL[check](note) if note and check in _TELL else note


def _happened(stage: str, check: str, word: str, note: str) -> Finding:
    """What the sending said, a state or a reason, or who wanted it again."""
    if word == "again":
        return Finding(stage, check, Outcome.AGAIN, _AGAIN.get(check, check), note)
    if word in {DeliveryState.SENT, DeliveryState.DELIVERED}:
        return Finding(stage, check, Outcome.SENT, _ACCEPTED, note)
    if word in _DOUBTS:
        return Finding(stage, check, Outcome.IN_DOUBT, sentence(word), note)
    if word in _ELSEWHERE:
        return Finding(stage, check, *_ELSEWHERE[word], note)
    outcome = Outcome.HELD if word in set(Hold) else Outcome.FAILED
    return Finding(stage, check, outcome, sentence(word), note)
