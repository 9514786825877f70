"""`tidings replay` and `tidings migrate --after-restore`: what a restored database forgot."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, TypeVar

import typer

from models import urls
from models.queries.planning.sources import all_sources
from models.records import Source
from models.settings import DatabaseSettings
from scheduler.commands.operator import moment
from scheduler.commands.session import acting, opened
from scheduler.planning.intake import Again
from scheduler.restoring import replay as work
from scheduler.runtime import Runtime, build_runtime

T = TypeVar("T")

Until = Annotated[
    str | None, typer.Option(help="When the lost history ended; nothing was sent later.")
]


def replay(
    source: Annotated[str, typer.Argument(help="Name of the source.")],
    since: Annotated[str, typer.Option(help="2026-11-22T14:05:00Z, or 12h ago.")],
    until: Until = None,
) -> None:
    """Offer rows again that a source kept; those that are still known are left alone.

    The others were planned in a history that is lost: they are planned with the ids they had, and
    what may have been sent is in doubt.
    """
    url = urls.configured_url()
    now = _now(url)
    begin, end = moment(since, now), _until(until, now)
    found = _source(url, source)
    offered = _run(url, lambda runtime: work.replay(runtime, found, begin, end))
    with acting("replay", url) as act:
        act.note("replayed a source", source, since=begin.isoformat(), offered=offered)
    typer.echo(f"{offered} rows of {source} were offered again. See: tidings doubt list")


def mark(url: str, restored_to: str, until: str | None) -> None:
    """Doubt of everything in a restored database that may have gone since.

    Raises:
        typer.BadParameter: One of the moments is none, or lies ahead.
    """
    now = _now(url)
    at = moment(restored_to, now)
    if at > now:
        raise typer.BadParameter(f"{restored_to} lies ahead: give the moment it was restored to")
    again = Again(at, _until(until, now))
    marked = _run(url, lambda runtime: work.mark(runtime, again))
    counted = asdict(marked)
    with acting("replay", url) as act:
        act.note("marked after a restore", at.isoformat(), after=counted)
    typer.echo(
        f"{marked.rows} deliveries may have gone since, and what came of {marked.events} events of"
        " our own outbox. See: tidings doubt list"
    )
    if marked.campaigns:
        typer.echo(
            f"{marked.campaigns} campaigns are paused, and what they may have sent since is in"
            " doubt. See: tidings campaigns list"
        )


def _until(text: str | None, now: datetime) -> datetime:
    return now if text is None else min(moment(text, now), now)


def _run(url: str, do: Callable[[Runtime], Awaitable[T]]) -> T:
    async def once() -> T:
        runtime = build_runtime(url, bundled=not DatabaseSettings().database_url)
        try:
            return await do(runtime)
        finally:
            await runtime.close()

    return asyncio.run(once())


def _now(url: str) -> datetime:
    with opened("replay", url) as database:
        return database.now()


def _source(url: str, name: str) -> Source:
    with acting("replay", url) as act:
        found = [source for source in act.tx.run(all_sources()) if source.name == name]
    if not found:
        raise ValueError(f"there is no source {name}: see `tidings sources list`")
    return found[0]
