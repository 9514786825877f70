"""Documents in TOML files, as commands read several of them: everything wrong is said at once."""

import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import typer

from delivery.blame import DocumentError

T = TypeVar("T")


def read_files(
    files: Sequence[Path], read: Callable[[str], T], key: Callable[[T], str]
) -> dict[str, T]:
    """What the files say, by key."""
    found: dict[str, T] = {}
    wrong: list[str] = []
    for file in files:
        try:
            one = read(file.read_text("utf-8"))
        except DocumentError as error:
            wrong += [f"{file}:{fault.line or 1}: {fault}" for fault in error.faults]
        except UnicodeDecodeError as error:
            wrong.append(f"{file} is no UTF-8 text: {error}")
        else:
            if key(one) in found:
                wrong.append(f"{file}: another of these files is about {key(one)} too")
            found[key(one)] = one
    if wrong:
        refuse_all(wrong)
    return found


def named(files: Sequence[Path]) -> Iterator[str]:
    """The keys of the documents that come together, as far as they can be read."""
    for file in files:
        try:
            yield str(tomllib.loads(file.read_text("utf-8")).get("key"))
        except ValueError:
            continue


def refuse_all(wrong: Sequence[str]) -> None:
    """End the command, saying all that is wrong."""
    for line in wrong:
        typer.echo(line, err=True)
    raise typer.Exit(1)
