"""`tidings keys`: API keys for producers."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

from models.database import SyncTransaction
from models.queries.configuring import keys
from models.queries.configuring.keys import ApiKey, NewKey, Scope
from scheduler.commands.session import acting
from scheduler.commands.wrong_use import refuse

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
        of = _source(act.tx, source or name, act.now)
        scopes = tuple(scope or [Scope.EVENTS_WRITE])
        act.tx.run(keys.add_key(NewKey(secret, name, of, scopes, ends), act.now))
    typer.echo(secret)
    typer.echo("Keep it now: it is not shown again.", err=True)


def _source(tx: SyncTransaction, name: str, now: datetime) -> UUID:
    tx.run(keys.add_api_source(name, now))
    found = tx.run(keys.source_named(name))
    if found is None:
        raise ValueError(f"the source {name} was removed just now: try again")
    return found


@app.command("list")
def list_() -> None:
    """Show all keys, without what they open."""
    with acting("keys") as act:
        found = act.tx.run(keys.list_keys())
    table = Table("Key", "Name", "Source", "Scopes", "Made", "State", box=None, pad_edge=False)
    for key in found:
        scopes = " ".join(sorted(key.scopes))
        made, state = f"{key.created_at:%Y-%m-%d}", _state(key, act.now)
        table.add_row(f"{key.prefix}…", key.name, key.source_name, scopes, made, state)
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
        found = act.tx.run(keys.keys_like(key.rstrip("…")))
        if len(found) == 1:
            act.tx.run(keys.revoke_keys([found[0].key_id], act.now))
    if not found:
        refuse(f"no live key begins with {key}: see `tidings keys list`")
    if len(found) > 1:
        refuse(f"{len(found)} keys begin with {key}: name one by its id, {_ids(found)}")
    typer.echo(f"{found[0].prefix}… ({found[0].name}) opens nothing any more.")


def _ids(found: list[ApiKey]) -> str:
    return ", ".join(f"{key.key_id} ({key.name})" for key in found)
