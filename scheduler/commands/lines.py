"""How findings are printed: what is wrong, what could be better, what is well."""

import typer

from scheduler.examining.findings import Result


def line(result: Result) -> str:
    """A finding with what to do about it, behind a mark."""
    todo = result.advice or result.hint
    return f"{_mark(result)} {result.subject}: {result.finding}{f' → {todo}' if todo else ''}"


def _mark(result: Result) -> str:
    if result.advice:
        return typer.style("✗", fg="red")
    return typer.style("!", fg="yellow") if result.hint else typer.style("✓", fg="green")
