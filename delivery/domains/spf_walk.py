"""Walking an SPF record with all that it includes: what it costs, and whom it lets send."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

from delivery.domains.hosts import Address, addresses_of
from delivery.domains.inquiries import Question, Record, Story
from delivery.domains.spf_record import LOOKING_UP, SpfRecord, Term, is_spf, read_spf

MOST = 10
"""Look-ups that a receiver makes for one record with its includes (RFC 7208, section 4.6.4)."""
MOST_VOID = 2
"""Of these, look-ups that may find nothing."""
_GIVEN_UP = 20
"""Look-ups after which a record is not followed any further."""
_MOST_HOSTS = 10
"""Hosts of one `mx` that count (section 4.6.4)."""


@dataclass(slots=True)
class Walk:
    """What was found on the way.

    Attributes:
        faults: Why a receiver takes the record for broken, the first one first.
        records: By domain.
        addresses: By the host of an `a`, or the domain of an `mx`.
    """

    lookups: int = 0
    voids: int = 0
    faults: list[str] = field(default_factory=list)
    records: dict[str, SpfRecord] = field(default_factory=dict)
    addresses: dict[tuple[str, str], tuple[Address, ...]] = field(default_factory=dict)

    @property
    def uses_ptr(self) -> bool:
        """Whether `ptr` is used somewhere, which nobody should (section 5.5)."""
        return any(term.name == "ptr" for each in self.records.values() for term in each.terms)


def published(domain: str) -> Story[list[str]]:
    """The SPF records of a domain."""
    answer = yield Question(domain, Record.TXT)
    return [text for text in answer.values if is_spf(text)]


def walk(domain: str, text: str) -> Story[Walk]:
    """Follow a record to its end, as far as it can be followed without a mail."""
    found = Walk()
    yield from _visit(found, domain, text, (domain,))
    return found


def _visit(found: Walk, domain: str, text: str, path: tuple[str, ...]) -> Story[None]:
    try:
        record = read_spf(text)
    except ValueError as error:
        found.faults.append(f"{domain}: {error}")
        return
    found.records[domain] = record
    for term in record.terms:
        if term.name in LOOKING_UP and found.lookups < _GIVEN_UP:
            found.lookups += 1
            yield from _look(found, domain, term, path)


def _look(found: Walk, domain: str, term: Term, path: tuple[str, ...]) -> Story[None]:
    if term.is_macro or term.name in {"ptr", "exists"}:
        return
    if term.name in {"include", "redirect"}:
        yield from _other(found, term, path)
        return
    target = term.value or domain
    hosts = [target] if term.name == "a" else (yield from _exchangers(found, target))
    addresses = []
    for host in hosts[:_MOST_HOSTS]:
        addresses += yield from addresses_of(host)
    if not addresses and term.name == "a":
        found.voids += 1
    found.addresses[term.name, target] = tuple(addresses)


def _other(found: Walk, term: Term, path: tuple[str, ...]) -> Story[None]:
    if term.value in path:
        found.faults.append(f"{term.value} includes itself")
        return
    answer = yield Question(term.value, Record.TXT)
    texts = [text for text in answer.values if is_spf(text)]
    found.voids += not answer.values
    if len(texts) != 1:
        how = "several SPF records" if texts else "no SPF record"
        found.faults.append(f"{term.name} of {term.value}, which has {how}")
        return
    yield from _visit(found, term.value, texts[0], (*path, term.value))


def _exchangers(found: Walk, domain: str) -> Story[list[str]]:
    answer = yield Question(domain, Record.MX)
    found.voids += not answer.values
    if len(answer.values) > _MOST_HOSTS:
        found.faults.append(f"mx of {domain}, which has more than {_MOST_HOSTS} hosts")
    return [value.partition(" ")[2] for value in answer.values]


def result(found: Walk, domain: str, sender: Address) -> str:
    """What a record says of an address: `+`, `-`, `~`, `?`, or `` when nobody can tell now."""
    record = found.records.get(domain)
    for term in () if record is None else record.terms:
        if term.name == "redirect":
            return "" if term.is_macro else result(found, term.value, sender)
        matches = _matches(found, domain, term, sender)
        if matches is None:
            return ""
        if matches:
            return term.qualifier
    return "?"  # section 4.7: neutral


def _matches(found: Walk, domain: str, term: Term, sender: Address) -> bool | None:
    """Whether a mechanism means an address; `None`: that depends on the mail."""
    if term.name == "all":
        return True
    if term.name in {"ip4", "ip6"}:
        return _in([ip_address(term.value)], term, sender)
    if term.is_macro or term.name in {"ptr", "exists"}:
        return None
    if term.name == "include":
        said = result(found, term.value, sender)
        return None if said == "" else said == "+"
    return _in(found.addresses.get((term.name, term.value or domain), ()), term, sender)


def _in(addresses: Sequence[Address], term: Term, sender: Address) -> bool:
    prefix = {4: term.four, 6: term.six}
    return any(
        sender in ip_network(f"{each}/{prefix[each.version]}", strict=False)
        for each in addresses
        if each.version == sender.version
    )
