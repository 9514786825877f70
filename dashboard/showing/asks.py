"""How an ask is written: what it would change, and how it stands. Pure."""

from collections.abc import Mapping
from typing import Any

from delivery.approving import read as read_thresholds, sentence as threshold_sentence
from delivery.rulebook import read, sentence
from models.records import Approval, ApprovalKind, Words

BADGES = {
    "waiting": ":orange-badge[In review]",
    "approved": ":green-badge[Approved]",
    "returned": ":red-badge[Returned]",
    "void": ":gray-badge[Void]",
    "used": ":blue-badge[Took effect]",
    "expired": ":gray-badge[Expired]",
}
_WHOLE = frozenset({ApprovalKind.RULES, ApprovalKind.THRESHOLDS})


def before_and_after(approval: Approval) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The documents whose difference is what would change."""
    pair = approval.before or {}, approval.document
    if approval.kind in _WHOLE:
        return pair[0].get("document", {}), pair[1]["document"]
    return pair


def texts(approval: Approval) -> list[tuple[str, Words | None, Words | None]]:
    """The words of a template by locale, as they are and as they would be."""
    before, after = ((each or {}).get("texts", {}) for each in (approval.before, approval.document))
    return [
        (locale, _words(before.get(locale)), _words(after.get(locale)))
        for locale in sorted({*before, *after})
    ]


def _words(said: Mapping[str, Any] | None) -> Words | None:
    return None if said is None else Words(**said)


def sentences(approval: Approval) -> list[str]:
    """What it says, where its kind has sentences."""
    after = before_and_after(approval)[1]
    match approval.kind:
        case ApprovalKind.RULES:
            return [sentence(rule) for rule in read(after).rules] or ["There would be no rule."]
        case ApprovalKind.THRESHOLDS:
            told = [threshold_sentence(one) for one in read_thresholds(after).thresholds]
            return told or ["Nothing would need approval."]
        case ApprovalKind.TEMPLATE:
            return _classes(approval)
        case _:
            return []


def _classes(approval: Approval) -> list[str]:
    """In which classes a template would be said, where that changes."""
    was, would = ((each or {}).get("classes") for each in (approval.before, approval.document))
    if not would or was is None or was == would:
        return []
    then, now = " and ".join(would), " and ".join(was) or "no"
    return [f"It would be said by {then} topics; now by {now} topics."]


def says_the_same(approval: Approval) -> bool:
    """Whether a template would say what it says now: it is put to another use."""
    before = approval.before or {}
    return "texts" in before and before["texts"] == approval.document.get("texts")


def facts(approval: Approval) -> list[str]:
    """What is said of it in one line: how many it reaches, who owns it, what it waits for."""
    reach = [f"{approval.weight:,} people"] if approval.weight else []
    team = [f"team {approval.team}"] if approval.team else []
    many = [f"{approval.needed} approvals needed"] if approval.needed > 1 else []
    return [*reach, *team, *many]
