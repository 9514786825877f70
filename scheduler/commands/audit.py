"""`tidings audit`: what people did, as text or JSON lines, and who may touch what is written."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from models.queries.console.audit import audit_lines, older, rights as rights_of
from models.readings.audit import AuditLine, AuditWanted
from scheduler.commands.operator import moment
from scheduler.commands.session import opened

app = typer.Typer(help="What people did: who, what, before, after, why.", no_args_is_help=True)

_AT_ONCE = 500


@app.command("list")
def list_(
    words: Annotated[str | None, typer.Argument(help="Somewhere in the entry.")] = None,
    actor: Annotated[str | None, typer.Option("--by", help="Who did it.")] = None,
    action: Annotated[str | None, typer.Option("--did", help="What was done.")] = None,
    since: Annotated[str, typer.Option(help="A moment, or 30m, 12h, 7d ago.")] = "7d",
    as_json: Annotated[  # noqa: FBT002 - an option
        bool, typer.Option("--json", help="One JSON document a line, with everything.")
    ] = False,
) -> None:
    """Show entries, newest first."""
    with opened("audit") as database:
        begin = moment(since, database.now())
        asked = AuditWanted(actor, action, words=words, since=begin, limit=_AT_ONCE)
        wanted: AuditWanted | None = asked
        while wanted is not None:
            with database.begin() as tx:
                found = tx.run(audit_lines(wanted))
            for line in found:
                typer.echo(_document(line) if as_json else _line(line))
            wanted = older(wanted, found)


def _line(line: AuditLine) -> str:
    why = f" ({line.why})" if line.why else ""
    return f"{line.at:%Y-%m-%d %H:%M:%SZ}  {line.actor}  {line.action}: {line.subject}{why}"


def _document(line: AuditLine) -> str:
    return json.dumps(asdict(line), default=str, ensure_ascii=False)


@app.command()
def rights(
    role: Annotated[str, typer.Argument(help="The role that Tidings' services connect as.")],
) -> None:
    """Print the SQL that lets a role add to the audit and read it, and nothing else."""
    typer.echo(rights_of(role), nl=False)
