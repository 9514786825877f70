"""The files of a template, and the template that files say. Pure: nothing is read or written.

welcome/template.toml     title, channel, kind, locale, version
welcome/mail.mjml         the words in the default locale; `body.txt` beside e-mail
welcome/subject.txt       and preheader.txt, text.txt, url.txt where there are any
welcome/de/mail.mjml      the words in another locale, by the same names
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from delivery.rendering.locales import known
from delivery.rulebook.writing import as_toml
from models.records import UNDETERMINED, TemplateHead, TemplateKind, TemplateVersion, Words

HEAD = "template.toml"
LARGEST = 1_000_000
"""Octets of a file; far beyond what can be sent."""

_KEY = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")
_CHANNEL = re.compile(r"[a-z][a-z0-9_]{0,62}")
_FIELDS = ("title", "channel", "kind", "locale", "version")
_LINES = ("subject", "preheader", "url")
"""Parts of one line: their files end in a line break that is none of theirs."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A template as files say it.

    Attributes:
        head: Its `live_version` is the one the files were pulled from; `None`: from none.
        words: By locale.
    """

    head: TemplateHead
    words: Mapping[str, Words]

    @property
    def texts(self) -> tuple[TemplateVersion, ...]:
        """The words as a version without a number, the default locale first."""
        head, first = self.head, self.head.locale
        return tuple(
            TemplateVersion(head.template, 0, head.channel, locale=locale, **asdict(words))
            for locale, words in sorted(self.words.items(), key=lambda each: each[0] != first)
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class _FaultyError(Exception):
    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


def parts(channel: str) -> dict[str, str]:
    """Part to the name of its file, as a channel calls them."""
    source = "mail.mjml" if channel == "email" else "body.txt"
    others = ("subject", "preheader", "text", "url")
    return {"source": source, **{name: f"{name}.txt" for name in others}}


def place(bundle: Bundle, locale: str, part: str) -> str:
    """The file in which a part stands."""
    folder = bundle.head.template
    name = parts(bundle.head.channel)[part]
    return f"{folder}/{name}" if locale == bundle.head.locale else f"{folder}/{locale}/{name}"


def files_of(bundle: Bundle) -> dict[str, bytes]:
    """Path to content of every file, so that reading them gives the same bundle."""
    head = bundle.head
    fields = {
        "title": head.title,
        "channel": head.channel,
        "kind": str(head.kind),
        "locale": head.locale,
        "version": head.live_version,
    }
    said = {name: value for name, value in fields.items() if value is not None}
    found = {f"{head.template}/{HEAD}": as_toml(said).encode()}
    for locale, words in bundle.words.items():
        for part, text in asdict(words).items():
            if text is not None and (text or part != "subject"):
                found[place(bundle, locale, part)] = _ended(part, text).encode()
    return found


def _ended(part: str, text: str) -> str:
    return f"{text}\n" if part in _LINES else text


def bundles_of(files: Mapping[str, bytes]) -> tuple[list[Bundle], list[Fault]]:
    """What files say, and all that is wrong with them."""
    folders: dict[str, dict[str, bytes]] = {}
    for path, content in sorted(files.items()):
        key, _, inside = path.partition("/")
        folders.setdefault(key, {})[inside] = content
    read = [_read(key, inside) for key, inside in folders.items()]
    found = [bundle for bundle, _ in read if bundle is not None]
    return found, [fault for _, faults in read for fault in faults]


def _read(key: str, files: Mapping[str, bytes]) -> tuple[Bundle | None, list[Fault]]:
    try:
        head = _head(key, files)
    except _FaultyError as error:
        return None, [Fault(f"{key}/{HEAD}" if "" not in files else key, error.line, str(error))]
    said: dict[str, dict[str, str]] = {head.locale: {}}
    faults = []
    for path, content in files.items():
        try:
            if path != HEAD:
                locale, part = _named(head, path)
                said.setdefault(locale, {})[part] = _text(part, content)
        except _FaultyError as error:
            faults.append(Fault(f"{key}/{path}", error.line, str(error)))
    words = {
        locale: Words(**{"subject": "", "source": "", **each}) for locale, each in said.items()
    }
    bundle = Bundle(head, words)
    for locale, each in said.items():
        if "source" not in each and not faults:
            faults.append(Fault(place(bundle, locale, "source"), 1, "this file is missing"))
    return None if faults else bundle, faults


def _head(key: str, files: Mapping[str, bytes]) -> TemplateHead:
    if "" in files:
        raise _FaultyError("a template is a folder: see `tidings templates pull`")
    if not _KEY.fullmatch(key):
        raise _FaultyError("a key is lower-case letters, digits, dots and hyphens: call it so")
    if HEAD not in files:
        raise _FaultyError('this file is missing: title = "…", channel = "email", locale = "en"')
    fields = _fields(_text(HEAD, files[HEAD]))
    locale = _locale(fields.get("locale", UNDETERMINED))
    kind = fields.get("kind", TemplateKind.TEMPLATE)
    if kind not in list(TemplateKind):
        raise _FaultyError("kind is template, partial or layout")
    version = fields.get("version")
    if version is not None and not (type(version) is int and version > 0):
        raise _FaultyError("version is the number that was pulled: leave it out of a new template")
    return TemplateHead(
        key, str(fields["title"]), str(fields["channel"]), TemplateKind(kind), locale, version
    )


def _fields(text: str) -> dict[str, Any]:
    try:
        fields = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise _FaultyError(f"this is no TOML: {error}", line) from None
    if unknown := fields.keys() - set(_FIELDS):
        raise _FaultyError(f"unknown: {min(unknown)}; there are {', '.join(_FIELDS)}")
    for name in ("title", "channel"):
        if not isinstance(fields.get(name), str) or not fields[name].strip():
            raise _FaultyError(f"{name} is missing: it is a text")
    if not _CHANNEL.fullmatch(fields["channel"]):
        raise _FaultyError("channel is a key like email, in_app, sms or push")
    return fields


def _locale(said: object) -> str:
    found = UNDETERMINED if said == UNDETERMINED else known(said) if isinstance(said, str) else None
    if found is None:
        raise _FaultyError(f"{said} is no locale: write it like en or pt-BR")
    return found


def _named(head: TemplateHead, path: str) -> tuple[str, str]:
    """The locale and the part that a file is for."""
    folder, _, name = path.rpartition("/")
    by_name = {file: part for part, file in parts(head.channel).items()}
    if name not in by_name:
        raise _FaultyError(f"there is no such part: the files are {', '.join(by_name)}")
    if not folder:
        return head.locale, by_name[name]
    locale = _locale(folder)
    if locale == head.locale:
        raise _FaultyError("words in the default locale stand beside template.toml")
    if locale != folder:
        raise _FaultyError(f"call this folder {locale}")
    return locale, by_name[name]


def _text(part: str, content: bytes) -> str:
    if len(content) > LARGEST:
        raise _FaultyError(f"this is larger than {LARGEST:,} octets")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _FaultyError("this is no UTF-8: save it as UTF-8", line) from None
    if "\0" in text:
        raise _FaultyError("no text can hold NUL", text.count("\n", 0, text.index("\0")) + 1)
    return text.removesuffix("\n") if part in _LINES else text
