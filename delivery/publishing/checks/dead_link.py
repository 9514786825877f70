"""Links that lead nowhere: empty, relative, to a developer's machine, or never filled in."""

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from delivery.publishing.findings import Remark, error, warning
from delivery.publishing.material import Words
from delivery.publishing.places import Place, places

_PRIVATE = re.compile(
    r"localhost|.*\.(?:local|localhost|internal|test|invalid|localdomain)|127\..*|0\.0\.0\.0"
    r"|10\..*|192\.168\..*|172\.(?:1[6-9]|2\d|3[01])\..*|\[?::1\]?"
)
_PLACEHOLDER = re.compile(
    r"(?i)(?:.*\.)?(?:example\.(?:com|net|org)|your-?(?:domain|company|site)\.\w+|domain\.com)"
)
_UNWRITTEN = re.compile(r"(?i)\b(?:todo|fixme|xxx+|lorem|insert[-_ ]?link)\b")
_FOLLOWED = frozenset({"http", "https", "mailto", "tel", "sms"})
_IN_PAGE = re.compile(r"#\S+")
_JINJA = re.compile(r"\{[{%#].*?[}%#]\}", re.DOTALL)


def check(words: Words) -> Iterator[Remark]:
    """What the template writes itself, then what data leaves empty."""
    for place in dict.fromkeys(places(words.version.compiled or "")):
        if why := _why(place, words.proposal.hosts):
            shown = place.address or "an empty address"
            line = words.line("source", place.address)
            yield error(f"{_named(place)} {shown} {why}.", line=line)
    yield from _emptied(words)


def _named(place: Place) -> str:
    return "The image" if place.loads else "The link to"


def _why(place: Place, hosts: frozenset[str]) -> str | None:
    """What is wrong with an address as it is written, with what to do."""
    address = place.address
    if _JINJA.match(address) or _IN_PAGE.fullmatch(address):
        return None
    if address in {"", "#"}:
        return "leads nowhere: say where, or leave it out"
    if _UNWRITTEN.search(address):
        return "was never filled in: say where it leads"
    parts = urlsplit(_JINJA.sub("x", address))
    return _of_parts(parts.scheme.lower(), parts.netloc, hosts, loads=place.loads)


def _of_parts(scheme: str, netloc: str, hosts: frozenset[str], *, loads: bool) -> str | None:
    if not scheme:
        return "is relative, and a mail stands on no page: write it with https://"
    if scheme not in _FOLLOWED | ({"cid", "data"} if loads else set()):
        return f"begins with {scheme}:, which no mail client follows"
    return _of_host(netloc.rpartition("@")[2].rsplit(":", 1)[0].lower(), hosts)


def _of_host(host: str, hosts: frozenset[str]) -> str | None:
    if _PRIVATE.fullmatch(host):
        return "is not reached from where people read: use a public name"
    if _PLACEHOLDER.fullmatch(host):
        return "is a placeholder: put the real name there"
    if host in hosts:
        return "leads to Tidings itself: use links.unsubscribe, links.preferences or links.browser"
    return None


def _emptied(words: Words) -> Iterator[Remark]:
    """The first case in which a link has an address no more."""
    whole = {place.address for place in places(words.version.compiled or "")}
    for case, content in words.told:
        for place in places(content.html or "") if content.html else ():
            if place.address in {"", "#"} and place.address not in whole:
                said = f"A link is empty when it is filled ({case.name})"
                yield replace(warning(f"{said}: write it only if it is there."), case=case.name)
                return
