"""SPF records as they are written (RFC 7208, section 4.6 and 12)."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

_TERM = re.compile(
    r"(?P<qualifier>[+\-~?]?)(?P<name>all|include|a|mx|ptr|ip4|ip6|exists)"
    r"(?::(?P<value>(?:%\{[!-|~]*\}|%(?!\{)|[!-$&-.0-~])+))?"
    r"(?:/(?P<four>\d{1,3}))?(?://(?P<six>\d{1,3}))?",
    re.IGNORECASE,
)
_MODIFIER = re.compile(r"(?P<name>[A-Za-z][A-Za-z0-9._-]*)=(?P<value>[!-~]*)")
_BITS = {4: 32, 6: 128}
LOOKING_UP = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})
"""Terms that cost one of the ten look-ups (section 4.6.4)."""


@dataclass(frozen=True, slots=True)
class Term:
    """A mechanism, or the modifier `redirect`.

    Attributes:
        qualifier: `+`, `-`, `~` or `?`.
        value: A domain, an address or nothing.
        four: Prefix length for IPv4.
        six: Prefix length for IPv6.
    """

    qualifier: str
    name: str
    value: str = ""
    four: int = 32
    six: int = 128

    @property
    def is_macro(self) -> bool:
        """Whether its domain depends on each mail, so that nobody can follow it in advance."""
        return "%" in self.value


@dataclass(frozen=True, slots=True)
class SpfRecord:
    """What one record says, as far as it is read: nothing counts behind `all`."""

    terms: tuple[Term, ...]

    @property
    def all(self) -> Term | None:
        """The term that is about everybody else."""
        return next((term for term in self.terms if term.name == "all"), None)


def is_spf(text: str) -> bool:
    """Whether a TXT record is one of SPF (section 4.5)."""
    return text.lower() == "v=spf1" or text.lower().startswith("v=spf1 ")


def read_spf(text: str) -> SpfRecord:
    """The terms of a record.

    Raises:
        ValueError: A term is none: receivers take the whole record for broken (permerror).
    """
    terms: list[Term] = []
    redirect: Term | None = None
    for word in text.split()[1:]:
        if modifier := _MODIFIER.fullmatch(word):
            if modifier["name"].lower() == "redirect":
                if redirect is not None:
                    raise ValueError("redirect= comes twice")
                redirect = Term("+", "redirect", modifier["value"].rstrip(".").lower())
            continue
        terms.append(_term(word))
    names = [term.name for term in terms]
    if "all" in names:
        return SpfRecord(tuple(terms[: names.index("all") + 1]))
    return SpfRecord((*terms, redirect) if redirect else tuple(terms))


def _term(word: str) -> Term:
    found = _TERM.fullmatch(word)
    if found is None:
        raise ValueError(f"{word[:60]!r} is no mechanism of SPF")
    name, value = found["name"].lower(), found["value"] or ""
    qualifier = found["qualifier"] or "+"
    if name in {"include", "exists"} and not value:
        raise ValueError(f"{word[:60]!r} names no domain")
    if name == "all" and word.lstrip("+-~?").lower() != "all":
        raise ValueError(f"{word[:60]!r} is no mechanism of SPF")
    if name in {"ip4", "ip6"}:
        return _network(word, qualifier, name, value, found["four"])
    four, six = int(found["four"] or 32), int(found["six"] or 128)
    if four > _BITS[4] or six > _BITS[6]:
        raise ValueError(f"{word[:60]!r} has a prefix that is too long")
    return Term(qualifier, name, value.rstrip(".").lower(), four, six)


def _network(word: str, qualifier: str, name: str, value: str, prefix: str | None) -> Term:
    make = IPv4Network if name == "ip4" else IPv6Network
    try:
        network = make(f"{value}/{prefix}" if prefix else value, strict=False)
    except ValueError:
        raise ValueError(f"{word[:60]!r} is no network of IPv{name[2]}") from None
    length = network.prefixlen
    return Term(qualifier, name, value, four=length, six=length)
