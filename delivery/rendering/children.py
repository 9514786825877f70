"""What a template says that extends a layout: what it puts into which block. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from delivery.rendering.inclusions import UnreadableError, included, span, statement
from delivery.rendering.tokens import Kind, Token

_AHEAD = frozenset({"from", "import", "macro", "set"})


@dataclass(slots=True)
class Child:
    """A template that extends a layout.

    Attributes:
        layout: The key of the layout.
        line: Where it is named.
        ahead: What stands before the layout: definitions for the blocks.
        blocks: Name to what is put into that block.
    """

    layout: str
    line: int
    ahead: list[Sequence[Token]] = field(default_factory=list)
    blocks: dict[str, Sequence[Token]] = field(default_factory=dict)


def child(flow: Sequence[Token]) -> Child | None:
    """A template read as a child; `None` when it extends nothing.

    Raises:
        UnreadableError: It says something outside of blocks, where nobody would see it; its
            lines are those of the template.
    """
    at = next((at for at, token in enumerate(flow) if _word(token) == "extends"), None)
    if at is None:
        return None
    said = statement(flow[at])
    found = Child(included(said) if said is not None else "", flow[at].line)
    here = 0
    while here < len(flow):
        end = span(flow, here)
        if here != at:
            _take(found, flow[here : end + 1])
        here = end + 1
    return found


def _take(found: Child, part: Sequence[Token]) -> None:
    said = statement(part[0])
    if said is not None and said.word == "block":
        found.blocks[said.name] = part[1:-1]
    elif said is not None and said.word in _AHEAD:
        found.ahead.append(part)
    elif part[0].kind is not Kind.COMMENT and part[0].text.strip():
        what = "outside of its blocks nothing is shown: put this into a block"
        raise UnreadableError(what, part[0].line + _blank_lines(part[0].text) - 1)


def _blank_lines(text: str) -> int:
    return text[: len(text) - len(text.lstrip())].count("\n")


def _word(token: Token) -> str:
    said = statement(token)
    return "" if said is None else said.word
