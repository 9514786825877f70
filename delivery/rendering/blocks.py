"""Checks that every Jinja block ends in the element it began in."""

import re
from dataclasses import dataclass, field

from delivery.errors import Problem
from delivery.rendering.tokens import Kind, Token

_WORD = re.compile(r"\{%[-+]?\s*(\w+)")
OPENING = frozenset({"autoescape", "block", "call", "filter", "for", "if", "macro", "with"})
"""Statements that are closed further down; `set` is one without a value."""
_MIDDLE = frozenset({"elif", "else"})
_ASSIGNMENT = re.compile(r"\{%[-+]?\s*set\b[\s\w.,()]*=")
_NEEDS_FILES = frozenset({"extends", "from", "import", "include"})
DEFINITIONS = frozenset({"call", "macro", "set"})
"""Blocks whose content is kept for later instead of being written where it stands."""


@dataclass(frozen=True, slots=True)
class Place:
    """One element of the document; two elements are never the same place."""

    number: int
    element: str


@dataclass(frozen=True, slots=True)
class _Open:
    word: str
    line: int
    place: Place


@dataclass(slots=True)
class Blocks:
    """The blocks that are open while a template is read from top to bottom."""

    problems: list[Problem] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)

    @property
    def defining(self) -> bool:
        """Whether what is read now is the body of a macro or the like."""
        return any(block.word in DEFINITIONS for block in self._open)

    def read(self, token: Token, place: Place) -> None:
        """Takes the next statement; `place` is the element it stands in."""
        word = _word(token)
        if word in _NEEDS_FILES:
            self._report(token.line, f"{{% {word} %}} is not available here: one name, in quotes")
        elif word in OPENING or (word == "set" and not _ASSIGNMENT.match(token.text)):
            self._open.append(_Open(word, token.line, place))
        elif word in _MIDDLE:
            self._stays(token, word, place)
        elif word.startswith("end"):
            self._close(token, word, place)

    def finish(self) -> None:
        """Reports what was never closed."""
        for block in self._open:
            self._report(block.line, f"{{% {block.word} %}} is never closed")
        self._open.clear()

    def _close(self, token: Token, word: str, place: Place) -> None:
        if not self._open:
            self._report(token.line, f"{{% {word} %}} closes nothing")
        elif self._open[-1].word != word.removeprefix("end"):
            block = self._open[-1]
            self._report(
                token.line,
                f"{{% {word} %}} does not close {{% {block.word} %}} of line {block.line}",
            )
        else:
            self._stays(token, word, place)
            self._open.pop()

    def _stays(self, token: Token, word: str, place: Place) -> None:
        if not self._open:
            self._report(token.line, f"{{% {word} %}} outside of any block")
        elif self._open[-1].place != place:
            block = self._open[-1]
            self._report(
                token.line,
                f"{{% {block.word} %}} of line {block.line} begins inside "
                f"<{block.place.element}> but {{% {word} %}} is inside <{place.element}>: "
                "keep a block within one element",
            )

    def _report(self, line: int, message: str) -> None:
        self.problems.append(Problem(line, message))


def _word(token: Token) -> str:
    if token.kind is not Kind.STATEMENT:
        return ""
    found = _WORD.match(token.text)
    return found[1] if found else ""
