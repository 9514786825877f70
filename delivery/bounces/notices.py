"""Amazon SES's notices, as SNS mails them: JSON in the text."""

import json
from typing import Any

from delivery.bounces.evidence import canonical
from delivery.bounces.judging import Evidence, judge
from delivery.bounces.mime import Headers, values
from delivery.bounces.reports import Kind, Reason, Report

_MARK = "x-amz-sns-message-id"


def reports_in(headers: Headers, text: str) -> list[Report]:
    """The reports of a notice; none when this is no notice, or one of something else."""
    if not values(headers, _MARK):
        return []
    notice = _object(text)
    if isinstance(notice.get("Message"), str):
        notice = _object(notice["Message"])
    match notice.get("notificationType") or notice.get("eventType"):
        case "Bounce":
            return [judge(_evidence(one)) for one in _listed(notice, "bounce", "bouncedRecipients")]
        case "Complaint":
            told = _listed(notice, "complaint", "complainedRecipients")
            return [_plain(one, Kind.COMPLAINT, Reason.COMPLAINT) for one in told]
        case "Delivery":
            said = str(_inside(notice, "delivery").get("smtpResponse", ""))
            told = _listed(notice, "delivery", "recipients")
            return [judge(_delivered(one, said)) for one in told]
        case _:
            return []


def _object(text: str) -> dict[str, Any]:
    start = text.find("{")
    if start < 0:
        return {}
    try:
        read, _ = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _inside(notice: dict[str, Any], name: str) -> dict[str, Any]:
    inside = notice.get(name)
    return inside if isinstance(inside, dict) else {}


def _listed(notice: dict[str, Any], name: str, listed: str) -> list[dict[str, Any]]:
    found = _inside(notice, name).get(listed)
    told = found if isinstance(found, list) else []
    return [one if isinstance(one, dict) else {"emailAddress": one} for one in told]


def _address(one: dict[str, Any]) -> str:
    return canonical(str(one.get("emailAddress", "")))


def _evidence(one: dict[str, Any]) -> Evidence:
    return Evidence(
        recipient=_address(one),
        diagnostic=str(one.get("diagnosticCode", "")).removeprefix("smtp; "),
        action=str(one.get("action", "failed")).lower(),
        status=str(one.get("status", "")),
    )


def _delivered(one: dict[str, Any], said: str) -> Evidence:
    return Evidence(recipient=_address(one), diagnostic=said, action="delivered")


def _plain(one: dict[str, Any], kind: Kind, reason: Reason) -> Report:
    return Report(_address(one), "", "", kind, reason, "Amazon SES notice")
