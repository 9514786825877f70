"""`tidings render`: shows what a template becomes, without a database."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from delivery.errors import Problem, RenderingError
from delivery.publishing.cases import whole
from delivery.publishing.material import UNUSED, Sample
from delivery.rendering.compile import compile_mjml
from delivery.rendering.fill import fill, prepare
from models.records import TemplateVersion

_SAMPLE = whole(Sample(UNUSED.key, {}), UNUSED, "en", "email")
"""What a template sees where nobody is written to."""


def render(
    file: Annotated[Path, typer.Argument(help="MJML with Jinja in it.", dir_okay=False)],
    data: Annotated[
        Path | None,
        typer.Option(
            help="JSON that templates see as `data`; if it has a key `data`, a whole context.",
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """Write a template's HTML to stdout: filled with --data, else with its Jinja."""
    source = _read(file)
    context = None if data is None else _context(data)
    try:
        html = compile_mjml(source) if context is None else _filled(source, context)
    except RenderingError as error:
        raise _failed(file, error.problems) from None
    typer.echo(html)


def _filled(source: str, context: dict[str, Any]) -> str:
    version = TemplateVersion(
        template="file", version=1, channel="email", subject="", source=source, text=""
    )
    return fill(prepare(version), context).html or ""


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise _misused(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise _failed(file, [Problem(line, "this is not UTF-8")]) from None


def _context(file: Path) -> dict[str, Any]:
    try:
        read = json.loads(_read(file))
    except json.JSONDecodeError as error:
        raise _failed(file, [Problem(error.lineno, error.msg)]) from None
    whole = isinstance(read, dict) and "data" in read and read.keys() <= _SAMPLE.keys()
    return {**_SAMPLE, **read} if whole else {**_SAMPLE, "data": read}


def _failed(file: Path, problems: list[Problem]) -> typer.Exit:
    for problem in problems:
        typer.echo(f"{file}:{problem.line}: {problem.message}", err=True)
    return typer.Exit(1)


def _misused(message: str) -> typer.Exit:
    typer.echo(message, err=True)
    return typer.Exit(2)
