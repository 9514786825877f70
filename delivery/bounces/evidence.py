"""Codes, addresses and plain words, taken out of what servers say."""

import re

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}"
ADDRESS = re.compile(
    rf"(?:{_LOCAL}|\"[^\"\s]{{1,62}}\")@[A-Za-z0-9](?:[A-Za-z0-9.-]{{0,251}}[A-Za-z0-9])?"
)
"""An address as it is found in text; `canonical` cleans it."""

LONGEST_DIAGNOSTIC = 500
"""Characters of evidence that are kept."""
_LONGEST_SAID = 1500

_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,2}\.\d{1,3})(?![\d.]*\d)")
_CODES = (
    # What a program repeats behind its own code, a code with its enhanced code, one that begins
    # a reply, one anywhere. Texts name ports, sizes and years: surer forms are asked first.
    re.compile(r"\.\.\. ([45]\d\d) [A-Z]"),
    re.compile(r"(?<![\w.])(250|4[2-5]\d|5[0-7]\d)(?:[ -]|: ?)+#?[245]\.\d"),
    re.compile(
        r"(?:^|said:|response(?: was)?:?|returned:?|replied:?|error:?|<<<|"
        r"[;:]) *\(?(250|4[2-5]\d|5[0-7]\d)(?:[ :-]|$)",
        re.IGNORECASE,
    ),
    re.compile(r"(?<![\w.:/@=-])(4[2-5]\d|5[0-7]\d)(?=[ -][A-Za-z<#\"'\[])"),
    re.compile(r"(?:error(?:[_ -]code)?|code|smtp)[ :#(]+(4[2-5]\d|5[0-7]\d)\b", re.IGNORECASE),
)
_REPEATED = re.compile(r"(?<=\S) (?:[45]\d\d)?[- ](?:[245]\.\d{1,2}\.\d{1,3})(?= )")
_LINKS = re.compile(r"(?:https?|mailto):\S*|www\.\S*", re.IGNORECASE)
_HOSTS = re.compile(
    r"\b(?:remote )?(?:host|server|system)(?: \S+){0,2} (?:said|says|responded|"
    r"replied|returned)\b:?|\bhost(?:name)? \S*\.\S*|\S*\.\S* ?\[[\d.:a-f]+\]|"
    r"\[[\d.:a-f]+\]"
)
_LONG_WORD = re.compile(r"(\S{40})\S+")
_REMOVED = re.compile(r"\(\s*\)|<\s*>|[<>\"`*|]+")
_PREFIX = re.compile(r"^\s*(?:smtp|x-\w+|dns|unknown|rfc822)\s*;\s*", re.IGNORECASE)


def one_line(text: str) -> str:
    """A text on one line, without control characters, as long as evidence may be."""
    line = " ".join(text[: 4 * LONGEST_DIAGNOSTIC].split())
    if not line.isprintable():
        line = "".join(letter for letter in line if letter.isprintable())
    return line[:LONGEST_DIAGNOSTIC]


def without_type(diagnostic: str) -> str:
    """A Diagnostic-Code without the type before its semicolon."""
    return _PREFIX.sub("", diagnostic)


def enhanced_in(text: str) -> str:
    """The most telling enhanced code of a text: a refusal before a success, x.0.0 last."""
    found = _ENHANCED.findall(text[:_LONGEST_SAID])
    return min(found, key=lambda code: (code.endswith(".0.0"), code[0] == "2"), default="")


def code_in(text: str) -> str:
    """The SMTP reply code of a text; empty where there is none."""
    text = text[:_LONGEST_SAID]
    return next((found[1] for code in _CODES if (found := code.search(text))), "")


def plain(text: str) -> str:
    """What is said: lower case, without addresses, links, hosts and codes of following lines."""
    said = _LINKS.sub(" ", text[: 2 * _LONGEST_SAID])
    said = _LONG_WORD.sub(r"\1", ADDRESS.sub(" ", said)).lower()
    said = _REPEATED.sub(" ", " ".join(_HOSTS.sub(" ", said).split()))
    said = _REMOVED.sub(" ", said).replace("\u2019", "'")
    return " ".join(said.split())[:_LONGEST_SAID]


def canonical(address: str) -> str:
    """The address in a field or phrase: without type, brackets and quotes; empty if none."""
    text = address.strip()
    found = ADDRESS.search(text[:1000])
    if not found:
        return ""
    local, _, domain = found[0].strip(".'`").rpartition("@")
    return f"{local.lstrip('=')}@{domain.lower()}" if not _encoded(local) else found[0]


def _encoded(local: str) -> bool:
    return local.startswith("=?")


def addresses_in(text: str) -> list[str]:
    """All addresses of a text in their order, each once."""
    found = (canonical(match[0]) for match in ADDRESS.finditer(text))
    return list(dict.fromkeys(filter(None, found)))
