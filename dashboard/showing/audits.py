"""The audit for the page and for exports: what was asked for, and what is shown. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from difflib import unified_diff
from typing import Any

from dashboard.showing.spans import LENGTHS, Span
from dashboard.showing.words import masked
from models.readings.audit import AuditLine, AuditWanted
from models.readings.deliveries import Position

FILTERS = ("audit_by", "audit_did", "audit_words", "audit_within")
"""In the URL of the page, and of its exports."""
_ADDRESS = re.compile(r"[^\s\"'<>()@,;:]+@[^\s\"'<>()@,;:]+\.[^\s\"'<>()@,;:]+")


def wanted(asked: Mapping[str, str], now: datetime, *, personal: bool) -> AuditWanted:
    """What the filters of a URL ask for; a period nobody knows is any time.

    Args:
        asked: By name, of `FILTERS`.
        now: When it is asked.
        personal: Whether addresses may be seen, and so be looked for.
    """
    within = next((span for span in Span if span == asked.get("audit_within")), None)
    return AuditWanted(
        actor=asked.get("audit_by") or None,
        action=asked.get("audit_did") or None,
        words=asked.get("audit_words") or None,
        veiled=not personal,
        since=now - LENGTHS[within] if within else None,
    )


def below(asked: AuditWanted, position: Position | None) -> AuditWanted:
    """The same, from a place in the list on."""
    return replace(asked, below=(position.at, position.id) if position else None)


def veiled(line: AuditLine, *, personal: bool) -> AuditLine:
    """An entry as somebody may read it: addresses in it are masked, who did it is not."""
    if personal:
        return line
    return replace(
        line,
        subject=_veil(line.subject),
        why=_veil(line.why),
        before=_veiled(line.before),
        after=_veiled(line.after),
        detail=_veiled(line.detail),
    )


def _veiled(value: Any) -> Any:
    return json.loads(_veil(json.dumps(value, ensure_ascii=False)))


def _veil(text: str) -> str:
    return _ADDRESS.sub(lambda found: masked(found[0]), text)


def difference(line: AuditLine) -> str:
    """What changed, as a unified diff of the documents; empty when nothing was replaced."""
    lines = unified_diff(_lines(line.before), _lines(line.after), "before", "after", n=3)
    return "\n".join(each.rstrip("\n") for each in lines)


def _lines(value: Any) -> list[str]:
    if value is None:
        return []
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True).splitlines()
