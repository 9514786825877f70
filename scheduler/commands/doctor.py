"""`tidings doctor`: whether everything is as it should be, and what to do where it is not."""

import typer

from models import urls
from scheduler.commands.lines import line
from scheduler.examining.checkup import examine


def doctor() -> None:
    """Check database, workers, clock, sources, mail and DNS; exit 1 when something is wrong."""
    wrong = 0
    for result in examine(urls.configured_url()):
        wrong += bool(result.advice)
        typer.echo(line(result))
    raise typer.Exit(1 if wrong else 0)
