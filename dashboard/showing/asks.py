"""How an ask is written: what it would change, and how it stands. Pure."""

from collections.abc import Mapping
from typing import Any

from delivery.approving import read as read_thresholds, sentence as threshold_sentence
from delivery.rulebook import read, sentence
from models.records import Approval, ApprovalKind

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


def pages(approval: Approval) -> list[tuple[str, str, str]]:
    """The words of a template by locale, as they are and as they would be."""
    before, after = ((each or {}).get("texts", {}) for each in (approval.before, approval.document))
    return [
        (locale, _page(before.get(locale, {})), _page(after.get(locale, {})))
        for locale in sorted({*before, *after})
    ]


def _page(words: Mapping[str, str | None]) -> str:
    """All its parts as one text, the long ones last."""
    parts = [(name, text) for name, text in words.items() if text]
    short = [f"{name}: {text}" for name, text in parts if "\n" not in text]
    long = [f"{name}:\n{text}" for name, text in parts if "\n" in text]
    return "\n".join([*short, *long])


def sentences(approval: Approval) -> list[str]:
    """What it says, where its kind has sentences."""
    after = before_and_after(approval)[1]
    match approval.kind:
        case ApprovalKind.RULES:
            return [sentence(rule) for rule in read(after).rules] or ["There would be no rule."]
        case ApprovalKind.THRESHOLDS:
            told = [threshold_sentence(one) for one in read_thresholds(after).thresholds]
            return told or ["Nothing would need approval."]
        case _:
            return []


def facts(approval: Approval) -> list[str]:
    """What is said of it in one line: how many it reaches, who owns it, what it waits for."""
    reach = [f"{approval.weight:,} people"] if approval.weight else []
    team = [f"team {approval.team}"] if approval.team else []
    many = [f"{approval.needed} approvals needed"] if approval.needed > 1 else []
    return [*reach, *team, *many]
