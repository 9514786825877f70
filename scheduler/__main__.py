"""The `tidings` command: `python -m scheduler` is the same."""

import sys

import typer
from pydantic import ValidationError

from models.database import DatabaseError
from models.embedded import BundledPostgresError
from scheduler.commands import (
    api,
    console,
    demo,
    doctor,
    emit,
    explain,
    keys,
    link,
    mailbox,
    migrate,
    recipients,
    render,
    sources,
    sql,
    up,
    work,
)

app = typer.Typer(
    name="tidings",
    help="A notification platform: the right message, at the right moment, never twice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(up.up)
app.command()(migrate.migrate)
app.command()(work.work)
app.command()(api.api)
app.command()(console.console)
app.command(name="console-link")(link.console_link)
app.command()(mailbox.mailbox)
app.command()(demo.demo)
app.command()(emit.emit)
app.command()(explain.explain)
app.command()(doctor.doctor)
app.command()(render.render)
app.command()(sql.sql)
app.command(name="outbox-ddl")(sources.outbox_ddl)
app.add_typer(sources.app, name="sources")
app.add_typer(keys.app, name="keys")
app.add_typer(recipients.app, name="import")

_EXPECTED = (DatabaseError, BundledPostgresError, LookupError, OSError, ValueError)
"""What may go wrong outside our code: one line that says what and what to do."""


def main() -> None:
    """Run a command. An expected failure is one line and exit 1; --debug shows the traceback."""
    debug = "--debug" in sys.argv
    if debug:
        sys.argv.remove("--debug")
    try:
        app()
    except _EXPECTED as error:
        if debug:
            raise
        typer.echo(f"tidings: {_one_line(error)}", err=True)
        sys.exit(1)


def _one_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        wrong = error.errors()[0]
        name = "TIDINGS_" + "_".join(map(str, wrong["loc"])).upper()
        return f"{name}: {wrong['msg']}"
    return " ".join(str(error).split()) or type(error).__name__


if __name__ == "__main__":
    main()
