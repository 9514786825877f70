"""Complaints of recipients: feedback reports (RFC 5965), and Microsoft's forwarded ones."""

import re

from delivery.bounces.evidence import addresses_in, canonical, one_line
from delivery.bounces.mime import Headers, Part, fields, readable, value, values
from delivery.bounces.reports import Kind, Reason, Report

TYPE = "message/feedback-report"

_COMPLAINTS = ("abuse", "fraud", "virus", "other", "miscategorized", "opt-out", "opt-out-list", "")
"""Feedback types by which a person does not want the mail; the others are told by machines."""
_ORIGINAL_RECIPIENT = ("original-rcpt-to", "original-recipient", "removal-recipient")
_FORWARDED = ("x-hmxmroriginalrecipient", "x-original-rcpt-to")
_JUNK = re.compile(
    r"complaint about message|junk (?:e-?mail )?report|spam (?:complaint|report)", re.IGNORECASE
)
_REDACTED = re.compile(r"redacted|hidden|^x+@|\*", re.IGNORECASE)


def is_feedback(part: Part) -> bool:
    """Whether a part is a feedback report."""
    return part.type == TYPE


def reports_in(text: str, original: Headers) -> list[Report]:
    """The reports of a feedback report, one a recipient; redacted ones as they are written."""
    said = fields("\n".join(line for line in text.splitlines() if line.strip()))
    named = [canonical(address) for address in values(said, *_ORIGINAL_RECIPIENT)]
    recipients = list(dict.fromkeys(filter(None, named))) or _returned_to(original)
    kind = value(said, "feedback-type").strip().lower()
    if kind == "not-spam":
        return []
    diagnostic = one_line(" ".join(f"{name}: {what}" for name, what in said if name in _TOLD))
    return [_report(recipient, kind, diagnostic) for recipient in recipients or [""]]


_TOLD = ("feedback-type", "user-agent", "source-ip", "auth-failure", "delivery-result")
"""Fields that are the evidence."""


def _report(recipient: str, kind: str, diagnostic: str) -> Report:
    complaint = kind in _COMPLAINTS
    return Report(
        recipient=recipient,
        status="",
        code="",
        kind=Kind.COMPLAINT if complaint else Kind.UNKNOWN,
        reason=Reason.COMPLAINT if complaint else Reason.POLICY,
        diagnostic=diagnostic or "feedback-report",
    )


def _returned_to(original: Headers) -> list[str]:
    found = addresses_in(" ".join(values(original, *_FORWARDED, "to")))
    return ([address for address in found if not _REDACTED.search(address)] or found)[:1]


def forwarded(headers: Headers, original: Headers) -> list[Report]:
    """The report of a complaint that is only the mail itself, forwarded by the receiver."""
    subject = readable(value(headers, "subject"))
    recipients = addresses_in(" ".join(values(original, *_FORWARDED)))
    if not recipients or not _JUNK.search(subject):
        return []
    return [_report(recipients[0], "abuse", one_line(subject))]
