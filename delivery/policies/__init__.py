"""The policies in their order: the first that does not keep a delivery decides.

What may change between planning and sending (consent, addresses, profiles) is decided when
the delivery is due; planning decides only what can never change again.
"""

from collections.abc import Sequence
from datetime import datetime

from delivery.policies import (
    actor,
    address,
    consent,
    digest,
    erased,
    expiry,
    frequency_cap,
    lateness,
    quiet_hours,
    recipient,
    reputation,
    same_content,
    sandbox,
    steps,
    template,
    thread,
    throttle,
)
from delivery.ports import Draft, Policy
from delivery.verdicts import Cancel, Collect, Expire, HoldUntil, Keep, SkipBecause, Verdict
from models.records import Facts

PLANNED: tuple[tuple[str, Policy], ...] = (("actor", actor), ("erased", erased))
"""Decided once, when the event is planned."""

DUE: tuple[tuple[str, Policy], ...] = (
    ("expiry", expiry),
    ("lateness", lateness),
    ("template", template),
    ("steps", steps),
    ("recipient", recipient),
    ("thread", thread),
    ("consent", consent),
    ("address", address),
    ("sandbox", sandbox),
    ("throttle", throttle),
    ("same_content", same_content),
    ("digest", digest),
    ("quiet_hours", quiet_hours),
    ("reputation", reputation),
    ("frequency_cap", frequency_cap),
)
"""Decided each time the delivery is due."""

_CLOSING = (
    "expiry", "template", "steps", "recipient", "thread", "consent", "address", "sandbox",
)  # fmt: skip
CLOSING = tuple((name, policy) for name, policy in DUE if name in _CLOSING)
"""Decided once more about each delivery of a digest that closes: whether it still belongs in."""

Check = tuple[str, str, str]
"""Policy, verdict and what it saw: one line of the trace."""


def judge(
    policies: Sequence[tuple[str, Policy]], draft: Draft, facts: Facts, now: datetime
) -> tuple[Verdict, tuple[Check, ...]]:
    """The verdict of the first policy that objects, and the checks that were made."""
    checks: list[Check] = []
    for name, policy in policies:
        verdict = policy.decide(draft, facts, now)
        checks.append((name, *_words(verdict)))
        if not isinstance(verdict, Keep):
            return verdict, tuple(checks)
    return Keep(), tuple(checks)


def _words(verdict: Verdict) -> tuple[str, str]:  # noqa: PLR0911 - one for each verdict
    match verdict:
        case Keep(note):
            return "keep", note
        case HoldUntil(until, reason, note):
            return f"hold:{reason}", f"{until.isoformat()} {note}".rstrip()
        case SkipBecause(reason, note):
            return f"skip:{reason}", note
        case Expire():
            return "expire", ""
        case Collect(into, note):
            return "collect", f"{into.closes_at.isoformat(timespec='seconds')} {note}".rstrip()
        case Cancel(reason, note):
            return f"cancel:{reason}", note
