"""The `tidings` command: `python -m scheduler` is the same."""

import sys

import typer

from scheduler.commands import console, link, mailbox, migrate, render, work

app = typer.Typer(
    name="tidings",
    help="A notification platform: the right message, at the right moment, never twice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(migrate.migrate)
app.command()(work.work)
app.command()(console.console)
app.command(name="console-link")(link.console_link)
app.command()(mailbox.mailbox)
app.command()(render.render)


def main() -> None:
    """Run a command; what goes wrong is one line that says what to do, unless --debug."""
    app()


if __name__ == "__main__":
    sys.exit(main())
