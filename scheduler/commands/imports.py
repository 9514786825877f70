"""`tidings import`: people, their choices and suppressed addresses from CSV files."""

import typer

from scheduler.commands.choices import preferences
from scheduler.commands.recipients import recipients
from scheduler.commands.suppressing import suppressions

app = typer.Typer(help="Bring data in.", no_args_is_help=True)
app.command()(recipients)
app.command()(preferences)
app.command()(suppressions)
