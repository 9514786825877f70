"""`tidings demo`: a day of activity, replayed through the outbox."""

import os
import sys
import time
from datetime import datetime
from math import isinf
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from delivery.settings import DeliverySettings, Environment
from delivery.templates.gallery import starters
from models import urls
from models.database import SyncDatabase
from scheduler.commands.pushing import install
from scheduler.commands.session import Acting
from scheduler.demo.pace import Pace, origin_of, speed_of
from scheduler.demo.play import Stop, introduce, play, taken_before
from scheduler.demo.scene import Scene
from scheduler.names import pseudonyms
from scheduler.samples import plant_catalog

err = Console(stderr=True, highlight=False, soft_wrap=True)


def _parse_speed(text: str | float) -> float:
    try:
        return speed_of(str(text))
    except ValueError:
        raise typer.BadParameter("write a number, e.g. 60, or max") from None


def demo(
    file: Annotated[
        Path | None,
        typer.Option("--from", help="A real day: JSON lines, packed or not.", dir_okay=False),
    ] = None,
    speed: Annotated[
        float,
        typer.Option(help="Times real time; max: as fast as it goes.", parser=_parse_speed),
    ] = 60,
    date: Annotated[
        datetime | None,
        typer.Option("--date", help="Which day to make up; default today.", formats=["%Y-%m-%d"]),
    ] = None,
) -> None:
    """Replay a day of activity through the outbox; the same day twice gives nothing new."""
    _refuse_production()
    stop = Stop()
    database = SyncDatabase.connect(urls.configured_url(), "tidings demo")
    try:
        now = database.now()
        plant_catalog(database, now)
        with database.begin() as tx:
            install(Acting(tx, now), [one.bundle.head.template for one in starters()])
        scene = Scene.make((date or now).date()) if file is None else Scene.read(file)
        _perform(database, scene, speed, stop)
    finally:
        database.close()


def _refuse_production() -> None:
    """People of a demo have addresses that bounce, and only outside production nobody asks them."""
    if DeliverySettings().environment is Environment.PRODUCTION:
        raise ValueError("the demo is not for production: set TIDINGS_ENVIRONMENT to dev")


def _perform(database: SyncDatabase, scene: Scene, speed: float, stop: Stop) -> None:
    err.print(f"demo: {len(scene.cast.profiles):,} people of {scene.title} are introduced")
    introduce(database, scene.cast, pseudonyms())
    known = frozenset() if isinf(speed) else taken_before(database, scene.offers)
    pace = Pace(speed, origin_of(scene.offers, known))
    began, written, total = time.monotonic(), 0, len(scene.offers)
    minutes = pace.lasts(scene.offers) / 60
    err.print(f"demo: its {total:,} rows follow, the last of them in {minutes:.0f} min")
    with _bar() as bar:
        task = bar.add_task("demo", total=total)
        for rows in play(database, scene.offers, pace, stop):
            written += rows
            bar.update(task, completed=written)
    rate = written / max(time.monotonic() - began, 0.001)
    left = "" if written == total else f", {total - written:,} are left: run it again to go on"
    err.print(f"demo: {written:,} rows written to the outbox, {rate:,.0f} a second{left}")
    err.print("demo: what of it people were spared, and by what: tidings noise")


class _Rate(ProgressColumn):
    """Rows a second, lately."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0:,.0f}/s")


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
        console=err,
        disable=not _in_foreground(),
    )


def _in_foreground() -> bool:
    """Whether the terminal is ours to draw on; beside other services it is not."""
    try:
        return os.tcgetpgrp(sys.stderr.fileno()) == os.getpgrp()
    except OSError:
        return False
