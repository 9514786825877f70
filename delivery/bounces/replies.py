"""Answers of programs in a person's place: vacation notes, and challenges to prove oneself."""

from delivery.bounces.evidence import addresses_in, one_line
from delivery.bounces.mime import Headers, readable, value, values
from delivery.bounces.reports import Kind, Reason, Report
from delivery.bounces.signs import AUTO_HEADERS, AUTO_SUBJECT, CHALLENGE


def reports_in(headers: Headers, text: str) -> list[Report]:
    """The report of an automatic answer; none when a person may have written it."""
    subject = readable(value(headers, "subject"))
    sign = _sign(headers, subject)
    challenged = CHALLENGE.search(subject) or (sign and CHALLENGE.search(text[:4000]))
    if not sign and not challenged:
        return []
    wrote = addresses_in(" ".join(values(headers, "from", "reply-to", "return-path")))
    return [
        Report(
            recipient=next(iter(wrote), ""),
            status="",
            code="",
            kind=Kind.AUTOREPLY,
            reason=Reason.CHALLENGE if challenged else Reason.AUTO_REPLY,
            diagnostic=one_line(sign or f"subject: {subject}"),
        )
    ]


def _sign(headers: Headers, subject: str) -> str:
    """The header that gives the program away; empty where none does."""
    told = (
        f"{name}: {said}"
        for name, pattern in AUTO_HEADERS
        for said in values(headers, name)
        if pattern.search(said)
    )
    return next(told, f"subject: {subject}" if AUTO_SUBJECT.search(subject) else "")
