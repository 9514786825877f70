"""Where mail to our own domains goes: bounces to the envelope's, answers to the From's."""

from collections.abc import Sequence

from delivery.domains.hosts import addresses_of
from delivery.domains.inquiries import (
    Answer,
    Check,
    Condition,
    Inquiry,
    Question,
    Record,
    Story,
    Verdict,
)

Said = tuple[Condition, str, str]


def bounces(domain: str) -> Inquiry:
    """Whether bounces reach anybody: RFC 5321, section 5.1, and RFC 7505."""

    def ask() -> Story[Verdict]:
        said = yield from _bounces(domain)
        return Verdict(Check.MX, domain, *said)

    return Inquiry(Check.MX, domain, ask)


def _bounces(domain: str) -> Story[Said]:
    answer = yield Question(domain, Record.MX)
    hosts = _hosts(answer)
    publish = "publish an MX that names the host of the bounce listener"
    if not hosts:
        if (yield from addresses_of(domain)):
            return Condition.ADVICE, "there is no MX; its own address stands in", publish
        return Condition.WRONG, "there is no MX and no address: bounces are lost", publish
    if "" in hosts:
        return Condition.WRONG, "a null MX says that it takes no mail: bounces are lost", publish
    return (yield from _reachable(hosts))


def _reachable(hosts: Sequence[str]) -> Story[Said]:
    lost = []
    for host in hosts:
        if not (yield from addresses_of(host)):
            lost += [host]
    if len(lost) == len(hosts):
        return Condition.WRONG, f"{lost[0]} has no address: bounces are lost", "correct the MX"
    if lost:
        return Condition.ADVICE, f"{lost[0]} has no address", "take it out of the MX"
    return Condition.GOOD, f"bounces go to {hosts[0]}", ""


def _hosts(answer: Answer) -> list[str]:
    """The hosts of MX records, the preferred first; an empty name is the null MX."""
    pairs = sorted(
        (int(preference), host)
        for preference, _, host in (value.partition(" ") for value in answer.values)
    )
    return [host for _, host in pairs]


def answers(domain: str) -> Inquiry:
    """Whether the domain of the From takes mail: receivers refuse one that cannot be answered."""

    def ask() -> Story[Verdict]:
        said = yield from _answers(domain)
        return Verdict(Check.FROM, domain, *said)

    return Inquiry(Check.FROM, domain, ask)


def _answers(domain: str) -> Story[Said]:
    answer = yield Question(domain, Record.MX)
    if "" in _hosts(answer):
        advice = "publish a real MX, or send from a domain that has one"
        return Condition.WRONG, "a null MX says that it takes no mail", advice
    if answer.values:
        return Condition.GOOD, "it has an MX", ""
    if (yield from addresses_of(domain)):
        return Condition.GOOD, "it has an address, no MX", ""
    return Condition.WRONG, "it has neither MX nor address", "publish an MX: answers bounce"
