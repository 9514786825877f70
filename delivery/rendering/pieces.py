"""Where each piece of a template was written, so that what is wrong with it is found there."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from delivery.errors import Problem, RenderingError


@dataclass(frozen=True, slots=True)
class Place:
    """A source that is read, and by which of the template's lines people find it.

    Attributes:
        line: The line of the template that asked for it.
        within: The pieces it lies in, the outermost first, itself last; none: the template.
    """

    line: int = 1
    within: tuple[str, ...] = ()

    def problem(self, line: int, message: str) -> Problem:
        """Something wrong in one of its lines."""
        if not self.within:
            return Problem(line, message)
        return Problem(self.line, f"in {self.within[-1]}, line {line}: {message}")

    def inside(self, line: int, key: str) -> "Place":
        """A piece that one of its lines asks for."""
        return Place(self.line if self.within else line, (*self.within, key))


@dataclass(frozen=True, slots=True)
class Piece:
    """Text, and where it was written."""

    text: str
    place: Place
    line: int


@dataclass(frozen=True, slots=True)
class Whole:
    """A template with all that it includes in its place.

    Attributes:
        text: What can be compiled and filled.
        used: The keys of the pieces, also of those inside others.
        pieces: What it is made of, in order; none where it includes nothing.
    """

    text: str
    used: frozenset[str] = frozenset()
    pieces: tuple[Piece, ...] = ()

    @contextmanager
    def locating(self) -> Iterator[None]:
        """Within it, what is wrong with the text is told by where it was written."""
        try:
            yield
        except RenderingError as error:
            raise RenderingError(list(map(self.located, error.problems))) from None

    def located(self, problem: Problem) -> Problem:
        """A problem of the whole, by the line of the template, naming the piece it lies in."""
        line = 1
        for piece in self.pieces:
            lines = piece.text.split("\n")
            below = problem.line - line
            if 0 <= below < len(lines) and lines[below].strip():
                return piece.place.problem(piece.line + below, problem.message)
            line += len(lines) - 1
        return problem
