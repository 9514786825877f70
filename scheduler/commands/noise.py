"""`tidings noise`: how many messages people were spared, and by what."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from delivery.simulation.noise import Noise
from delivery.simulation.replay import by_recipient
from models.database import SyncDatabase
from models.queries.sending import simulation
from scheduler.commands.session import opened
from scheduler.demo.edits import read_day
from scheduler.demo.noise import compare
from scheduler.demo.replay import begin_of
from scheduler.demo.scene import Scene
from scheduler.samples import TOPICS

Days = Annotated[int, typer.Option(min=1, max=90, help="How far back to look.")]
Json = Annotated[bool, typer.Option("--json", help="Figures for programs.")]


Day = Annotated[
    Path | None,
    typer.Option("--from", dir_okay=False, help="A day of edits instead, as `tidings demo` reads."),
]


def noise(days: Days = 7, file: Day = None, *, as_json: Json = False) -> None:
    """Count what was planned, what was sent, and what held the rest back; by topic and channel.

    With a day of edits: how many of its mails each feature would spare.
    """
    if file is not None:
        for line in compared(file):
            typer.echo(line)
        return
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


def compared(file: Path) -> Iterator[str]:
    """The mails of a day under one feature after the other, as text."""
    scene, begin = Scene.read(file), begin_of(read_day(file))
    yield f"{'mails of the day':40} {'mails':>8} {'spared':>8} {'wait':>8}"
    most = None
    for row in compare(scene.offers, scene.cast, TOPICS, begin):
        most = row.mails if most is None else most
        spared = 1 - row.mails / most if most else 0
        yield f"{row.feature:40} {row.mails:>8,} {spared:>8.0%} {row.waits:>8,}"
