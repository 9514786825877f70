"""Delivery reports in the form of RFC 3464, as they are really written."""

import re
from collections.abc import Iterable

from delivery.bounces.evidence import canonical, one_line, without_type
from delivery.bounces.judging import Evidence
from delivery.bounces.mime import Headers, Part, fields, value, values
from delivery.bounces.segments import segment, words_of
from delivery.bounces.statuses import SYSEXITS

TYPES = ("message/delivery-status", "message/global-delivery-status")
_MOST_RECIPIENTS = 100

_SPEAKS = ("final-recipient", "original-recipient", "x-actual-recipient")
_ABOUT = ("action", "status", "diagnostic-code", *_SPEAKS)
_EMBEDDED = re.compile(r"^[ \t]*(?:final|original)-recipient[ \t]*:", re.IGNORECASE | re.MULTILINE)
_FIRST_FIELD = re.compile(
    r"^[ \t]*(?:reporting-mta|action|final-recipient)[ \t]*:", re.IGNORECASE | re.MULTILINE
)
_EXIT = re.compile(r"^\s*x-unix\s*;\s*(?:exit status )?(\d{2,3})\s*$", re.IGNORECASE)


def is_status(part: Part) -> bool:
    """Whether a part is the machine's half of a delivery report."""
    return part.type in TYPES


def embedded(text: str) -> str:
    """The status fields that some write into the text itself; empty where there are none."""
    if not _EMBEDDED.search(text):
        return ""
    first = _FIRST_FIELD.search(text)
    block = text[first.start() if first else 0 :]
    return "\n".join(line.strip() for line in block.splitlines())


def evidence_in(status: str, report: str) -> list[Evidence]:
    """What the status fields and the text beside them say about each recipient."""
    groups = _groups(status)
    about = _joined(groups)[:_MOST_RECIPIENTS]
    hosts = " ".join(
        host for group in groups for host in values(group, "reporting-mta", "remote-mta")
    )
    recipients = [_recipient(group) for group in about]
    return [
        _evidence(group, segment(report, recipient, recipients), hosts)
        for group, recipient in zip(about, recipients, strict=True)
    ]


def _evidence(group: Headers, context: str, hosts: str) -> Evidence:
    diagnostic = " ".join(values(group, "diagnostic-code"))
    left = _EXIT.match(diagnostic)
    status = value(group, "status")
    if left:
        status, diagnostic = SYSEXITS.get(left[1], status), ""
    elif not diagnostic and "(" in status:
        diagnostic = status
    return Evidence(
        recipient=_recipient(group),
        diagnostic=one_line(without_type(diagnostic)),
        quoted=one_line(words_of(context, _recipient(group))),
        context=context,
        action=value(group, "action").partition(" ")[0].strip(";,.").lower(),
        status=status,
        hosts=hosts,
    )


def _recipient(group: Headers) -> str:
    return next(filter(None, map(canonical, (value(group, name) for name in _SPEAKS))), "")


def _groups(status: str) -> list[Headers]:
    """Fields in their groups: blank lines part them, and so does a second recipient."""
    groups: list[Headers] = []
    for block in re.split(r"\n[ \t]*\n", status.strip("\n")):
        groups.extend(_parted(fields(block.lstrip("\n"))))
    return [group for group in groups if group][: 2 * _MOST_RECIPIENTS]


def _parted(block: Headers) -> Iterable[Headers]:
    group: list[tuple[str, str]] = []
    for name, said in block:
        if name == "final-recipient" and any(name == known for known, _ in group):
            yield tuple(group)
            group = []
        group.append((name, said))
    yield tuple(group)


def _joined(groups: list[Headers]) -> list[Headers]:
    """Groups of recipients, with what stands apart from its recipient put back to it."""
    joined: list[Headers] = []
    waiting: Headers = ()
    for group in groups:
        if not _recipient(group):
            apart = tuple(field for field in group if field[0] in _ABOUT)
            if joined and apart and not value(joined[-1], "action", "status"):
                joined[-1] += apart
            else:
                waiting = apart
        else:
            joined.append(group if value(group, "action", "status") else group + waiting)
            waiting = ()
    return joined
