"""`tidings campaigns`: documents, and what becomes of them, from launch to end."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from delivery.campaigns.body import CampaignBody
from delivery.campaigns.document import as_document
from delivery.campaigns.judging import Count, tally
from delivery.campaigns.reporting import (
    RATE_OVER,
    Funnel,
    by_variant,
    eligible,
    ends_at,
    funnel_line,
    rate_line,
)
from delivery.campaigns.sentences import sentences
from delivery.campaigns.statistics import Share
from delivery.rulebook.writing import as_toml
from models.database import SyncTransaction
from models.queries.campaigns import campaigns, members, orders, report as told_of, runs
from models.queries.campaigns.orders import By
from models.query import Story
from models.reasons import sentence
from models.records import Campaign, Run
from models.states import CampaignState
from scheduler.commands.launching import Key, bodies, correct, extend, launch, resend, retry
from scheduler.commands.operator import operator
from scheduler.commands.preflight import compared, preflight
from scheduler.commands.session import Acting, acting
from scheduler.commands.wrong_use import refuse

app = typer.Typer(help="Campaigns: what goes to an audience, and when.", no_args_is_help=True)
for each in (preflight, launch, extend, retry, correct, resend):
    app.command()(each)

Files = Annotated[list[Path], typer.Argument(help="A TOML file a campaign.")]
Reason = Annotated[str, typer.Option(help="Why; people read it.", prompt=True)]


@app.command("list")
def list_() -> None:
    """Show all campaigns and how they stand."""
    with acting("campaigns") as reading:
        found = reading.tx.run(campaigns.campaigns())
    table = Table("Campaign", "State", "Topic", "Title", box=None, pad_edge=False)
    for one in found:
        table.add_row(one.key, one.state, one.topic, one.title)
    Console().print(table)


@app.command()
def show(key: Key) -> None:
    """Print a campaign's document, and on stderr how its runs stand."""
    with acting("campaigns") as reading:
        found = _found(reading.tx, key)
        known = reading.tx.run(runs.of_campaign(key))
        for run in known:
            typer.echo(_told(run, reading.tx.run(members.outcomes(run.run))), err=True)
    typer.echo(as_toml(found.document), nl=False)


def _found(tx: SyncTransaction, key: str) -> Campaign:
    found = tx.run(campaigns.campaign(key))
    if found is None:
        refuse(f"there is no campaign {key}: see `tidings campaigns list`")
    return found


def _told(run: Run, outcomes: dict[str | None, int]) -> str:
    out = "".join(
        f"; {number} left out: {sentence(why)}" for why, number in outcomes.items() if why
    )
    people = "being frozen" if run.eligible is None else f"{run.eligible} people"
    return f"Run {run.number} ({run.kind}) is {run.state}: {people}{out}"


@app.command()
def report(key: Key) -> None:
    """Show what became of a campaign: who got it, what they did, and how sure that is."""
    with acting("campaigns") as reading:
        _found(reading.tx, key)
        known = reading.tx.run(runs.of_campaign(key))
        counts = [Count(*row) for row in reading.tx.run(told_of.counts(key))]
        waiting = reading.tx.run(told_of.waiting(key))
        foretold = reading.tx.run(campaigns.forecast(key))
        paces = reading.tx.run(told_of.paces([key], reading.now - RATE_OVER))
    lately = paces[key].lately if key in paces else 0
    typer.echo(funnel_line(Funnel(key, eligible(known), tally(counts), waiting)))
    for variant, told in by_variant(counts).items():
        for name, hits in (("opened", told.opened), ("clicked", told.clicked)):
            share = Share(min(hits, told.handed_over), told.handed_over)
            typer.echo(rate_line(f"{variant or 'all'} {name}", share))
    for line in compared(foretold, counts):
        typer.echo(line)
    if (end := ends_at(sum(waiting.values()), lately, reading.now)) is not None:
        typer.echo(f"At this pace it ends at {end:%Y-%m-%d %H:%M} UTC.")


@app.command()
def check(files: Files) -> None:
    """Check files against what there is; nothing is changed."""
    with acting("campaigns") as reading:
        for body in bodies(files, reading):
            typer.echo(f"{body.key}: {' '.join(sentences(body))}")


@app.command()
def apply(files: Files) -> None:
    """Make campaigns what these files say, all of them or none; only drafts can be changed."""
    with acting("campaigns") as act:
        told = [_apply(act, body) for body in bodies(files, act)]
    for line in told:
        typer.echo(line)


def _apply(act: Acting, body: CampaignBody) -> str:
    document = as_document(body)
    if act.tx.run(campaigns.add(document, operator(), act.now)):
        act.note("made a campaign", body.key, after=document)
        return f"{body.key} is made: see `tidings campaigns launch {body.key}`."
    before = act.tx.follow(orders.find(body.key))
    if before.document == document:
        return f"{body.key} is like that already."
    if before.state is not CampaignState.DRAFT:
        raise ValueError(f"{body.key} is {before.state}: only a draft can be changed")
    act.tx.run(campaigns.save(document, before.revision, operator(), act.now))
    act.note("changed a campaign", body.key, before=before.document, after=document)
    return f"{body.key} is changed."


@app.command()
def undo(key: Key) -> None:
    """Take the last launch back, while nothing of it has gone."""
    with acting("campaigns") as act:
        run = act.tx.follow(orders.undo(key, By(operator(), act.now)))
    what = key if run is None else f"Run {run.number} of {key}"
    typer.echo(f"{what} is taken back: nobody got anything of it.")


@app.command()
def pause(key: Key, reason: Reason) -> None:
    """Let nothing more of a campaign leave, within a second."""
    _do(key, reason, orders.pause)
    typer.echo(f"{key} is paused: within a second, every worker holds what is left of it.")


@app.command()
def resume(key: Key) -> None:
    """Let a paused campaign go on where it stopped."""
    _do(key, "", orders.resume)
    typer.echo(f"{key} goes on.")


@app.command()
def cancel(key: Key, reason: Reason) -> None:
    """End a campaign for good: what waits is cancelled, what was sent stays sent."""
    _do(key, reason, orders.cancel)
    typer.echo(f"{key} is cancelled: what waits of it is taken out of the queue.")


def _do(key: str, reason: str, order: Callable[[str, By], Story[None]]) -> None:
    with acting("campaigns") as act:
        act.tx.follow(order(key, By(operator(), act.now, reason.strip())))
