"""`tidings categories`: what recipients may turn off together, and what counts until they do."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from delivery.registry import all_channels
from models.queries.console.consents import known_categories
from models.queries.people.categories import categories, drop_category, save_category
from models.records import EVERY, Category
from scheduler.commands.session import acting

app = typer.Typer(help="Categories of topics.", no_args_is_help=True)

Key = Annotated[str, typer.Argument(help="As the topics name it.")]
_LAST = 100


@app.command("list")
def list_() -> None:
    """Show all categories, also those that only topics name."""
    with acting("categories") as act:
        described = act.tx.run(categories())
        known = act.tx.run(known_categories())
    table = Table("Category", "Title", "Position", "Defaults", box=None, pad_edge=False)
    for category in described.values():
        words = [f"{on}: {'on' if said else 'off'}" for on, said in category.defaults.items()]
        defaults = ", ".join(words) or "on"
        table.add_row(category.key, category.title, str(category.position), defaults)
    for key in sorted(known - described.keys()):
        table.add_row(key, "(not described)", "", "on")
    Console().print(table)


@app.command("set")
def set_(
    key: Key,
    title: Annotated[str, typer.Option(help="What recipients read.")],
    description: Annotated[str, typer.Option(help="One sentence more.")] = "",
    position: Annotated[int, typer.Option(help="The lowest comes first.", min=0)] = _LAST,
    default: Annotated[
        list[str] | None, typer.Option(help="Like email=off or *=on; again for more.")
    ] = None,
) -> None:
    """Describe a category, whole. Where no --default is said, it is on."""
    if key == EVERY or not key.isprintable() or not title.strip():
        raise ValueError("a category has a key of its own, and a title people can read")
    defaults = dict(map(_default, default or ()))
    category = Category(key, title.strip(), description, position, defaults)
    with acting("categories") as act:
        changed = act.tx.run(save_category(category, act.now))
        if changed:
            act.note("described a category", key, title=category.title, defaults=defaults)
    typer.echo(f"{key} is described." if changed else "It was like that already.")


def _default(text: str) -> tuple[str, bool]:
    channel, _, word = text.partition("=")
    known = [*all_channels(), EVERY]
    if channel not in known or word not in {"on", "off"}:
        raise ValueError(f"{text} is no default: write channel=on or channel=off, {known}")
    return channel, word == "on"


@app.command()
def remove(key: Key) -> None:
    """Forget title and defaults of a category; its topics and people's choices stay."""
    with acting("categories") as act:
        if not act.tx.run(drop_category(key)):
            raise ValueError(f"no category {key} is described: see `tidings categories list`")
        act.note("removed a category's description", key)
    typer.echo(f"{key} is not described any more.")
