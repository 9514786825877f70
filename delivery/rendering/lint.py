"""Finds what is wrong with an MJML template, with line numbers, before it is compiled."""

from html.parser import HTMLParser

from jinja2 import TemplateSyntaxError

from delivery.errors import Problem
from delivery.rendering import elements
from delivery.rendering.blocks import Blocks, Place
from delivery.rendering.sandbox import HTML
from delivery.rendering.tokens import Kind, Protected, Token, one_newline, protect

MOST_CHARACTERS = 500_000
"""Longest template source; far beyond what a mail client shows."""

_DOCUMENT = Place(0, "document")
_Attributes = list[tuple[str, str | None]]


def problems(source: str) -> list[Problem]:
    """Everything wrong with an MJML template, in order of lines; empty when it is fine."""
    if len(source) > MOST_CHARACTERS:
        return [Problem(1, f"longer than {MOST_CHARACTERS:,} characters")]
    source = one_newline(source)
    try:
        protected = protect(source)
    except TemplateSyntaxError as error:
        return [_of_jinja(error)]
    reader = _Reader(protected)
    reader.feed(protected.lined)
    reader.close()
    found = reader.finish()
    if not found:
        found = jinja_problems(source)
    return sorted(dict.fromkeys(found), key=lambda problem: problem.line)


def jinja_problems(source: str) -> list[Problem]:
    """What Jinja itself has against a template: the first thing, or nothing."""
    try:
        HTML.compile(one_newline(source), raw=True)
    except TemplateSyntaxError as error:
        return [_of_jinja(error)]
    except RecursionError:
        return [Problem(1, "nested too deeply")]
    return []


def _of_jinja(error: TemplateSyntaxError) -> Problem:
    return Problem(error.lineno, error.message or "Jinja does not understand this")


class _Reader(HTMLParser):
    """Reads the template once, keeping the elements and blocks that are open."""

    def __init__(self, protected: Protected) -> None:
        super().__init__(convert_charrefs=False)
        self._protected = protected
        self._problems: list[Problem] = []
        self._blocks = Blocks()
        self._open: list[tuple[Place, int]] = []
        self._count = 0
        self._body_seen = False

    def finish(self) -> list[Problem]:
        """The problems, once everything was read."""
        for place, line in self._open:
            self._problems.append(Problem(line, f"<{place.element}> is never closed"))
        if not self._body_seen:
            self._problems.append(Problem(1, "there is no <mj-body> inside <mjml>"))
        self._blocks.finish()
        return self._problems + self._blocks.problems

    @property
    def _place(self) -> Place:
        return self._open[-1][0] if self._open else _DOCUMENT

    @property
    def _in_html(self) -> bool:
        return self._place.element in elements.HTML_INSIDE

    def _report(self, message: str) -> None:
        self._problems.append(Problem(self.getpos()[0], message))

    def handle_starttag(self, tag: str, attrs: _Attributes) -> None:
        self._begin(tag, attrs)
        if tag.startswith("mj") and not self._in_html:
            self._count += 1
            self._open.append((Place(self._count, tag), self.getpos()[0]))

    def handle_startendtag(self, tag: str, attrs: _Attributes) -> None:
        self._begin(tag, attrs)

    def _begin(self, tag: str, attrs: _Attributes) -> None:
        self._check_values(attrs)
        if self._in_html:
            if tag.startswith("mj-"):
                self._report(f"<{tag}> inside <{self._place.element}> would not be compiled")
            return
        if not self._open and self._blocks.defining and not tag.startswith("mj"):
            return
        if not tag.startswith("mj"):
            self._report(f"<{tag}> is not MJML: put HTML inside <mj-text> or <mj-raw>")
            return
        self._check_element(tag)
        self._check_attributes(tag, attrs)

    def _check_element(self, tag: str) -> None:
        parent = self._place.element
        if tag == "mj-include":
            self._report('<mj-include> takes one name without Jinja: path="footer"')
        elif tag not in elements.elements():
            self._report(f"unknown element <{tag}>")
        elif parent == "document":
            if tag != "mjml":
                self._report(f"<{tag}> outside of <mjml>")
        elif parent in elements.elements() and not elements.may_contain(parent, tag):
            self._report(f"<{tag}> cannot be inside <{parent}>{_where(tag)}")
        self._body_seen |= tag == "mj-body" and parent == "mjml"

    def _check_attributes(self, tag: str, attrs: _Attributes) -> None:
        seen: set[str] = set()
        for name, value in attrs:
            if self._protected.pattern.search(name):
                self._report(f"Jinja between the attributes of <{tag}>: put it into a value")
            elif name not in elements.attributes():
                self._report(f'unknown attribute "{name}" on <{tag}>')
            elif name in seen:
                self._report(f'"{name}" is given twice on <{tag}>')
            elif name in elements.CALCULATED and self._jinja(value or ""):
                self._report(f'"{name}" is calculated with, so it cannot hold Jinja')
            seen.add(name)

    def _check_values(self, attrs: _Attributes) -> None:
        for name, value in attrs:
            inside = Blocks()
            for token in self._jinja(value or ""):
                inside.read(token, Place(0, name))
            inside.finish()
            self._problems.extend(inside.problems)

    def handle_endtag(self, tag: str) -> None:
        if self._in_html and tag != self._place.element:
            if not tag.startswith("mj"):
                return
            place, line = self._open.pop()
            self._report(f"<{place.element}> of line {line} is not closed before </{tag}>")
            self.handle_endtag(tag)
        elif not tag.startswith("mj") and not self._open:
            return
        elif not self._open:
            self._report(f"</{tag}> closes nothing")
        else:
            place, line = self._open.pop()
            if place.element != tag:
                self._report(f"</{tag}> does not close <{place.element}> of line {line}")

    def handle_comment(self, data: str) -> None:
        self._read(data)

    def handle_data(self, data: str) -> None:
        self._read(data)
        if self._in_html or (not self._open and self._blocks.defining):
            return
        parent = self._place.element
        if self._open and parent not in elements.elements():
            return
        if self._protected.pattern.sub("", data).strip():
            self._report(f"text {_directly(parent)}: put it into <mj-text>")
        for token in self._jinja(data):
            self._check_bare(token, parent)

    def _check_bare(self, token: Token, parent: str) -> None:
        if token.kind is Kind.EXPRESSION:
            self._problems.append(
                Problem(token.line, f"{token.text} {_directly(parent)}: put it into <mj-text>")
            )
        elif parent not in elements.STATEMENTS_INSIDE and parent != "document":
            self._problems.append(
                Problem(token.line, f"{token.text} {_directly(parent)} has no place there")
            )

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def _jinja(self, text: str) -> list[Token]:
        silent = {Kind.LITERAL, Kind.COMMENT}
        return [t for t in self._protected.inside(text) if t.kind not in silent]

    def _read(self, text: str) -> None:
        for token in self._jinja(text):
            self._blocks.read(token, self._block_place())

    def _block_place(self) -> Place:
        """The element a block must stay in; `mj-raw` in the body may hold half of one.

        In the head it may not: the compiler gathers what is raw there in one place.
        """
        if self._place.element == "mj-raw" and len(self._open) > 1:
            around = self._open[-2][0]
            return self._place if around.element == "mj-head" else around
        return self._place


def _where(tag: str) -> str:
    parents = sorted(name for name, inside in elements.CHILDREN.items() if tag in inside)
    return f", only inside {' or '.join(f'<{name}>' for name in parents)}" if parents else ""


def _directly(parent: str) -> str:
    return "outside of <mjml>" if parent == _DOCUMENT.element else f"directly inside <{parent}>"
