"""`tidings doubt` and `tidings requeue`: what nobody knows the end of, and what was given up."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from delivery.again import by_person
from models.database import SyncDatabase, SyncTransaction
from models.queries.configuring import catalog
from models.queries.console import history
from models.queries.repairing import selection
from models.queries.repairing.interventions import Intervention
from models.queries.repairing.orders import Order, carry_out, next_batch, told
from models.queries.repairing.selection import COUNTED_UP_TO, Selection
from models.readings.deliveries import DeliveryLine, Position, Wanted
from models.reasons import SENTENCES, sentence
from models.states import DEAD, DeliveryState, Resolution
from scheduler.commands.operator import delivery_named, moment, operator
from scheduler.commands.session import opened

app = typer.Typer(help="What nobody knows the end of.", no_args_is_help=True)

IN_DOUBT = frozenset({DeliveryState.IN_DOUBT})
_SHOWN = 50

Ids = Annotated[list[str] | None, typer.Argument(help="Ids of deliveries; or name a filter.")]
Topic = Annotated[str | None, typer.Option(help="Only of this topic.")]
Reason = Annotated[str | None, typer.Option(help="Only with this reason, like worker_lost.")]
Since = Annotated[str, typer.Option(help="Created since: 7d, 12h, or 2026-11-22T14:05:00Z.")]
Until = Annotated[str | None, typer.Option(help="Created before; written the same way.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@dataclass(frozen=True, slots=True)
class Filter:
    """What was said on the command line."""

    topic: str | None
    reason: str | None
    since: str
    until: str | None

    def selection(self, states: frozenset[DeliveryState], now: datetime) -> Selection:
        """The deliveries it means, in these states."""
        if self.reason is not None and self.reason not in SENTENCES:
            raise typer.BadParameter(f"there is no reason {self.reason}: see docs/lifecycle.md")
        wanted = Wanted(
            states=frozenset(map(str, states)), reason=self.reason, topic=self.topic,
            since=moment(self.since, now),
        )  # fmt: skip
        return Selection(wanted, now, None if self.until is None else moment(self.until, now))


@app.command("list")
def list_(
    topic: Topic = None,
    reason: Reason = None,
    since: Since = "90d",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002
) -> None:
    """Show the newest deliveries in doubt, and how many there are."""
    with opened("doubt") as database, database.begin() as tx:
        chosen = Filter(topic, reason, since, None).selection(IN_DOUBT, database.now())
        lines = tx.run(history.deliveries(replace(chosen.wanted, limit=_SHOWN)))
        number = tx.run(selection.count_selected(chosen))
    for line in lines:
        typer.echo(json.dumps(_value(line)) if as_json else _text(line))
    if not as_json:
        typer.echo(f"{_number(number)} in doubt." if number else "Nothing is in doubt.")


@app.command()
def resolve(  # noqa: PLR0913, PLR0917 - the options of a command
    resolution: Annotated[Resolution, typer.Argument(help="sent, again or cancel.")],
    ids: Ids = None,
    topic: Topic = None,
    reason: Reason = None,
    since: Since = "90d",
    until: Until = None,
    yes: Yes = False,  # noqa: FBT002
) -> None:
    """Say what became of deliveries in doubt: it was sent, send it again, or cancel it."""
    _order(resolution, IN_DOUBT, ids, Filter(topic, reason, since, until), yes=yes)


def requeue(  # noqa: PLR0913, PLR0917 - the options of a command
    ids: Ids = None,
    state: Annotated[
        list[DeliveryState] | None, typer.Option(help="failed, expired, skipped or cancelled.")
    ] = None,
    topic: Topic = None,
    reason: Reason = None,
    since: Since = "7d",
    until: Until = None,
    yes: Yes = False,  # noqa: FBT002
) -> None:
    """Send again what was given up or decided against; the gate decides anew."""
    states = frozenset(state or DEAD)
    if not states <= DEAD:
        raise typer.BadParameter(f"only {', '.join(sorted(DEAD))} can be sent again")
    if not ids and state is None and reason is None:
        raise typer.BadParameter("give ids, or say which with --state or --reason")
    _order(Resolution.AGAIN, states, ids, Filter(topic, reason, since, until), yes=yes)


def _order(
    resolution: Resolution,
    states: frozenset[DeliveryState],
    ids: list[str] | None,
    chosen: Filter,
    *,
    yes: bool,
) -> None:
    with opened("doubt") as database:
        now = database.now()
        with database.begin() as tx:
            compose = by_person(tx.run(catalog.topics()), now)
        order = Order(resolution, states, operator(), compose, now)
        if ids:
            with database.begin() as tx:
                _tell_each([delivery_named(each) for each in ids], order, tx)
            return
        selected = chosen.selection(states, now)
        with database.begin() as tx:
            number = tx.run(selection.count_selected(selected))
        if number and not yes:
            typer.confirm(f"{_number(number)} match. {_ASKED[resolution]}?", abort=True)
        done, left = _carry_out(database, selected, replace(order, about=told(selected)))
        typer.echo(f"{done} {_DONE[resolution]}." + (f" {left} left as they are." if left else ""))


_ASKED = {
    Resolution.SENT: "Were they sent",
    Resolution.AGAIN: "Send them again",
    Resolution.CANCEL: "Cancel them",
}
_DONE = {
    Resolution.SENT: "counted as sent",
    Resolution.AGAIN: "scheduled again",
    Resolution.CANCEL: "cancelled",
}


def _tell_each(ids: list[UUID], order: Order, tx: SyncTransaction) -> None:
    came = tx.follow(carry_out(ids, order))
    for each in ids:
        typer.echo(f"{each}  {_told(each, order, came)}")
    if not came.done:
        raise ValueError("nothing was changed")


def _told(delivery: UUID, order: Order, came: Intervention) -> str:
    if delivery in came.done:
        return _DONE[order.resolution]
    if delivery in came.refused:
        return f"left: {came.refused[delivery]}"
    found = came.found.get(delivery)
    return f"left: it is {found.state}" if found else "left: it is in the queue, or not kept"


def _carry_out(database: SyncDatabase, selected: Selection, order: Order) -> tuple[int, int]:
    """How many were changed, and how many left; a batch a transaction, so stopping loses none."""
    done = left = 0
    after: Position | None = None
    while True:
        with database.begin() as tx:
            batch = tx.follow(next_batch(selected, after, order))
        if batch.last is None:
            return done, left
        after = batch.last
        done += len(batch.came.done)
        left += len(batch.came.refused)


def _number(number: int) -> str:
    return f"at least {number}" if number == COUNTED_UP_TO else str(number)


def _text(line: DeliveryLine) -> str:
    at = line.settled_at or line.created_at
    what = f"{line.topic} to {line.recipient_id} over {line.channel}"
    return f"{line.delivery_id}  {at:%Y-%m-%d %H:%M:%S}Z  {what}: {sentence(line.reason)}"


def _value(line: DeliveryLine) -> dict[str, str | int | None]:
    return {
        "delivery_id": str(line.delivery_id),
        "since": line.settled_at.isoformat() if line.settled_at else None,
        "topic": line.topic,
        "recipient": line.recipient_id,
        "channel": line.channel,
        "reason": line.reason,
        "sentence": sentence(line.reason),
        "attempts": line.attempts,
    }
