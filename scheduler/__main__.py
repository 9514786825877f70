"""The `tidings` command: `python -m scheduler` is the same.

A command's module is imported when it is asked for: the ones with templates and HTTP in them
take a second to load, and `tidings sql` should not wait for that.
"""

import sys
from importlib import import_module

import typer

COMMANDS = {
    "up": "up:up",
    "demo": "demo:demo",
    "migrate": "migrate:migrate",
    "replay": "replay:replay",
    "work": "work:work",
    "api": "api:api",
    "console": "console:console",
    "console-link": "link:console_link",
    "mailbox": "mailbox:mailbox",
    "emit": "emit:emit",
    "explain": "explain:explain",
    "doubt": "orders:app",
    "requeue": "orders:requeue",
    "campaigns": "campaigns:app",
    "doctor": "doctor:doctor",
    "render": "render:render",
    "bounce": "bounce:bounce",
    "feedback": "feedback:app",
    "bounces": "bounces:bounces",
    "sql": "sql:sql",
    "outbox-ddl": "sources:outbox_ddl",
    "sources": "sources:app",
    "keys": "keys:app",
    "accounts": "accounts:app",
    "domains": "domains:app",
    "switch": "switches:app",
    "reputation": "reputation:app",
    "rules": "rules:app",
    "templates": "templates:app",
    "topics": "topics:app",
    "files": "attachments:app",
    "audiences": "audiences:app",
    "audit": "audit:app",
    "simulate": "simulate:simulate",
    "noise": "noise:noise",
    "categories": "categories:app",
    "preferences": "preferences:app",
    "suppressions": "suppressions:app",
    "recipients": "people:app",
    "import": "imports:app",
}
"""Command to module and function, or group of commands, in `scheduler.commands`."""


def build(wanted: str | None) -> typer.Typer:
    """The command line with the wanted command alone, or with all of them to choose from."""
    app = typer.Typer(
        name="tidings", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    app.callback()(tidings)
    for name in [wanted] if wanted in COMMANDS else COMMANDS:
        module, _, attribute = COMMANDS[name].partition(":")
        command = getattr(import_module(f"scheduler.commands.{module}"), attribute)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name=name)(command)
    return app


def tidings() -> None:
    """A notification platform: the right message, at the right moment, never twice."""


def main() -> None:
    """Run a command. An expected failure is one line and exit 1; --debug shows the traceback."""
    debug = "--debug" in sys.argv
    if debug:
        sys.argv.remove("--debug")
    try:
        build(sys.argv[1] if len(sys.argv) > 1 else None)()
    except Exception as error:
        if debug or not _is_expected(error):
            raise
        typer.echo(f"tidings: {_one_line(error)}", err=True)
        sys.exit(1)


def _is_expected(error: Exception) -> bool:
    """Whether it went wrong outside our code, so that one line says what and what to do."""
    from models.database import DatabaseError  # noqa: PLC0415 - only a failure needs them
    from models.embedded import BundledPostgresError  # noqa: PLC0415

    kinds = (DatabaseError, BundledPostgresError, OSError, ValueError)
    return isinstance(error, kinds)


def _one_line(error: Exception) -> str:
    from pydantic import ValidationError  # noqa: PLC0415

    if isinstance(error, ValidationError):
        wrong = error.errors()[0]
        name = "TIDINGS_" + "_".join(map(str, wrong["loc"])).upper()
        return f"{name}: {wrong['msg']}"
    return " ".join(str(error).split()) or type(error).__name__


if __name__ == "__main__":
    main()
