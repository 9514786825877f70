"""`tidings doctor`: whether everything is as it should be, and what to do where it is not."""

import typer

from models import schema
from scheduler.checkup import examine


def doctor() -> None:
    """Check database, schema, workers, clock, sources and mail; exit 1 when something is wrong."""
    wrong = 0
    for result in examine(schema.configured_url()):
        wrong += bool(result.advice)
        mark = typer.style("✗", fg="red") if result.advice else typer.style("✓", fg="green")
        advice = f" → {result.advice}" if result.advice else ""
        typer.echo(f"{mark} {result.subject}: {result.finding}{advice}")
    raise typer.Exit(1 if wrong else 0)
