"""`tidings explain`: why somebody did, or did not, get this."""

import json
from contextlib import closing
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from delivery.explain import findings
from models import schema
from models.database import SyncDatabase, SyncTransaction
from models.ids import place_of
from models.queries import history
from models.queries.history import Wanted
from models.readings.deliveries import Delivery
from models.reasons import sentence

_NEWEST = 5
_LOOKS_BACK = timedelta(days=30)


def explain(
    delivery: Annotated[str | None, typer.Argument(help="The delivery's id.")] = None,
    to: Annotated[str | None, typer.Option(help="A recipient's newest deliveries.")] = None,
    topic: Annotated[str | None, typer.Option(help="Only of this topic.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002
) -> None:
    """Tell the decision trace of a delivery, or of a recipient's newest ones."""
    if (delivery is None) == (to is None):
        raise typer.BadParameter("give the id of a delivery, or a recipient with --to")
    database = SyncDatabase.connect(schema.configured_url(), "tidings explain", 1)
    with closing(database), database.begin() as tx:
        ids = [_parsed(delivery)] if delivery else _newest(tx, database, str(to), topic)
        found = tx.run(history.deliveries_by_id(ids))
    if not found:
        raise ValueError("nothing is kept about that: check the id, or the retention")
    for each in found:
        typer.echo(json.dumps(_value(each), indent=2) if as_json else _text(each))


def _parsed(text: str) -> UUID:
    try:
        identifier = UUID(text)
        place_of(identifier)
    except ValueError:
        raise typer.BadParameter(f"{text} is not the id of a delivery") from None
    return identifier


def _newest(
    tx: SyncTransaction, database: SyncDatabase, recipient: str, topic: str | None
) -> list[UUID]:
    now = database.now()
    wanted = Wanted(since=now - _LOOKS_BACK, recipient=recipient, topic=topic, limit=_NEWEST)
    return [line.delivery_id for line in tx.run(history.deliveries(wanted))]


def _value(delivery: Delivery) -> dict[str, Any]:
    why = delivery.held_for or delivery.reason
    return {
        "delivery_id": str(delivery.delivery_id),
        "recipient": delivery.recipient_id,
        "topic": delivery.topic,
        "channel": delivery.channel,
        "state": delivery.state,
        "reason": why,
        "sentence": sentence(why),
        "detail": delivery.detail,
        "created_at": delivery.created_at.isoformat(),
        "sent_at": delivery.sent_at.isoformat() if delivery.sent_at else None,
        "trace": [
            {
                "stage": finding.stage,
                "check": finding.check,
                "outcome": finding.outcome,
                "sentence": finding.sentence,
                "note": finding.note,
            }
            for finding in findings(delivery.trace)
        ],
    }


def _text(delivery: Delivery) -> str:
    why = delivery.held_for or delivery.reason
    lines = [
        f"{delivery.topic} to {delivery.recipient_id} over {delivery.channel}: {delivery.state}",
        f"  {delivery.delivery_id}",
    ]
    lines += [f"  {sentence(why)} {delivery.detail or ''}".rstrip()] if why else []
    lines += [
        f"  {finding.stage:5} {finding.outcome:8} {finding.sentence} {finding.note}".rstrip()
        for finding in findings(delivery.trace)
    ]
    return "\n".join(lines)
