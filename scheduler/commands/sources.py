"""`tidings sources`: the outboxes that are drained; `tidings outbox-ddl`: what makes one."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

import typer

from models.database import DatabaseError
from models.queries.planning import kept
from models.queries.planning.producers import outbox_ddl as ddl
from models.queries.planning.sources import add_source, all_sources, move_source, try_outbox
from models.records import Source
from scheduler.commands.session import acting, opened
from scheduler.runtime import token

app = typer.Typer(help="The outboxes that are drained.", no_args_is_help=True)

_LONGEST = 34
"""Days that rows may be kept: a day less than a replay recognises them."""

Name = Annotated[str, typer.Argument(help="What people call it.")]
Url = Annotated[str, typer.Argument(help="postgresql://user:password@host/database")]


def outbox_ddl(
    role: Annotated[str, typer.Option(help="The relay's role in that database.")] = "tidings",
    keep: Annotated[  # noqa: FBT002 - an option
        bool, typer.Option("--keep", help="With a table for planned rows: see `sources keep`.")
    ] = False,
) -> None:
    """Print the SQL that creates an outbox in a producer's own database."""
    typer.echo(ddl(role, keep=keep), nl=False)


@app.command()
def add(name: Name, url: Url) -> None:
    """Drain one more outbox. Its database must be reachable and have one."""
    _check(url)
    with acting("sources") as act:
        if any(source.name == name for source in act.tx.run(all_sources())):
            raise ValueError(f"source {name} exists: change it with `tidings sources move {name}`")
        act.tx.run(add_source(Source(token(), name, url), act.now))
        act.note("added a source", name, where=_where(url))
    typer.echo(f"{name} is drained from now on.")


@app.command()
def move(
    name: Name,
    to: Annotated[str | None, typer.Option(help="Its new name.")] = None,
    url: Annotated[str | None, typer.Option(help="Its new URL.")] = None,
) -> None:
    """Rename a source or give it another URL: what was planned stays planned."""
    if url is not None:
        _check(url)
    with acting("sources") as act:
        if not act.tx.run(move_source(name, to or name, url)):
            raise ValueError(f"there is no source {name}: see `tidings sources list`")
        where = {} if url is None else {"where": _where(url)}
        act.note("moved a source", name, after={"name": to or name, **where})
    typer.echo(f"{to or name} is drained from now on.")


@app.command()
def keep(
    name: Name,
    for_: Annotated[
        str, typer.Argument(metavar="DAYS", help="How many days, 1 to 34; 0: not at all.")
    ],
) -> None:
    """Keep planned rows in the source's own database, so that `tidings replay` finds them."""
    if not for_.isdecimal() or int(for_) > _LONGEST:
        raise typer.BadParameter(f"{for_} is not a number of days from 0 to {_LONGEST}")
    days = int(for_)
    with acting("sources") as act:
        found = [source for source in act.tx.run(all_sources()) if source.name == name]
        if not found:
            raise ValueError(f"there is no source {name}: see `tidings sources list`")
        if days:
            _check_keeping(found[0])
        act.tx.run(kept.set_keep_for(name, timedelta(days=days) if days else None))
        act.note("set how long a source keeps rows", name, after=days)
    typer.echo(f"{name} keeps planned rows for {days} days." if days else f"{name} keeps no rows.")


@app.command("list")
def list_() -> None:
    """Show every source, without its password."""
    with acting("sources") as act:
        for source in act.tx.run(all_sources()):
            typer.echo(f"{source.source}  {source.name:20}  {_where(source.url)}")


def _where(url: str | None) -> str:
    if url is None:
        return "this database"
    parts = urlsplit(url)
    return f"{parts.hostname or 'socket'}:{parts.port or 5432}{parts.path}"


def _check_keeping(source: Source) -> None:
    """Refuse to keep rows where they cannot be moved: every plan tick would fail."""
    if source.url is None:
        raise ValueError("our own outbox is restored with our database: it keeps no rows")
    how = "run in its database what `tidings outbox-ddl --keep` says of outbox_done"
    try:
        with opened("sources", source.url) as database, database.begin() as tx:
            allowed = tx.run(kept.may_keep())
    except DatabaseError as error:
        raise ValueError(f"{error}: {how}") from error
    if not allowed:
        raise ValueError(f"outbox_done may not be written: {how}")


def _check(url: str) -> None:
    """Refuse a URL that does not lead to an outbox, before workers try it each second."""
    try:
        with opened("sources", url) as database, database.begin() as tx:
            tx.run(try_outbox())
    except DatabaseError as error:
        raise ValueError(f"no outbox can be read there: {error}") from error
