"""`tidings import`: people and their choices from CSV files."""

import typer

from scheduler.commands.choices import preferences
from scheduler.commands.recipients import recipients

app = typer.Typer(help="Bring data in.", no_args_is_help=True)
app.command()(recipients)
app.command()(preferences)
