"""`tidings reputation`: how we fare with receivers; holding promotional mail, letting it go."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Column, Table

from delivery.reputation.rates import badness
from delivery.reputation.scopes import expect, read_scope
from delivery.reputation.sentences import advice, said
from delivery.reputation.trust import held, lifted
from delivery.roads.pacing import warm_up_plan
from models.queries.configuring import catalog, traffic
from models.queries.keeping import reputations
from models.records import Measure, Rate, Reputation, Trust
from scheduler.commands.operator import operator
from scheduler.commands.session import acting

app = typer.Typer(help="Rates against the receivers' lines, and pauses at half of them.")

Name = Annotated[
    str, typer.Argument(help="domain:…, destination:DOMAIN/GROUP, topic:…, campaign:… or account:…")
]
Reason = Annotated[str, typer.Option(help="Why; people read it.", prompt=True)]
_COLOURS = {
    Trust.WATCH: "yellow",
    Trust.TRIPPED: "red",
    Trust.PROBATION: "yellow",
    Trust.HELD: "red",
}
_Change = Callable[[Reputation, str, str, datetime], Reputation]


@app.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002
) -> None:
    """Show every scope with its worst rates, and the warm-up of new domains."""
    if context.invoked_subcommand is not None:
        return
    with acting("reputation") as act:
        found = act.tx.run(reputations.reputations())
        plans = {
            domain: warm_up_plan(first, act.now.date())
            for domain, first in act.tx.run(traffic.warm_ups()).items()
        }
        used = act.tx.run(traffic.used_today(act.now.date()))
    if as_json:
        warming = {domain: _plan(plan, used.get(domain, 0)) for domain, plan in plans.items()}
        typer.echo(json.dumps({"scopes": [_told(one) for one in found], "warm_up": warming}))
        return
    _print(found)
    for domain, plan in plans.items():
        typer.echo(_warming(domain, plan, used.get(domain, 0)))


def _print(found: list[Reputation]) -> None:
    if not found:
        typer.echo("Nothing was sent in a week, or no worker has looked yet.")
        return
    heads = ["State", "Since (UTC)", *(measure.capitalize() for measure in Measure)]
    table = Table(Column("Scope", no_wrap=True), *heads, box=None, pad_edge=False)
    for one in found:
        state = f"[{_COLOURS.get(one.trust, 'green')}]{one.trust}[/]"
        worst = [_worst(one.rates, measure) for measure in Measure]
        table.add_row(one.scope, state, f"{one.since:%Y-%m-%d %H:%M}", *worst)
    Console().print(table)
    troubled = [one for one in found if one.trust is not Trust.OK]
    for one in troubled:
        typer.echo(f"{one.scope}: {one.why}{f' ({one.set_by})' if one.set_by else ''}")
    for do in dict.fromkeys(advice(one.rates) for one in troubled if one.rates):
        typer.echo(f"→ {do}")


def _worst(rates: Iterable[Rate], measure: Measure) -> str:
    of = [rate for rate in rates if rate.measure is measure and rate.of]
    return said(max(of, key=badness)) if of else "–"


def _warming(domain: str, plan: list[tuple[date, int]], used: int) -> str:
    if not plan:
        return f"{domain} is warm."
    days = ", ".join(f"{day:%d %b} {most}" for day, most in plan[1:5])
    return f"{domain} warms up: {used} of {plan[0][1]} today{f', then {days}' if days else ''}."


def _plan(plan: list[tuple[date, int]], used: int) -> dict[str, Any]:
    days = [{"day": day.isoformat(), "most": most} for day, most in plan]
    return {"used_today": used, "days": days}


def _told(one: Reputation) -> dict[str, Any]:
    """A scope for programs: moments in ISO 8601, shares null where nobody would tell."""
    fields = asdict(one) | {"rates": [asdict(rate) | {"share": rate.share} for rate in one.rates]}
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in fields.items()
    }


@app.command()
def hold(name: Name, reason: Reason) -> None:
    """Let promotional mail of a scope wait until somebody lets it go."""
    with acting("reputation") as act:
        expect(name, act.tx.run(catalog.topics()))
    _change(name, reason, held, "held a reputation")
    typer.echo(f"{name}: promotional mail waits within a second; all other goes on.")


@app.command()
def lift(name: Name, reason: Reason) -> None:
    """Let promotional mail of a paused scope go at once; what was counted counts no more."""
    _change(name, reason, lifted, "lifted a reputation's pause")
    typer.echo(f"{name}: promotional mail may go again.")


def _change(name: str, reason: str, becomes: _Change, did: str) -> None:
    scope, why = str(read_scope(name)), reason.strip()
    if not why:
        raise ValueError("give a reason: others will read it")
    with acting("reputation") as act:
        by = operator()
        act.tx.follow(
            reputations.change(scope, lambda one: becomes(one, by, why, act.now), act.now)
        )
        act.note(did, scope, why=why)
