"""What a policy answers, and what the answers together mean."""

from dataclasses import dataclass
from datetime import datetime

from models.reasons import Hold, Skip, Withdrawal
from models.records import OpenDigest


@dataclass(frozen=True, slots=True)
class Keep:
    """Nothing against it; `note` is what the check saw (at most a few words, for the trace)."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class HoldUntil:
    """Not now: look again at `until` (aware, UTC); `note` is what the check saw."""

    until: datetime
    reason: Hold
    note: str = ""


@dataclass(frozen=True, slots=True)
class SkipBecause:
    """Not at all."""

    reason: Skip
    note: str = ""


@dataclass(frozen=True, slots=True)
class Expire:
    """Its latest useful moment passed."""


@dataclass(frozen=True, slots=True)
class Collect:
    """Not alone: it waits in a digest, which afterwards stands like this."""

    into: OpenDigest
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Not any more: it was taken back."""

    reason: Withdrawal
    note: str = ""


Verdict = Keep | HoldUntil | SkipBecause | Expire | Collect | Cancel
