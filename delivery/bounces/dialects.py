"""Bounces that are only text: qmail, Exim, Exchange, Domino, carriers, old sendmail, others."""

from dataclasses import replace

from delivery.bounces.evidence import addresses_in, one_line
from delivery.bounces.judging import Evidence
from delivery.bounces.mime import Headers, readable, value, values
from delivery.bounces.segments import recipients_in, segment, words_of
from delivery.bounces.signs import (
    ANSWER_SUBJECT,
    BOUNCE_SUBJECT,
    DAEMON,
    DELAYED,
    ENDED,
    INTRODUCTION,
    OPENING,
)

_OPENS_WITHIN = 1200
"""Characters in which a mail system has introduced itself."""
_NAMELESS = 2500
"""Characters that are looked at when nobody is named."""
_FAILED = "x-failed-recipients"


def is_bounce(headers: Headers, report: str) -> bool:
    """Whether a mail system wrote this: who wrote it and what it says must both look so."""
    if values(headers, _FAILED):
        return True
    subject = readable(value(headers, "subject"))
    opening = " ".join(report[:_OPENS_WITHIN].split())
    wrote = (
        DAEMON.search(readable(" ".join(values(headers, "from"))))
        or value(headers, "return-path").strip() == "<>"
        or value(headers, "x-mlserver")
        or "delivery-status" in value(headers, "content-type")
        or INTRODUCTION.match(opening)
    )
    says = BOUNCE_SUBJECT.search(subject) or OPENING.search(opening)
    return bool(wrote and says) and not ANSWER_SUBJECT.match(subject)


def evidence_in(headers: Headers, report: str, returned: str) -> list[Evidence]:
    """What a text says about each recipient it names; where it names none, about nobody.

    Args:
        headers: The mail's own.
        report: Its text without the copy of the original.
        returned: Recipients in the copy's headers, asked when nobody is named elsewhere.
    """
    recipients = _recipients(headers, report, returned)
    action = "delayed" if _is_delayed(headers, report) else "failed"
    hosts = " ".join(values(headers, "from", "message-id")).lower()
    return [
        _evidence(recipient, segment(report, recipient, recipients), action, hosts)
        for recipient in recipients
    ] or [_evidence("", report[:_NAMELESS], action, hosts)]


def _recipients(headers: Headers, report: str, returned: str) -> list[str]:
    failed = addresses_in(" ".join(values(headers, _FAILED)))
    if failed:
        return failed
    written_to = addresses_in(" ".join(values(headers, "to", "delivered-to", "x-original-to")))
    others = {*addresses_in(" ".join(values(headers, "from", "sender"))), *written_to}
    found = recipients_in(report, others)
    if found:
        return found
    # A forwarding host bounces to whom it wrote, and some write to the failed address itself.
    return [address for address in addresses_in(returned) if address not in others][:1] or (
        [address for address in recipients_in(report, set()) if address in written_to][:1]
    )


def _is_delayed(headers: Headers, report: str) -> bool:
    told = f"{readable(value(headers, 'subject'))} {' '.join(report[:3000].split())}"
    return bool(DELAYED.search(told)) and not ENDED.search(told)


def _evidence(recipient: str, context: str, action: str, hosts: str) -> Evidence:
    said = words_of(context, recipient)
    evidence = Evidence(recipient=recipient, context=context, action=action, hosts=hosts)
    return replace(evidence, diagnostic=one_line(said)) if said else evidence
