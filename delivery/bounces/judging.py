"""What evidence means: vendor's words, then the enhanced code, then the text, then the reply code.

A permanent "no such user" needs two witnesses: the words, and either an x.1.x code, an answer to
RCPT or the words of the reporting system itself. The same words after DATA, or from nobody knows
where, are what filters say in the mailbox's name: soft; only their repetition tells.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from delivery.bounces import statuses
from delivery.bounces.evidence import code_in, enhanced_in, one_line, plain
from delivery.bounces.reports import PERMANENT, Kind, Reason, Report
from delivery.bounces.signs import STAGES
from delivery.bounces.vendors import vendor_reason
from delivery.bounces.words import reasons_in


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about one recipient before it is judged.

    Attributes:
        recipient: The address.
        diagnostic: The other side's words; empty where there are none.
        context: What the report's text says besides.
        quoted: The words in the context that come nearest to a diagnostic.
        action: RFC 3464 action in lower case; empty where there is none.
        status: The Status field's code; empty where there is none.
        hosts: Servers that have a say in it.
    """

    recipient: str
    diagnostic: str = ""
    context: str = ""
    quoted: str = ""
    action: str = ""
    status: str = ""
    hosts: str = ""


@dataclass(frozen=True, slots=True)
class _Case:
    """Evidence with its codes, stage and plain words taken out."""

    status: str
    code: str
    stage: str
    said: str
    around: str
    hosts: str


_DELIVERED = ("delivered", "relayed", "expanded", "deliverable")
_ENDED = ("failed", "failure", "expired", "undeliverable", "rejected", "bounced")


def judge(evidence: Evidence) -> Report:
    """The report that evidence makes."""
    case = _case(evidence)
    if _arrived(evidence.action, case):
        reason, kind = Reason.DELIVERED, Kind.DELIVERED
    else:
        reason = _reason(case)
        kind = _kind(evidence.action, reason)
    return Report(
        recipient=evidence.recipient,
        status=case.status or _derived(case, reason),
        code=case.code,
        kind=kind,
        reason=reason,
        diagnostic=one_line(evidence.diagnostic or evidence.quoted or evidence.status),
    )


def _case(evidence: Evidence) -> _Case:
    said, around = evidence.diagnostic, evidence.context
    written = (enhanced_in(said), enhanced_in(evidence.status))
    nearby = enhanced_in(around)
    status = next(filter(_telling, (*written, nearby)), next(filter(None, written), nearby))
    if not said and evidence.status and not _telling(enhanced_in(evidence.status)):
        said = around
    return _Case(
        status=status,
        code=code_in(said) or code_in(around),
        stage=_stage(said) or _stage(around),
        said=plain(said or around),
        around=plain(f"{evidence.status} {said} {around}"),
        hosts=f"{evidence.recipient.rpartition('@')[2]} {evidence.hosts}".lower(),
    )


def _telling(status: str) -> bool:
    return bool(status) and not status.endswith(".0.0")


def _stage(text: str) -> str:
    return next((stage for stage, pattern in STAGES if pattern.search(text[:4000])), "")


def _arrived(action: str, case: _Case) -> bool:
    return action in _DELIVERED or (not action and case.status.startswith("2."))


def _kind(action: str, reason: Reason) -> Kind:
    if action == "delayed":
        return Kind.DELAYED
    if action and action not in _ENDED and reason is Reason.UNKNOWN:
        return Kind.UNKNOWN
    return Kind.HARD if reason in PERMANENT else Kind.SOFT


def _reason(case: _Case) -> Reason:
    codes = f"{case.code or '-'} {case.status or '-'}"
    vendor = vendor_reason(case.hosts, codes, case.around)
    return vendor or next(_opinions(case), Reason.UNKNOWN)


def _opinions(case: _Case) -> Iterator[Reason]:
    """What speaks for a reason, most telling first."""
    firm = _of(statuses.FIRM, case.status)
    heard = [_weighed(reason, case) for reason in reasons_in(case.said)]
    if firm:
        yield from (word for word in heard[:1] if _overrules(word, firm, case.status))
        yield _weighed(firm, case)
    yield from heard
    weak = _of(statuses.WEAK, case.status)
    if weak:
        yield _weighed(weak, case)
    yield from (_weighed(reason, case) for reason in reasons_in(case.around))
    reply = _of(statuses.REPLIES, case.code)
    if reply:
        yield reply


def _overrules(word: Reason, firm: Reason, status: str) -> bool:
    later = word is Reason.TRANSIENT and status.startswith("4")
    return later or word in statuses.OVERRULED.get(firm, ())


def _of(table: tuple[tuple[str, Reason], ...], code: str) -> Reason | None:
    return next((reason for pattern, reason in table if fnmatchcase(code, pattern)), None)


def _weighed(reason: Reason, case: _Case) -> Reason:
    """A reason in the light of where and how it was said."""
    if reason not in PERMANENT:
        return reason
    if case.stage == "MAIL":
        return Reason.POLICY  # in answer to MAIL it is the sender's address that is meant
    if reason is Reason.INVALID_RECIPIENT and not _witnessed(case):
        return Reason.REFUSED
    if reason is Reason.BAD_DOMAIN and case.status[:3] in ("4.4", "4.3"):
        return Reason.TRANSIENT
    return reason


def _witnessed(case: _Case) -> bool:
    return case.status[1:4] == ".1." or case.stage in ("RCPT", "LOCAL") or not case.code


def _derived(case: _Case, reason: Reason) -> str:
    kind = "2" if reason is Reason.DELIVERED else (case.code or case.status)[:1]
    tail = statuses.DERIVED.get(reason, "0.0")
    return f"{kind if kind in ('2', '4') else '5'}.{tail}"
