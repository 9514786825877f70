"""A report's text: where it ends, whom it speaks of, and what it says about each."""

import re
from itertools import dropwhile

from delivery.bounces.evidence import addresses_in, canonical, code_in, enhanced_in
from delivery.bounces.signs import COPY

_LONGEST_REPORT = 24 * 1024
_LONGEST_SEGMENT = 2500
"""Characters about one recipient that are looked at."""
_MOST_RECIPIENTS = 50

_A = r"(?P<a>(?:[^\s<>()\[\],;:\"]{1,64}|\"[^\"\s]{1,62}\")@[A-Za-z0-9.-]{1,253})"
_HEADS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # How a line names a recipient that did not get the message; asked in this order, and the
        # first pattern that is found anywhere names them all.
        rf"member of [^<\n]{{0,60}}<?{_A}",
        rf"^\d{{3}} (?:[\d.]+ )?<{_A}>\.\.\.",
        rf"^[*> \t-]*<?\"?(?:smtp:)?{_A}\"?>?(?:\s*\([^)]*\))?\s*:(?:\s|$)",
        rf"^\s*\S+:\d+:<{_A}>",
        rf"^[*> \t-]*[<\"']?(?:smtp:)?{_A}[>\"']?(?:<mailto:[^>]*>)?\s*$",
        (
            rf"^[*> \t-]*<?{_A}>?\s+(?:on |\[|\(|\.\.\.|invalid|failed|unknown|"
            rf"-{{1,2}} |#|was |is |has |does )"
        ),
        (
            rf"(?:unknown (?:user|recipient|address)|no such user|undeliverable|"
            rf"addressed to|deliver(?:ed|y|ing)?(?: \S+){{0,3}}? to|(?:message|mail|"
            rf"e-?mail) to|recipients?|failed for|member of \S+ \S+ list|to)\s*:?\s*<?{_A}"
        ),
        rf"RCPT TO:\s*<{_A}>",
        rf"<{_A}>",
        rf"(?:^|[\s(\[]){_A}",
    )
)
_ANSWERS = re.compile(r"^[^<\n]{0,60}(?:Out:|<<<|<--)[ \t]*([45]\d\d[ -].*)$", re.MULTILINE)
"""The other side's refusals in the transcript of a conversation."""
_TITLE = re.compile(r"[-=*]{2,}|[^\n]{0,80}(?::|[-=*]{3,})$")
"""A line that only leads to what is said."""
_ALIAS = re.compile(r"generated from|forwarded from|expanded from", re.IGNORECASE)


def report_in(text: str) -> str:
    """A text without the copy of the message it returns."""
    text = text[:_LONGEST_REPORT]
    found = COPY.search(text)
    # A mark in the first line is the report's title.
    while found and not text[: found.start()].strip():
        found = COPY.search(text, found.end())
    return text[: found.start()] if found else text


def copy_in(text: str) -> str:
    """The copy that `report_in` leaves away."""
    return text[len(report_in(text)) :]


def recipients_in(report: str, others: set[str]) -> list[str]:
    """Whom a text speaks of, without `others`: those it was written by and to."""
    lines = [line[:1000] for line in report.splitlines() if "@" in line]
    for head in _HEADS:
        found = [
            canonical(match["a"])
            for line in lines
            if (match := head.search(line)) and not _ALIAS.search(line)
        ]
        named = [address for address in dict.fromkeys(found) if address and address not in others]
        if named:
            return named[:_MOST_RECIPIENTS]
    return []


def segment(report: str, recipient: str, recipients: list[str]) -> str:
    """What a text says about one recipient: from where it is named to where the next one is."""
    if not recipient:
        return ""
    lines = report.splitlines()
    whom = re.compile(rf"(?<![\w.+-]){re.escape(recipient)}(?![\w-])", re.IGNORECASE)
    others = {other.lower() for other in recipients} - {recipient.lower()}
    start = next((at for at, line in enumerate(lines) if whom.search(line)), None)
    if start is None:
        return report[:_LONGEST_SEGMENT] if len(set(recipients)) == 1 else ""
    if not others:
        return "\n".join([*lines[start:], "", *lines[:start]])[:_LONGEST_SEGMENT]
    chosen: list[str] = []
    for line in lines[start:]:
        low = line.lower()
        if "@" in low and any(other in low for other in others) and not whom.search(line):
            if _said(chosen):
                break
            continue
        chosen.append(line)
    return "\n".join(chosen)[:_LONGEST_SEGMENT]


def _said(lines: list[str]) -> bool:
    """Whether more than addresses stands there: lists of them come before what is said."""
    return any(len(line.split()) > 1 or not addresses_in(line) for line in lines if line.strip())


def words_of(context: str, recipient: str) -> str:
    """The other side's words: its refusals, else the paragraph with codes, else the first."""
    answers = _ANSWERS.findall(context)
    if answers:
        return " ".join(line.strip() for line in answers)
    paragraphs = [
        paragraph
        for block in re.split(r"\n\s*\n", context)
        if (paragraph := _rest(block, recipient))
    ]
    coded = [text for text in paragraphs if enhanced_in(text) or code_in(text)]
    return next(iter([*coded, *paragraphs]), "")


def _rest(block: str, recipient: str) -> str:
    """A paragraph without its titles, and without the line that is the address alone."""
    lines = [line.strip() for line in block.splitlines()]
    telling = list(dropwhile(_leads, filter(None, lines)))
    if telling and canonical(telling[0]) == recipient and len(telling[0].split()) == 1:
        telling = telling[1:]
    return " ".join(telling)


def _leads(line: str) -> bool:
    return bool(_TITLE.match(line)) and not code_in(line)
