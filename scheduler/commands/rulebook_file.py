"""A rulebook in a file, as commands read it: TOML, or JSON in a file named .json."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import typer

from delivery.blame import MAX_TEXT
from delivery.rulebook import RulebookError, parse_toml
from scheduler.commands.wrong_use import refuse

T = TypeVar("T")


def read_file(file: Path, check: Callable[[dict[str, Any]], T]) -> tuple[dict[str, Any], T]:
    """The document in a file and what it means; everything wrong with it is said at once."""
    try:
        text = file.read_text("utf-8")
        is_json = file.suffix == ".json"
        document = json.loads(text[: MAX_TEXT + 1]) if is_json else parse_toml(text)
        return document, check(document)
    except RulebookError as error:
        for fault in error.faults:
            typer.echo(f"{file}: {': '.join(filter(None, fault))}", err=True)
        raise typer.Exit(1) from None
    except ValueError as error:
        refuse(f"{file} is no UTF-8 text or no JSON: {error}")
