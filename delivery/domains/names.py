"""Domain names: as people write them, as DNS has them, and which one stands above which."""

import re

import idna

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LONGEST = 253
_SPECIAL = frozenset({"example", "invalid", "local", "localdomain", "localhost", "test"})
_SHOWN = 60
"""Characters of a wrong name that an error repeats."""


def read_domain(text: str) -> str:
    """A domain in lower-case ASCII, without the root's dot; IDNA 2008 (RFC 5891) where it is not.

    Raises:
        ValueError: It is no domain that mail could come from; the text says why.
    """
    name = text.strip().rstrip(".")
    shown = repr(name[:_SHOWN])
    try:
        ascii_name = idna.encode(name, uts46=True).decode().lower()
    except (UnicodeError, ValueError):
        raise ValueError(f"{shown} is no domain name: write it like example.com") from None
    labels = ascii_name.split(".")
    if len(ascii_name) > _LONGEST or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError(f"{shown} is no domain name: write it like example.com")
    if len(labels) == 1 or labels[-1].isdigit():
        raise ValueError(f"{shown} is no domain that mail comes from: write it like example.com")
    return ascii_name


def is_special(domain: str) -> bool:
    """Whether a domain is in nobody's public DNS (RFC 6761, RFC 6762), so that nobody asks."""
    return domain.rpartition(".")[2] in _SPECIAL


def within(name: str, domain: str) -> bool:
    """Whether a name is this domain or below it."""
    return name == domain or name.endswith(f".{domain}")


def parent(name: str) -> str:
    """The domain above; empty above a top-level domain."""
    return name.partition(".")[2]
