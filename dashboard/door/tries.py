"""How long one waits after failed sign-ins: longer each time. Pure.

An address and a client are counted apart: one address from everywhere, and every address from one
place. An address that nobody has is counted like all others, so that waiting tells nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from models.people import Tries


@dataclass(frozen=True, slots=True)
class Rule:
    """How failures of one kind count.

    Attributes:
        free: Failures that cost nothing.
        longest: The longest pause.
        memory: How long after the last failure they are forgotten.
    """

    free: int
    longest: timedelta
    memory: timedelta


ADDRESS = Rule(5, timedelta(days=1), timedelta(days=7))
"""Within a month nobody tries more than 50 passwords of one person (SP 800-63B-4: at most 100)."""
CLIENT = Rule(20, timedelta(minutes=15), timedelta(hours=1))
"""Behind one address there may be a whole office."""
FIRST = timedelta(seconds=10)
LOCKED = timedelta(hours=1)
"""A pause from which on admins are told that somebody cannot sign in."""


def after(tries: Tries, rule: Rule, now: datetime) -> Tries:
    """The same with one failure more."""
    forgotten = now - tries.last_at > rule.memory
    failures = 1 if forgotten else tries.failures + 1
    return replace(tries, failures=failures, last_at=now, free_at=now + pause(failures, rule))


def given_back(tries: Tries, now: datetime) -> Tries:
    """The same when the last one was no failure after all."""
    return replace(tries, failures=max(0, tries.failures - 1), free_at=now)


def pause(failures: int, rule: Rule) -> timedelta:
    """How long to wait after so many failures in a row."""
    over = failures - rule.free
    if over <= 0:
        return timedelta()
    return min(FIRST * (1 << min(over - 1, 20)), rule.longest)
