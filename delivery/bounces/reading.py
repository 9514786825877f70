"""One mail in, what it says out: the only door of this package.

Asked in this order: complaint, delivery report, notice, text of a mail system, automatic answer.
Whatever a stranger sends, an answer comes, in time that grows with the part that is read.
"""

from dataclasses import dataclass

from delivery.bounces import complaints, delivery_status, dialects, notices, replies
from delivery.bounces.judging import judge
from delivery.bounces.mime import LONGEST_MAIL, Headers, Mail, cut, mails, split, value
from delivery.bounces.origins import origins_in
from delivery.bounces.reports import Origins, Reading, Reason, Report
from delivery.bounces.segments import copy_in, report_in

__all__ = ["LONGEST_MAIL", "read"]

_ORIGINALS = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global")


@dataclass(frozen=True, slots=True)
class _Letter:
    """A mail as its readers want it.

    Attributes:
        headers: Its own.
        report: Its text, without the copy of the original.
        status: Fields of its delivery reports.
        feedback: Fields of its feedback report.
        returned: What it returns, as text.
        original: Headers of what it returns.
    """

    headers: Headers
    report: str
    status: str
    feedback: str
    returned: str
    original: Headers


def read(raw: bytes) -> Reading:
    """What a mail, or each of an mbox, says about others; no reports when it is an ordinary one.

    Args:
        raw: The mail with its headers; lines end in CR LF, LF or CR.
    """
    letters = [_letter(cut(mail)) for mail in mails(raw)]
    origins = [origins_in(letter.headers, letter.returned) for letter in letters]
    return Reading(
        reports=tuple(report for letter in letters for report in _reports(letter)),
        origins=Origins(
            deliveries=tuple(one for found in origins for one in found.deliveries),
            message_ids=tuple(one for found in origins for one in found.message_ids),
            return_paths=tuple(one for found in origins for one in found.return_paths),
        ),
    )


def _letter(mail: Mail) -> _Letter:
    text = _text(mail)
    originals = [part for part in mail.parts if part.type in _ORIGINALS]
    returned = "\n".join([copy_in(text), *(part.text() for part in originals)])
    return _Letter(
        headers=mail.headers,
        report=report_in(text),
        status="\n\n".join(part.text() for part in mail.parts if delivery_status.is_status(part)),
        feedback="\n".join(part.text() for part in mail.parts if complaints.is_feedback(part)),
        returned=returned,
        original=split(returned.lstrip("\n").encode())[0],
    )


def _text(mail: Mail) -> str:
    """What people are told: the plain parts; where there are none, the ones in HTML."""
    for kind in ("text/plain", "text/html"):
        texts = [part.text() for part in mail.parts if part.type == kind]
        if any(text.strip() for text in texts):
            return "\n".join(texts)
    return ""


def _reports(letter: _Letter) -> list[Report]:
    if letter.feedback:
        return complaints.reports_in(letter.feedback, letter.original)
    found = delivery_status.evidence_in(letter.status, letter.report)
    if not found and dialects.is_bounce(letter.headers, letter.report):
        found = delivery_status.evidence_in(
            delivery_status.embedded(letter.report), letter.report
        ) or dialects.evidence_in(letter.headers, letter.report, value(letter.original, "to"))
    judged = map(judge, found)
    return (
        [report for report in judged if report.recipient or report.reason is not Reason.UNKNOWN]
        or notices.reports_in(letter.headers, letter.report)
        or complaints.forwarded(letter.headers, letter.original)
        or replies.reports_in(letter.headers, letter.report)
    )
