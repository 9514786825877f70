"""Hides the Jinja of a template behind placeholders that HTML tools leave alone, and back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

from jinja2 import Environment

_LEXER = Environment(keep_trailing_newline=True, autoescape=True).lexer


class Kind(Enum):
    """What a piece of template source is."""

    DATA = auto()
    """Everything that is not Jinja."""
    EXPRESSION = auto()
    """`{{ … }}`"""
    STATEMENT = auto()
    """`{% … %}`"""
    COMMENT = auto()
    """`{# … #}`"""
    RAW = auto()
    """The two marks around a raw block; what is between them is data that Jinja ignores."""
    LITERAL = auto()
    """Characters that must come out exactly as they went in: `&`, and braces in raw blocks."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of source and the line it begins on, counted from 1."""

    kind: Kind
    text: str
    line: int


_BEGIN = {
    "variable_begin": Kind.EXPRESSION,
    "block_begin": Kind.STATEMENT,
    "comment_begin": Kind.COMMENT,
}
_END = {"variable_end", "block_end", "comment_end"}
_RAW = {"raw_begin", "raw_end"}


def one_newline(source: str) -> str:
    r"""The source with every line ending in `\n`, as the lexer counts lines."""
    return source.replace("\r\n", "\n").replace("\r", "\n")


def tokens(source: str) -> Iterator[Token]:
    """Cuts a template at its Jinja; the texts joined give the source again.

    Raises:
        TemplateSyntaxError: A tag or string is not closed.
    """
    position = begin = line = 0
    kind = None
    for here, name, value in _LEXER.tokeniter(source, None):
        # `{%-` takes the white space before it out of the stream: it is the gap.
        start = source.index(value, position)
        if kind is None and start > position:
            yield Token(Kind.DATA, source[position:start], here)
        position = start + len(value)
        if name in _BEGIN:
            kind, begin, line = _BEGIN[name], start, here
        elif name in _END and kind is not None:
            yield Token(kind, source[begin:position], line)
            kind = None
        elif kind is None:
            yield Token(Kind.RAW if name in _RAW else Kind.DATA, value, here)
    if position < len(source):
        yield Token(Kind.DATA, source[position:], line)


# A `<` that opens no tag would come back as `&lt;`, which CSS does not understand.
_LITERAL = re.compile(r"&|<(?=[\s=\d])")
_LITERAL_IN_RAW = re.compile(r"&|<(?=[\s=\d])|\{[{%#]|[}%#]\}")


@dataclass(frozen=True)
class Protected:
    """A template whose Jinja is replaced by placeholders.

    Attributes:
        text: The template; placeholders are lower-case letters and digits.
        hidden: What each placeholder stands for, in order.
        mark: What every placeholder begins with; found nowhere else in the template.
    """

    text: str
    hidden: tuple[Token, ...]
    mark: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds a placeholder; group 1 is its number."""
        return re.compile(rf"{self.mark}(\d+)x")

    @cached_property
    def lined(self) -> str:
        """The text with as many lines as the source, for reporting line numbers."""
        return self.pattern.sub(
            lambda found: found[0] + "\n" * self.token(found).text.count("\n"), self.text
        )

    def token(self, found: re.Match[str]) -> Token:
        """What the placeholder of a match stands for."""
        return self.hidden[int(found[1])]

    def inside(self, text: str) -> list[Token]:
        """What the placeholders in a piece of text stand for, in order."""
        return [self.token(found) for found in self.pattern.finditer(text)]

    def restored(self, text: str) -> str:
        """The text with its Jinja back, however an HTML tool wrapped the placeholders."""
        # A statement between attributes looks like an attribute and is given a value.
        wrapped = rf'<!--{self.mark}(\d+)x-->|{self.mark}(\d+)x(?:="")?'
        return re.sub(wrapped, lambda found: self.hidden[int(found[1] or found[2])].text, text)

    def lost(self, text: str) -> list[Token]:
        """The Jinja that should be in the text and is not."""
        there = {int(found[1]) for found in self.pattern.finditer(text)}
        needed = {Kind.EXPRESSION, Kind.STATEMENT, Kind.RAW}
        return [
            token
            for number, token in enumerate(self.hidden)
            if number not in there and token.kind in needed
        ]


def protect(source: str) -> Protected:
    """Hides the Jinja of a template.

    Raises:
        TemplateSyntaxError: A tag or string is not closed.
    """
    source = one_newline(source)
    mark = "qjx"
    while mark in source.lower():
        mark += "j"
    hidden: list[Token] = []

    def hide(token: Token) -> str:
        hidden.append(token)
        return f"{mark}{len(hidden) - 1}x"

    text = []
    literal = _LITERAL
    for token in tokens(source):
        if token.kind is not Kind.DATA:
            text.append(hide(token))
            literal = _LITERAL_IN_RAW if _opens_raw(token) else _LITERAL
            continue
        text.append(literal.sub(lambda found: hide(Token(Kind.LITERAL, found[0], 0)), token.text))
    return Protected("".join(text), tuple(hidden), mark)


def _opens_raw(token: Token) -> bool:
    return token.kind is Kind.RAW and "endraw" not in token.text
