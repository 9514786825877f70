"""`tidings explain`: why somebody did, or did not, get this."""

import json
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import typer

from delivery.explain import findings
from models.queries.console import history
from models.readings.deliveries import Delivery, Wanted
from models.reasons import sentence
from scheduler.commands.operator import delivery_named
from scheduler.commands.session import Acting, acting

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
    with acting("explain") as act:
        ids = [delivery_named(delivery)] if delivery else _newest(act, str(to), topic)
        found = act.tx.run(history.deliveries_by_id(ids))
    if not found:
        raise ValueError("nothing is kept about that: check the id, or the retention")
    for each in found:
        typer.echo(json.dumps(_value(each), indent=2) if as_json else _text(each))


def _newest(act: Acting, recipient: str, topic: str | None) -> list[UUID]:
    since = act.now - _LOOKS_BACK
    wanted = Wanted(since=since, recipient=recipient, topic=topic, limit=_NEWEST)
    return [line.delivery_id for line in act.tx.run(history.deliveries(wanted))]


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
