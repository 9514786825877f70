"""`tidings campaigns`: documents, and what becomes of them, from launch to end."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from delivery.audiences import condition_of
from delivery.campaigns import asking
from delivery.campaigns.body import CampaignBody
from delivery.campaigns.document import CampaignError, Known, as_document, read_toml, stored
from delivery.campaigns.judging import Count, tally
from delivery.campaigns.launching import Launch, prepare
from delivery.campaigns.moments import UNDO
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
from models.queries.audiences import catalog as audience_catalog
from models.queries.audiences.weighing import weighed
from models.queries.campaigns import campaigns, members, orders, report as told_of, runs
from models.queries.campaigns.orders import By, Standing
from models.queries.configuring import catalog, templates
from models.query import Story
from models.reasons import sentence
from models.records import Ask, Campaign, Run, RunKind
from models.states import CampaignState
from scheduler.commands.approvals import go_past
from scheduler.commands.operator import operator
from scheduler.commands.preflight import compared, preflight
from scheduler.commands.session import Acting, acting
from scheduler.commands.wrong_use import refuse

app = typer.Typer(help="Campaigns: what goes to an audience, and when.", no_args_is_help=True)
app.command()(preflight)

Key = Annotated[str, typer.Argument(help="Key of a campaign.")]
Files = Annotated[list[Path], typer.Argument(help="A TOML file a campaign.")]
Number = Annotated[int | None, typer.Option("--run", help="The run; else the last one.")]
File = Annotated[Path, typer.Argument(help="A TOML file that says what is sent.")]
MaybeFile = Annotated[Path | None, typer.Option("--file", help="A TOML file in other words.")]
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
        for body in _read(files, reading):
            typer.echo(f"{body.key}: {' '.join(sentences(body))}")


@app.command()
def apply(files: Files) -> None:
    """Make campaigns what these files say, all of them or none; only drafts can be changed."""
    with acting("campaigns") as act:
        told = [_apply(act, body) for body in _read(files, act)]
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


def _read(files: Sequence[Path], act: Acting) -> list[CampaignBody]:
    """The campaigns in these files; everything wrong with them is said at once."""
    known = _known(act.tx)
    found: list[CampaignBody] = []
    wrong: list[str] = []
    for file in files:
        try:
            found.append(read_toml(file.read_text("utf-8"), known, act.now))
        except CampaignError as error:
            wrong += [f"{file}:{fault.line or 1}: {fault}" for fault in error.faults]
        except UnicodeDecodeError as error:
            wrong.append(f"{file} is no UTF-8 text: {error}")
    for line in wrong:
        typer.echo(line, err=True)
    if wrong:
        raise typer.Exit(1)
    return found


def _known(tx: SyncTransaction) -> Known:
    return Known(
        tx.run(catalog.topics()), tx.run(templates.live()),
        tx.run(templates.channels()), tx.run(audience_catalog.in_force()),
    )  # fmt: skip


@app.command()
def launch(key: Key) -> None:
    """Launch a campaign. It can be taken back for a minute."""
    made = _order(key, RunKind.LAUNCH)
    at = made if isinstance(made, datetime) else made.starts_at
    typer.echo(
        f"{key} is launched: its first messages go at {at:%Y-%m-%d %H:%M:%S} UTC."
        f" Take it back within {UNDO.seconds} s by `tidings campaigns undo {key}`."
    )


_FOLLOWS = {
    RunKind.EXTEND: "Who came into its audience since",
    RunKind.RETRY: "Everybody for whom it failed",
    RunKind.CORRECTION: "Everybody who got it",
    RunKind.RESEND: "Everybody who got it and did not open it",
}


@app.command()
def extend(key: Key, run: Number = None) -> None:
    """Send a campaign that went out to those who came into its audience since."""
    _follow(key, RunKind.EXTEND, run, None)


@app.command()
def retry(key: Key, run: Number = None) -> None:
    """Send it again to those for whom it failed, and to nobody who may have got it."""
    _follow(key, RunKind.RETRY, run, None)


@app.command()
def correct(key: Key, file: File, run: Number = None) -> None:
    """Send a correction, which a file says, to those who got it."""
    _follow(key, RunKind.CORRECTION, run, file)


@app.command()
def resend(key: Key, file: MaybeFile = None, run: Number = None) -> None:
    """Send it again, perhaps in other words, to those who got it and did not open it."""
    _follow(key, RunKind.RESEND, run, file)


def _follow(key: str, kind: RunKind, parent: int | None, file: Path | None) -> None:
    document = None
    if file is not None:
        with acting("campaigns") as reading:
            (body,) = _read([file], reading)
        if body.key != key:
            raise ValueError(f"{file} is about {body.key}, not about {key}: change its key")
        document = as_document(body)
    made = _order(key, kind, parent, document)
    number = made.number if isinstance(made, Run) else ""
    typer.echo(
        f"{_FOLLOWS[kind]} gets it in a minute, as run {number} of {key}. Take it back until then"
        f" by `tidings campaigns undo {key}`."
    )


def _order(
    key: str,
    kind: RunKind,
    parent: int | None = None,
    document: Mapping[str, Any] | None = None,
) -> Run | datetime:
    with acting("campaigns") as act:
        by = By(operator(), act.now)
        wanted = Launch(kind, by.who, act.now, parent, document=document)

        def prepared(at: Standing) -> Run | datetime:
            known = Known(at.topics, at.live, at.channels, at.audiences)
            made = prepare(at.campaign.document, at.runs, known, wanted)
            said = made.document if isinstance(made, Run) else at.campaign.document
            asked = _ask(act, at, stored(said))
            go_past(act, asked)
            act.tx.run(campaigns.launched_for(key, asked.weight))
            return made

        return act.tx.follow(orders.launch(key, kind, prepared, by))


def _ask(act: Acting, at: Standing, body: CampaignBody) -> Ask:
    """What the console would have somebody else look at."""
    known = Known(at.topics, at.live, at.channels, at.audiences)
    saved = body.audience and act.tx.follow(weighed(body.audience, condition_of, act.now))
    return asking.ask(at.campaign, body, known, asking.Saved(*saved) if saved else None)


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
