"""How a command says that it was used in a wrong way: one line, exit 2."""

from typing import NoReturn

import typer


def refuse(message: str) -> NoReturn:
    """End the command, saying what is wrong and what to do."""
    typer.echo(f"tidings: {message}", err=True)
    raise typer.Exit(2)
