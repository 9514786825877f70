"""`tidings noise`: how many messages people were spared, and by what."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Any

import typer

from delivery.simulation.noise import Noise
from delivery.simulation.replay import by_recipient
from models.database import SyncDatabase
from models.queries import simulation
from scheduler.commands.session import opened

Days = Annotated[int, typer.Option(min=1, max=90, help="How far back to look.")]
Json = Annotated[bool, typer.Option("--json", help="Figures for programs.")]


def noise(days: Days = 7, *, as_json: Json = False) -> None:
    """Count what was planned, what was sent, and what held the rest back; by topic and channel."""
    with opened("noise") as database:
        found = _look(database, timedelta(days=days))
    if as_json:
        typer.echo(json.dumps(_figures(found), indent=2))
        return
    for line in lines(found):
        typer.echo(line)


def _look(database: SyncDatabase, span: timedelta) -> Noise:
    found, since = Noise(), database.now() - span
    for part in simulation.parts():
        with database.begin() as tx:
            past = tx.follow(simulation.past(part, since, ()))
        for recipient, recorded in by_recipient(past).items():
            found.add(recipient, recorded)
    return found


def lines(found: Noise) -> Iterator[str]:
    """The report as text."""
    yield f"{'topic':28} {'channel':10} {'planned':>10} {'messages':>10}"
    for where in sorted(found.planned | found.messages):
        topic, channel = where
        yield f"{topic:28} {channel:10} {found.planned[where]:>10,} {found.messages[where]:>10,}"
        for (*there, why), number in sorted(found.spared.items()):
            if tuple(there) == where:
                yield f"{'':28} {'':10} {number:>10,} {why}"
        if found.waiting[where]:
            yield f"{'':28} {'':10} {found.waiting[where]:>10,} still waiting"
    if found.people:
        yield "\nSpared most:"
        for one in found.people:
            yield f"  {one.recipient_id:40} {one.planned:>8,} → {one.messages:,}"


def _figures(found: Noise) -> dict[str, Any]:
    return {
        "topics": [
            {
                "topic": topic, "channel": channel, "planned": found.planned[topic, channel],
                "messages": found.messages[topic, channel],
                "waiting": found.waiting[topic, channel],
                "spared": {
                    why: number for (*where, why), number in sorted(found.spared.items())
                    if where == [topic, channel]
                },
            }
            for topic, channel in sorted(found.planned | found.messages)
        ],
        "people": [
            {"recipient": one.recipient_id, "planned": one.planned, "messages": one.messages}
            for one in found.people
        ],
    }  # fmt: skip
