"""Says what went wrong while filling: the line of the author's source and the variable."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from traceback import walk_tb

import jinja2
from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError, nodes

from delivery.errors import Problem, RenderingError
from delivery.rendering.partials import whole
from delivery.rendering.pieces import Whole
from delivery.rendering.sandbox import HTML, TEXT, Context, Sandbox
from models.records import TemplateVersion

_MISSING = re.compile(r"'(.*)' is missing")
_FILE = "<template>"
"""What Jinja names as the file of a template that came from a string."""

_TELLING = (TemplateError, TypeError, ZeroDivisionError)
"""Errors whose words come from the template and never from the data."""


@dataclass(frozen=True, slots=True)
class _Part:
    """One piece of source its author wrote, with how it is called in a message."""

    name: str
    source: Whole
    template: jinja2.Template


def blame(version: TemplateVersion, context: Context, error: Exception) -> list[Problem]:
    """What an author should read about a fill that failed; never shows a value of the data.

    The compiled HTML has other lines than the source it was made of. But the source is a
    Jinja template as well: filling that once more fails in the line its author wrote.

    Args:
        version: The version that could not be filled.
        context: What it was filled with.
        error: What was raised, for the case that the source can be filled.
    """
    found = []
    for part in _parts(version):
        try:
            part.template.render(context)
        except Exception as again:  # noqa: BLE001 - whatever it is, the author should know
            problem = Problem(_line(again), f"{part.name}{_words(again, part)}")
            found.append(part.source.located(problem))
    return found or [Problem(1, _words(error, None))]


@lru_cache(maxsize=32)
def _parts(version: TemplateVersion) -> tuple[_Part, ...]:
    html = TEXT if version.compiled is None else HTML
    written = [
        ("subject: ", version.subject, TEXT),
        ("preheader: ", version.preheader, HTML),
        ("", version.source, html),
        ("text: ", version.text, TEXT),
        ("url: ", version.url, TEXT),
    ]
    return tuple(
        part
        for name, source, environment in written
        if source and (part := _part(version, name, source, environment))
    )


def _part(version: TemplateVersion, name: str, source: str, environment: Sandbox) -> _Part | None:
    try:
        made = whole(source, version.store)
        return _Part(name, made, environment.from_string(made.text))
    except (TemplateSyntaxError, RenderingError):
        return None  # the source of a version that was compiled elsewhere


def _line(error: Exception) -> int:
    lines = [line for frame, line in walk_tb(error.__traceback__) if _of_template(frame.f_code)]
    return lines[-1] if lines else 1


def _of_template(code: object) -> bool:
    return getattr(code, "co_filename", "") == "<template>"


def _words(error: Exception, part: _Part | None) -> str:
    if not isinstance(error, _TELLING):
        return f"cannot be filled with this data ({type(error).__name__})"
    words = str(error)
    missing = _MISSING.fullmatch(words)
    if missing and part and isinstance(error, UndefinedError):
        path = _path(TEXT.parse(part.source.text), missing[1], _line(error))
        return f"'{path}' is missing" if path else "what is looked up here is missing"
    return words


def _path(tree: nodes.Template, name: str, line: int) -> str | None:
    """The whole path that ends in a name: `data.page` for `page`; `None` for a value as name."""
    ending = [(node.lineno, ".".join(path)) for node, path in paths(tree) if path[-1] == name]
    here = [path for where, path in ending if where == line]
    words = {node.attr for node in tree.find_all(nodes.Getattr)}
    words |= {str(node.value) for node in tree.find_all(nodes.Const)}
    return next(iter(here or [path for _, path in ending]), name if name in words else None)


def paths(tree: nodes.Template) -> Iterator[tuple[nodes.Expr, tuple[str, ...]]]:
    """Every name and dotted path a template reads, in order, with the node that reads it."""
    for node in tree.find_all((nodes.Name, nodes.Getattr, nodes.Getitem)):
        path = _dotted(node)
        if path:
            yield node, path


def _dotted(node: nodes.Node) -> tuple[str, ...]:
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr):
        before = _dotted(node.node)
        return (*before, node.attr) if before else ()
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
        before = _dotted(node.node)
        return (*before, str(node.arg.value)) if before else ()
    return ()
