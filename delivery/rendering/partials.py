"""Puts the pieces that a template includes where it includes them, when it is saved. Pure.

Everything comes from the store, nothing from a file or the network. What comes out is one
template without `include`, `extends`, `import` and `mj-include`, which says the same.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from jinja2 import TemplateSyntaxError

from delivery.errors import RenderingError
from delivery.rendering.children import Child, child
from delivery.rendering.inclusions import (
    Statement,
    UnreadableError,
    comments,
    elements,
    imported,
    included,
    key_of,
    span,
    statement,
)
from delivery.rendering.pieces import Piece, Place, Whole
from delivery.rendering.tokens import Kind, Token, one_newline, tokens

DEEPEST = 10
"""Pieces within each other."""
LONGEST = 500_000
"""Characters of a template with all its pieces in it."""

_ASKS = ("mj-include", "include", "extends", "import")
_SUPER = re.compile(r"\{\{[-+]?\s*super\(\)\s*[-+]?\}\}\s*")
_DEFINITIONS = frozenset({"from", "import", "macro", "set"})


def whole(source: str, store: Mapping[str, str]) -> Whole:
    """A template with all that it includes in its place.

    Args:
        source: MJML or text, with Jinja.
        store: Key to source of the partials and layouts there are.

    Raises:
        RenderingError: It names what is not there, goes in circles, too deep or too long: by
            line, and with the piece where it lies in one.
    """
    if not any(word in source for word in _ASKS):
        return Whole(source)
    writer = _Writer(store)
    try:
        pieces = tuple(writer.written(Place(), source, {}))
    except TemplateSyntaxError:
        return Whole(source)  # whoever reads it next says it with its line
    return Whole("".join(piece.text for piece in pieces), frozenset(writer.used), pieces)


_Blocks = Mapping[str, Sequence[Piece]]


@dataclass(slots=True)
class _Writer:
    """Writes one template, piece by piece."""

    store: Mapping[str, str]
    used: set[str] = field(default_factory=set)
    _room: int = LONGEST
    _seen: set[str] = field(default_factory=set)
    _defined: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def written(self, place: Place, source: str, blocks: _Blocks) -> list[Piece]:
        """A source with its pieces in it; `blocks` are what others put into its blocks."""
        self._room -= len(source)
        if self._room < 0:
            message = f"longer than {LONGEST:,} characters with all that is included"
            raise RenderingError([place.problem(1, message)])
        flow = list(tokens(one_newline(source)))
        try:
            extending = child(flow)
        except UnreadableError as error:
            raise RenderingError([place.problem(1 + error.lines, str(error))]) from None
        if extending is not None:
            return self._extended(place, extending, blocks)
        return list(self._plain(place, flow, blocks))

    def _extended(self, place: Place, what: Child, blocks: _Blocks) -> list[Piece]:
        ahead = [piece for part in what.ahead for piece in self._plain(place, part, {})]
        own = {
            name: list(_filled(blocks.get(name), list(self._plain(place, part, blocks))))
            for name, part in what.blocks.items()
        }
        layout = self._piece(place, what.line, what.layout, {**blocks, **own})
        for name in own.keys() - self._seen:
            message = f"there is no block {name} in {what.layout}"
            raise RenderingError([place.problem(what.line, message)])
        return [*ahead, *layout]

    def _plain(self, place: Place, flow: Sequence[Token], blocks: _Blocks) -> Iterator[Piece]:
        commented, at = False, 0
        while at < len(flow):
            token, end = flow[at], at
            try:
                if place.within and _word(token) == "block":
                    end = span(flow, at)
                    yield from self._block(place, flow[at : end + 1], blocks)
                elif token.kind is Kind.DATA:
                    yield from self._data(place, token, commented=commented)
                    commented = comments(token.text, commented=commented)
                else:
                    yield from self._token(place, token)
            except UnreadableError as error:
                problem = place.problem(token.line + error.lines, str(error))
                raise RenderingError([problem]) from None
            at = end + 1

    def _token(self, place: Place, token: Token) -> Iterator[Piece]:
        said = statement(token)
        if said is None or said.word not in {"include", "import", "from"}:
            if said is not None and said.word == "macro":
                self._define(place, said.name)
            yield Piece(token.text, place, token.line)
            return
        yield Piece(said.before, place, token.line)
        if said.word == "include":
            yield from self._piece(place, token.line, included(said), {})
        else:
            yield from self._imported(place, token.line, said)
        yield Piece(said.after, place, token.line)

    def _data(self, place: Place, token: Token, *, commented: bool) -> Iterator[Piece]:
        for start, end, path in elements(token.text, commented=commented):
            line = token.line + token.text.count("\n", 0, start)
            yield Piece(token.text[start:end], place, line)
            if path is not None:
                line += token.text.count("\n", start, end)
                yield from self._piece(place, line, key_of(path), {})

    def _block(self, place: Place, flow: Sequence[Token], blocks: _Blocks) -> Iterator[Piece]:
        """What stands in a block of a layout; once it is full, its marks say nothing more."""
        name = getattr(statement(flow[0]), "name", "")
        own = list(self._plain(place, flow[1:-1], blocks))
        self._seen.add(name)
        yield _trim(place, flow[0])
        yield from _filled(blocks.get(name), own)
        yield _trim(place, flow[-1])

    def _imported(self, place: Place, line: int, said: Statement) -> Iterator[Piece]:
        """The definitions of a module, and the names by which they are wanted."""
        key, prefix, wanted = imported(said)
        inside, source = self._open(place, line, key)
        flow, at, names = list(tokens(one_newline(source))), 0, []
        while at < len(flow):
            end, of = span(flow, at), statement(flow[at])
            if of is not None and of.word in _DEFINITIONS:
                yield from self._plain(inside, flow[at : end + 1], {})
                names += [of.name] if of.word in {"macro", "set"} else []
            at = end + 1
        for name in wanted.keys() - set(names):
            raise UnreadableError(f"{key} defines no {name}{_meant(name, names)}")
        if prefix is not None:
            inner = ", ".join(f"{name}={name}" for name in names if not name.startswith("_"))
            wanted = {f"namespace({inner})": prefix}
        for name, here in wanted.items():
            if name != here:
                yield Piece(f"{{% set {here} = {name} %}}", place, line)

    def _piece(self, place: Place, line: int, key: str, blocks: _Blocks) -> Iterable[Piece]:
        inside, source = self._open(place, line, key)
        return self.written(inside, source, blocks)

    def _open(self, place: Place, line: int, key: str) -> tuple[Place, str]:
        """A piece of the store, which is now used.

        Raises:
            UnreadableError: There is none, or it would lie in itself or too deep.
        """
        if key in place.within:
            way = " → ".join((*place.within[place.within.index(key) :], key))
            raise RenderingError([place.problem(line, f"{key} would include itself: {way}")])
        if len(place.within) >= DEEPEST:
            message = f"more than {DEEPEST} pieces lie within each other here"
            raise RenderingError([place.problem(line, message)])
        source = self.store.get(key)
        if source is None:
            message = f"there is no partial {key}{_meant(key, self.store)}"
            raise RenderingError([place.problem(line, message)])
        self.used.add(key)
        return place.inside(line, key), source

    def _define(self, place: Place, name: str) -> None:
        """Two macros of one name: the one would silently take the other's place.

        Raises:
            UnreadableError: There is one of another source.
        """
        other = self._defined.setdefault(name, place.within)
        if other[-1:] != place.within[-1:]:
            where = other[-1] if other else "the template"
            raise UnreadableError(f"{name} is defined in {where} too: call one of them otherwise")


def _filled(instead: Sequence[Piece] | None, own: Sequence[Piece]) -> Iterator[Piece]:
    """What others put into a block, with what stands in it where they ask for `super()`."""
    for piece in own if instead is None else instead:
        if instead is not None and _SUPER.fullmatch(piece.text):
            yield from own
        else:
            yield piece


def _trim(place: Place, token: Token) -> Piece:
    said = statement(token)
    return Piece("" if said is None else said.before + said.after, place, token.line)


def _word(token: Token) -> str:
    said = statement(token)
    return "" if said is None else said.word


def _meant(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, list(known), 1)
    return f": do you mean {close[0]}?" if close else ""
