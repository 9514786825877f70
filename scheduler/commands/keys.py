"""`tidings keys`: API keys for producers."""

from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from models.queries.configuring import keys, rotating
from models.queries.configuring.keys import ApiKey, NewKey, Scope
from scheduler.commands.operator import operator
from scheduler.commands.session import Acting, acting
from scheduler.commands.wrong_use import refuse

_COLUMNS = ("Key", "Name", "Source", "Scopes", "Made", "Used", "State")
app = typer.Typer(help="API keys of producers.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may do; again for more.")
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Source its events come from; else NAME.")
    ] = None,
    days: Annotated[int | None, typer.Option(help="Ends after so many days.", min=1)] = None,
) -> None:
    """Make a key and print it, this once. Without --scope it may post events."""
    secret = keys.make_secret()
    with acting("keys") as act:
        ends = None if days is None else act.now + timedelta(days=days)
        of = act.tx.follow(rotating.source_of(source or name, act.now))
        scopes = tuple(scope or [Scope.EVENTS_WRITE])
        act.tx.run(keys.add_key(NewKey(secret, name, of, scopes, ends, operator()), act.now))
        act.note("made an API key", keys.shown(secret), name=name, scopes=sorted(scopes))
    typer.echo(secret)
    typer.echo("Keep it now: it is not shown again.", err=True)


@app.command("list")
def list_() -> None:
    """Show all keys, without what they open."""
    with acting("keys") as act:
        found = act.tx.run(keys.list_keys())
    table = Table(*_COLUMNS, box=None, pad_edge=False)
    for key in found:
        scopes = " ".join(sorted(key.scopes))
        made, state = f"{key.created_at:%Y-%m-%d}", _state(key, act.now)
        used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"
        table.add_row(f"{key.prefix}…", key.name, key.source_name, scopes, made, used, state)
    Console().print(table)


def _state(key: ApiKey, now: datetime) -> str:
    if key.revoked_at is not None:
        return f"revoked {key.revoked_at:%Y-%m-%d}"
    if key.expires_at is None:
        return "live"
    word = "until" if key.is_live(now) else "expired"
    return f"{word} {key.expires_at:%Y-%m-%d}"


@app.command()
def revoke(key: Annotated[str, typer.Argument(help="Its first characters, or its id.")]) -> None:
    """End a key now."""
    with acting("keys") as act:
        found = _named(act, key)
        act.tx.run(keys.revoke_keys([found.key_id], act.now))
        act.note("revoked an API key", found.prefix, name=found.name)
    typer.echo(f"{found.prefix}… ({found.name}) opens nothing any more.")


@app.command()
def rotate(
    key: Annotated[str, typer.Argument(help="Its first characters, or its id.")],
    keep: Annotated[int, typer.Option(help="Hours the old key goes on.", min=0, max=720)] = 24,
) -> None:
    """Print a new key with what the old one has, this once; the old one ends after a while."""
    secret = keys.make_secret()
    with acting("keys") as act:
        found = _named(act, key)
        new = NewKey(secret, "", found.source, (), created_by=operator())
        kept = timedelta(hours=keep)
        try:
            act.tx.follow(rotating.rotate(found.key_id, new, kept, act.now))
        except ValueError as error:
            refuse(str(error))
        act.note("rotated an API key", found.prefix, new=keys.shown(secret), keeps=str(kept))
    typer.echo(secret)
    typer.echo(f"Keep it now. {found.prefix}… goes on for {keep} hours.", err=True)


def _named(act: Acting, key: str) -> ApiKey:
    found = act.tx.run(keys.keys_like(key.rstrip("…")))
    if not found:
        refuse(f"no live key begins with {key}: see `tidings keys list`")
    if len(found) > 1:
        refuse(f"{len(found)} keys begin with {key}: name one by its id, {_ids(found)}")
    return found[0]


def _ids(found: list[ApiKey]) -> str:
    return ", ".join(f"{key.key_id} ({key.name})" for key in found)
