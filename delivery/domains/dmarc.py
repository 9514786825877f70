"""DMARC (RFC 9989, which replaced RFC 7489): what receivers do with mail that proves nothing.

The organisational domain is found by walking up the tree of names, as RFC 9989 has it, not by a
list of public suffixes. Receivers that still keep such a list may find another one in rare cases.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from delivery.domains.inquiries import Check, Condition, Inquiry, Question, Record, Story, Verdict
from delivery.domains.names import parent, within
from delivery.domains.tags import read_tags

_POLICIES = ("none", "quarantine", "reject")
_DEEPEST = 8
"""Labels up to which every name is asked; of longer ones only the last seven (section 4.10)."""


@dataclass(frozen=True, slots=True)
class Found:
    """A DMARC record and where it was."""

    domain: str
    tags: dict[str, str]


def climb(domain: str) -> Story[list[Found]]:
    """The records of a domain and of those above it, the closest first (section 4.10)."""
    found = []
    while domain:
        answer = yield Question(f"_dmarc.{domain}", Record.TXT)
        tags = [read for read in map(_read, answer.values) if read is not None]
        if len(tags) == 1:  # of several none counts
            found.append(Found(domain, tags[0]))
            if tags[0].get("psd") in {"y", "n"}:
                break
        labels = domain.split(".")
        domain = ".".join(labels[-(_DEEPEST - 1) :]) if len(labels) > _DEEPEST else parent(domain)
    return found


def _read(text: str) -> dict[str, str] | None:
    """The tags of a DMARC record; `None` when it is none, or broken."""
    try:
        tags = read_tags(text)
    except ValueError:
        return None
    return tags if next(iter(tags.items()), None) == ("v", "DMARC1") else None


def organisation(domain: str, found: Sequence[Found]) -> str:
    """The organisational domain, from what was found on the way up; the domain itself if none."""
    if not found:
        return domain
    top = found[-1]
    if top.tags.get("psd") == "y" and top.domain != domain:
        depth = top.domain.count(".") + 2
        return ".".join(domain.split(".")[-depth:])
    return top.domain


def dmarc(domain: str) -> Inquiry:
    """Whether a policy is there for the domain of the From."""

    def ask() -> Story[Verdict]:
        found = yield from climb(domain)
        return Verdict(Check.DMARC, f"_dmarc.{domain}", *_judged(domain, found))

    return Inquiry(Check.DMARC, f"_dmarc.{domain}", ask)


def _judged(domain: str, found: Sequence[Found]) -> tuple[Condition, str, str]:
    if not found:
        advice = f'publish at _dmarc.{domain} as TXT: "v=DMARC1; p=none; rua=mailto:dmarc@{domain}"'
        return Condition.WRONG, "there is no DMARC record, or several, or none can be read", advice
    tags = found[0].tags
    inherited = found[0].domain != domain
    policy = (tags.get("sp") if inherited else None) or tags.get("p", "")
    if policy.lower() not in _POLICIES:
        return Condition.WRONG, "it names no policy", "add p=none at least: large receivers want it"
    whose = f", of {found[0].domain}" if inherited else ""
    if "rua" not in tags:
        advice = "add rua=mailto:… to hear who sends in your name"
        return Condition.ADVICE, f"the policy is {policy}{whose}; nobody gets reports", advice
    return Condition.GOOD, f"the policy is {policy}{whose}, with reports", ""


def alignment(sender: str, envelope: str, signs: Sequence[str]) -> Inquiry:
    """Whether SPF and DKIM speak of the domain that people see (section 4.4).

    Args:
        sender: Domain of the From.
        envelope: Domain of the return path.
        signs: Domains that sign.
    """

    def ask() -> Story[Verdict]:
        found = yield from climb(sender)
        tags = found[0].tags if found else {}
        ours = organisation(sender, found)
        theirs = ours
        if envelope != sender:
            theirs = organisation(envelope, (yield from climb(envelope)))
        by_spf = envelope == sender or (tags.get("aspf") != "s" and theirs == ours)
        strict = tags.get("adkim") == "s"
        by_dkim = any(name == sender or (not strict and within(name, ours)) for name in signs)
        return Verdict(Check.ALIGNMENT, sender, *_aligned(signs, by_spf=by_spf, by_dkim=by_dkim))

    return Inquiry(Check.ALIGNMENT, sender, ask)


def _aligned(signs: Sequence[str], *, by_spf: bool, by_dkim: bool) -> tuple[Condition, str, str]:
    sign = "let a key of it sign: tidings domains add, or publish the record that is waited for"
    envelope = "set TIDINGS_BOUNCE_DOMAIN to the domain of the From, or below it"
    if by_spf and by_dkim:
        return Condition.GOOD, "SPF and DKIM both speak of the From", ""
    if by_spf:
        return Condition.ADVICE, "no DKIM signature is aligned: forwarded mail fails", sign
    if by_dkim:
        return Condition.ADVICE, "SPF is of another domain: DMARC rests on DKIM alone", envelope
    if not signs:  # a relay may sign: nobody here can know
        return Condition.ADVICE, "SPF is of another domain, and nothing is signed here", envelope
    return Condition.WRONG, "neither SPF nor DKIM speaks of the From: DMARC fails", envelope
