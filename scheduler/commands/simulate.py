"""`tidings simulate`: what other caps, quiet hours and digests would have made of the past."""

import json
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from delivery.simulation import run
from delivery.simulation.proposal import Proposal, propose
from delivery.simulation.tally import LAGS, LATER, Tally
from models.database import SyncDatabase
from models.queries.configuring import catalog
from models.queries.sending import simulation
from scheduler.commands.rulebook_file import read_file
from scheduler.commands.session import opened

Policy = Annotated[
    Path, typer.Argument(help="A rulebook as `tidings rules` reads it; also [topics.KEY] digest.")
]
Days = Annotated[int, typer.Option(min=1, max=90, help="How far back the past goes.")]
Json = Annotated[bool, typer.Option("--json", help="Figures for programs.")]


def simulate(policy: Policy, days: Days = 7, *, as_json: Json = False) -> None:
    """Decide the last days again under other rules; nothing is sent, nothing is written."""
    with opened("simulate") as database:
        proposal = _proposal(policy, database)
        began = time.monotonic()
        tally = _follow(database, proposal, timedelta(days=days))
        took = time.monotonic() - began
    if as_json:
        typer.echo(json.dumps(_figures(tally), indent=2))
        return
    typer.echo(f"{tally.decisions:,} decisions in {took:.1f} s.\n")
    for line in lines(tally):
        typer.echo(line)


def _proposal(policy: Path, database: SyncDatabase) -> Proposal:
    with database.begin() as tx:
        topics = tx.run(catalog.topics())
    return read_file(policy, lambda document: propose(document, topics))[1]


def _follow(database: SyncDatabase, proposal: Proposal, span: timedelta) -> Tally:
    """Run it to its end, with a bar where somebody watches."""
    parts = simulation.parts()

    def load(part: str, since: datetime) -> Any:
        with database.begin() as tx:
            return tx.follow(simulation.past(part, since, proposal.asks_events))

    tally = Tally()
    steps = run.simulate(load, parts, proposal, database.now(), span)
    with typer.progressbar(steps, length=len(parts), file=sys.stderr) as bar:
        for tally in bar:
            bar.label = f"{tally.decisions:,} decisions"
    return tally


def lines(tally: Tally) -> Iterator[str]:
    """The report as text."""
    before, after = tally.messages
    yield f"Messages: {before:,} went; {after:,} would have gone ({_change(before, after)})."
    yield ""
    yield f"{'topic':28} {'outcome':28} {'was':>10} {'would be':>10}"
    for subject, outcome in sorted({*tally.before, *tally.after}, key=str):
        was, would = tally.before[subject, outcome], tally.after[subject, outcome]
        yield f"{_name(subject):28} {outcome:28} {was:>10,} {would:>10,}"
    for (subject, reason), number in sorted(tally.held.items(), key=str):
        yield f"{_name(subject):28} {'held for ' + reason:28} {'':>10} {number:>10,}"
    yield ""
    for name in (*(name for name, _ in LAGS), LATER):
        yield f"{'sent ' + name:57} {'':>10} {tally.lags[name]:>10,}"
    if tally.affected:
        yield "\nMost affected:"
        for one in tally.affected:
            yield f"  {one.recipient_id:40} {one.before:>8,} → {one.after:,}"


def _name(subject: tuple[str, str | None]) -> str:
    topic, campaign = subject
    return topic if campaign is None else f"{topic} / {campaign}"


def _change(before: int, after: int) -> str:
    return f"{(after - before) / before:+.0%}" if before else "nothing to compare with"


def _figures(tally: Tally) -> dict[str, Any]:
    def counted(counts: Any) -> list[dict[str, Any]]:
        return [
            {"topic": topic, "campaign": campaign, "outcome": outcome, "count": number}
            for ((topic, campaign), outcome), number in sorted(counts.items(), key=str)
        ]

    return {
        "decisions": tally.decisions,
        "recipients": tally.recipients,
        "messages": dict(zip(("before", "after"), tally.messages, strict=True)),
        "before": counted(tally.before),
        "after": counted(tally.after),
        "held": counted(tally.held),
        "lags": dict(tally.lags),
        "affected": [
            {"recipient": one.recipient_id, "before": one.before, "after": one.after}
            for one in tally.affected
        ],
    }
