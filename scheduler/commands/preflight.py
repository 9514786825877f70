"""`tidings campaigns preflight`: what a campaign would come to, before anything of it goes."""

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import typer

from delivery.campaigns.forecast import Forecast, as_document, difference
from delivery.campaigns.judging import Count, tally
from models import urls
from models.queries.campaigns import campaigns
from models.reasons import sentence
from models.settings import DatabaseSettings
from models.states import DeliveryState
from scheduler import collector, logs
from scheduler.campaigns.preflight import foretell
from scheduler.runtime import build_runtime
from scheduler.settings import WorkerSettings

Key = Annotated[str, typer.Argument(help="Key of a campaign.")]
Json = Annotated[bool, typer.Option("--json", help="Figures for programs.")]


def preflight(key: Key, *, as_json: Json = False) -> None:
    """Plan and decide a campaign for its whole audience; nothing is sent, the counts are kept."""
    logs.configure(WorkerSettings().log_format)
    found = asyncio.run(_foretold(key))
    if as_json:
        typer.echo(json.dumps(as_document(found), indent=2))
        return
    for line in lines(found):
        typer.echo(line)


async def _foretold(key: str) -> Forecast:
    """Run it to its end, with a bar where somebody watches."""
    url = urls.configured_url()
    runtime = build_runtime(url, bundled=not DatabaseSettings().database_url)
    collector.spare()
    try:
        with typer.progressbar(length=1, label=key, file=sys.stderr) as bar:

            async def told(done: int, of: int) -> None:
                bar.length = of
                bar.update(done - bar.pos)

            found = await foretell(runtime, key, told)
        await runtime.database.run(campaigns.foretold(key, as_document(found)))
    finally:
        await runtime.close()
    return found


def lines(found: Forecast) -> Iterator[str]:
    """The forecast as text."""
    yield f"{found.audience:,} people; {found.sent:,} messages go."
    for why, number in found.left_out.most_common():
        yield f"{number:>10,} left out: {sentence(why)}"
    for (state, reason), number in found.outcomes.most_common():
        if state != DeliveryState.SENT:
            yield f"{number:>10,} {state}: {sentence(reason) if reason else ''}".rstrip(": ")
    for why, number in found.held.most_common():
        yield f"{number:>10,} wait: {sentence(why)}"
    for hour in sorted(found.hours):
        yield f"{found.hours[hour]:>10,} from {hour:%Y-%m-%d %H:%M} UTC"
    if found.ends_at is not None:
        yield f"The last one goes at {found.ends_at:%Y-%m-%d %H:%M} UTC."
    for (topic, campaign), number in found.others.most_common():
        what = f"campaign {campaign}" if campaign else f"news of {topic}"
        yield f"{number:>10,} of them get {what} in the same days."
    yield from _costs(found)


def _costs(found: Forecast) -> Iterator[str]:
    for account, number in found.accounts.most_common():
        cost = found.costs.get(account)
        priced = "no price" if cost is None else f"{cost} {found.currency}"
        yield f"{number:>10,} over {account}: {priced}"
    if found.costs:
        yield f"It costs {sum(found.costs.values())} {found.currency}."


def compared(stored: Mapping[str, Any] | None, counts: Sequence[Count]) -> Iterator[str]:
    """What was foretold of a run against what happened in it; nothing while nothing did."""
    if stored is None:
        return
    happened = [one for one in counts if one.cohort.startswith(f"{stored['run']}/")]
    if not happened:
        return
    for one in difference(stored, tally(happened)):
        what = f"{one.state} {one.reason}".rstrip()
        yield f"foretold {one.foretold}, {one.happened} came ({one.difference:+}): {what}"
