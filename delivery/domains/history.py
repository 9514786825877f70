"""How checks came out over time: what is kept of them, and what has changed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from delivery.domains.inquiries import Check, Condition, Verdict


@dataclass(frozen=True, slots=True)
class Kept:
    """A verdict as it is kept.

    Attributes:
        since: When it came out like this for the first time.
        known: How it came out when it could be looked up last; `None`: it never could.
    """

    verdict: Verdict
    since: datetime
    known: Condition | None


@dataclass(frozen=True, slots=True)
class Change:
    """A check that came out otherwise than when it was known last."""

    verdict: Verdict
    before: Condition | None

    @property
    def is_worse(self) -> bool:
        """Whether somebody should hear of it."""
        severity = list(Condition).index
        before = Condition.ADVICE if self.before is None else self.before  # only what is wrong
        return severity(self.verdict.condition) > severity(before)


def fold(before: Iterable[Kept], verdicts: Iterable[Verdict], now: datetime) -> list[Kept]:
    """What is kept after a look; that nobody could look it up erases nothing that was known."""
    old = {_key(kept.verdict): kept for kept in before}
    return [_kept(old.get(_key(verdict)), verdict, now) for verdict in verdicts]


def _kept(before: Kept | None, verdict: Verdict, now: datetime) -> Kept:
    known = None if verdict.condition is Condition.UNKNOWN else verdict.condition
    if before is None:
        return Kept(verdict, now, known)
    same = before.verdict.condition is verdict.condition
    return Kept(verdict, before.since if same else now, known or before.known)


def changes(before: Iterable[Kept], after: Iterable[Kept]) -> list[Change]:
    """What came out otherwise than it was known; told once, because it is known then."""
    old = {_key(kept.verdict): kept.known for kept in before}
    found = []
    for kept in after:
        was = old.get(_key(kept.verdict))
        if kept.verdict.condition is not Condition.UNKNOWN and kept.known is not was:
            found.append(Change(kept.verdict, was))
    return found


def _key(verdict: Verdict) -> tuple[Check, str]:
    return verdict.check, verdict.subject


def worst(kept: Iterable[Kept]) -> dict[Check, Condition]:
    """How each check came out: the worst of its subjects."""
    found: dict[Check, Condition] = {}
    for each in kept:
        check, condition = each.verdict.check, each.verdict.condition
        found[check] = max(found.get(check, condition), condition, key=list(Condition).index)
    return found


def write(kept: Sequence[Kept]) -> list[dict[str, Any]]:
    """As JSON."""
    return [
        {
            "check": each.verdict.check,
            "subject": each.verdict.subject,
            "condition": each.verdict.condition,
            "finding": each.verdict.finding,
            "advice": each.verdict.advice,
            "since": each.since.isoformat(),
            "known": each.known,
        }
        for each in kept
    ]


def read(stored: Iterable[Mapping[str, Any]]) -> list[Kept]:
    """What was kept; what another version of the code wrote and this one does not know, is not."""
    return [_read(each) for each in stored if each["check"] in set(Check)]


def _read(stored: Mapping[str, Any]) -> Kept:
    verdict = Verdict(
        Check(stored["check"]), stored["subject"], Condition(stored["condition"]),
        stored["finding"], stored["advice"],
    )  # fmt: skip
    known = stored["known"] and Condition(stored["known"])
    return Kept(verdict, datetime.fromisoformat(stored["since"]), known)
