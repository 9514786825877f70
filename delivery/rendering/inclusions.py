"""Reads what asks for another piece of the store: Jinja's statements and MJML's element. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from delivery.rendering.blocks import OPENING
from delivery.rendering.tokens import Kind, Token

_WORD = re.compile(r"\{%[-+]?\s*(\w+)\s*(.*?)\s*[-+]?%\}\s*\Z", re.DOTALL)
_INCLUDE = re.compile(r"""(?:"([^"]*)"|'([^']*)')(?:\s+with\s+context)?""")
_EXTENDS = re.compile(r"""(?:"([^"]*)"|'([^']*)')""")
_IMPORT = re.compile(r"""(?:"([^"]*)"|'([^']*)')\s+as\s+(\w+)(?:\s+with(?:out)?\s+context)?""")
_FROM = re.compile(
    r"""(?:"([^"]*)"|'([^']*)')\s+import\s+(\w+(?:\s+as\s+\w+)?(?:\s*,\s*\w+(?:\s+as\s+\w+)?)*)"""
    r"(?:\s+with(?:out)?\s+context)?"
)
_KEY = re.compile(r"(?:\./)?([A-Za-z0-9][A-Za-z0-9._-]*?)(?:\.mjml)?")
_ATTRIBUTES = r"(?:\"[^\"]*\"|'[^']*'|[^>\"'])*+"
_ELEMENT = re.compile(
    rf"(?is)<!--|-->|<mj-include\b({_ATTRIBUTES})>(?:(?<!/>)\s*</mj-include\s*>)?"
)
_PATH = re.compile(r"""(?i)\bpath\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_TYPE = re.compile(r"""(?i)\btype\s*=\s*["'](?!mjml["'])""")


class UnreadableError(ValueError):
    """What asks for another piece in a way that cannot be followed: what to write instead.

    Attributes:
        lines: How many lines below where the reading began.
    """

    def __init__(self, message: str, lines: int = 0) -> None:
        super().__init__(message)
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Statement:
    """One of Jinja's statements.

    Attributes:
        word: `include`, `extends`, `block`, and so on.
        rest: What follows it.
        before, after: What trims as its own dashes did.
    """

    word: str
    rest: str
    before: str
    after: str

    @property
    def name(self) -> str:
        """The name that a block or a macro has."""
        return re.split(r"\W", self.rest, maxsplit=1)[0]

    @property
    def opens(self) -> bool:
        """Whether something of it is closed further down."""
        return self.word in OPENING or (self.word == "set" and "=" not in self.rest)


def statement(token: Token) -> Statement | None:
    """A token as a statement; `None` when it is none."""
    found = _WORD.fullmatch(token.text) if token.kind is Kind.STATEMENT else None
    if found is None:
        return None
    before = "{#- #}" if token.text.startswith("{%-") else ""
    after = "{# -#}" if token.text.rstrip().endswith("-%}") else ""
    return Statement(found[1], found[2], before, after)


def span(flow: Sequence[Token], at: int) -> int:
    """Where what begins at a token ends: at itself, or where its block is closed."""
    depth = 0
    for here in range(at, len(flow)):
        said = statement(flow[here])
        if said is not None:
            depth += said.opens - said.word.startswith("end")
        if depth <= 0:
            return here
    raise UnreadableError("this is never closed")


def key_of(path: str) -> str:
    """The key that a path names: `footer`, also written `./footer.mjml`.

    Raises:
        UnreadableError: It names nothing of the store.
    """
    found = _KEY.fullmatch(path)
    if found is None:
        raise UnreadableError(f'"{path}" is not in the store: name a partial, like "footer"')
    return found[1]


def included(said: Statement) -> str:
    """What `{% include "…" %}` or `{% extends "…" %}` names.

    Raises:
        UnreadableError: It is no single name.
    """
    found = (_EXTENDS if said.word == "extends" else _INCLUDE).fullmatch(said.rest)
    if found is None:
        raise UnreadableError(f'{{% {said.word} %}} takes one name: {{% {said.word} "footer" %}}')
    return key_of(found[1] or found[2] or "")


def imported(said: Statement) -> tuple[str, str | None, dict[str, str]]:
    """What an import names, as what, and of `from` which names of it become which here.

    Raises:
        UnreadableError: It is written otherwise.
    """
    pattern = _IMPORT if said.word == "import" else _FROM
    found = pattern.fullmatch(said.rest)
    if found is None:
        form = '"buttons" as b' if said.word == "import" else '"buttons" import primary'
        raise UnreadableError(f"{{% {said.word} %}} is written {{% {said.word} {form} %}}")
    key = key_of(found[1] or found[2] or "")
    if said.word == "import":
        return key, found[3], {}
    pairs = [each.split() for each in found[3].split(",")]
    return key, None, {words[0]: words[-1] for words in pairs}


def elements(text: str, *, commented: bool) -> Iterator[tuple[int, int, str | None]]:
    """Cuts data at its `mj-include`.

    Args:
        text: Data between Jinja.
        commented: Whether it begins inside an HTML comment, where nothing is included.

    Yields:
        Where a text begins and ends, and the path after it: none at the end.

    Raises:
        UnreadableError: One names no path, or is of another type than MJML.
    """
    position = 0
    for found in _ELEMENT.finditer(text):
        if found[1] is None:
            commented = found[0] == "<!--"
        elif not commented:
            path = _path(found[1], text.count("\n", 0, found.start()))
            yield position, found.start(), path
            position = found.end()
    yield position, len(text), None


def comments(text: str, *, commented: bool) -> bool:
    """Whether an HTML comment is open after a text."""
    marks = re.findall(r"<!--|-->", text)
    return marks[-1] == "<!--" if marks else commented


def _path(attributes: str, lines: int) -> str:
    if _TYPE.search(attributes):
        raise UnreadableError("<mj-include> takes MJML only: put CSS into <mj-style>", lines)
    found = _PATH.search(attributes)
    if found is None:
        raise UnreadableError('<mj-include> needs a path: <mj-include path="footer" />', lines)
    return found[1] if found[1] is not None else found[2]
