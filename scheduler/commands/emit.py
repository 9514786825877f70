"""`tidings emit`: one outbox row, as a producer would insert it."""

import json
import os
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from models import urls
from models.queries.planning.emit import insert_outbox
from models.records import OutboxRow
from models.storable import storable
from scheduler.commands.session import acting
from scheduler.commands.wrong_use import refuse


def emit(
    topic: Annotated[str, typer.Argument(help="Key of a topic.")],
    to: Annotated[list[str], typer.Option(help="A recipient's id; again for more.")],
    data: Annotated[str, typer.Option(help="What templates see, as JSON.")] = "{}",
    dedup_key: Annotated[str | None, typer.Option(help="Taken once in a while.")] = None,
    actor: Annotated[str | None, typer.Option(help="Who caused it.")] = None,
) -> None:
    """Write one row into the outbox and print its id."""
    said = {
        "topic": topic,
        "recipients": to,
        "data": _json(data),
        "dedup_key": dedup_key,
        "actor": actor,
    }
    typer.echo(write(urls.configured_url(), said))


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (RecursionError, ValueError) as error:
        refuse(f"--data is not JSON: {error}")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def write(url: str, said: dict[str, Any]) -> UUID:
    """Write one row; what no text can hold is replaced, and the event will be rejected."""
    clean = storable(said)
    with acting("emit", url) as act:
        row = _row(clean.value, clean.problem, act.now)
        act.tx.run(insert_outbox(row))
    return row.id


def _row(said: dict[str, Any], problem: str | None, now: datetime) -> OutboxRow:
    return OutboxRow(
        id=UUID(bytes=os.urandom(16)),
        topic=said["topic"],
        recipients=tuple(said["recipients"]),
        audience=None,
        data=json.dumps(said["data"]),
        dedup_key=said["dedup_key"],
        actor=said["actor"],
        thread=None,
        priority=None,
        not_before=None,
        expires_at=None,
        tags=None,
        locale=None,
        tenant=None,
        traceparent=None,
        test=False,
        created_at=now,
        problem=problem,
    )
