"""`tidings bounce`: what a bounce, complaint or auto-reply says, without a database."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from delivery.bounces.reading import LONGEST_MAIL, read
from delivery.bounces.reports import Report


def bounce(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Mails with their headers, or mboxes.")
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON a file.")] = False,
) -> None:
    """Tell what came back, and about whom; a mail that is no answer has no reports."""
    unreadable = False
    for file in files:
        try:
            reports = read(_start_of(file)).reports
        except OSError as error:
            unreadable = True
            typer.echo(f"{file}: {error.strerror}", err=True)
            continue
        typer.echo(_line(file, reports) if as_json else _told(file, reports))
    if unreadable:
        raise typer.Exit(1)


def _start_of(file: Path) -> bytes:
    """As much of a file as is read: what lies behind it changes no answer."""
    with file.open("rb") as mail:
        return mail.read(LONGEST_MAIL + 1)


def _line(file: Path, reports: tuple[Report, ...]) -> str:
    told = {"file": str(file), "reports": [asdict(report) for report in reports]}
    return json.dumps(told, ensure_ascii=False)


def _told(file: Path, reports: tuple[Report, ...]) -> str:
    if not reports:
        return f"{file}: an ordinary mail"
    return "\n".join(f"{file}: {_sentence(report)}" for report in reports)


def _sentence(report: Report) -> str:
    codes = " ".join(filter(None, (report.code, report.status)))
    whom = report.recipient or "(recipient not told)"
    return f"{whom}: {report.kind}, {report.reason} {codes}".rstrip() + (
        f"\n    {report.reason.sentence}\n    {report.diagnostic}"
    )
