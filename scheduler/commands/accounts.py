"""`tidings accounts`: which provider accounts there are, how they fare, how fast they may go."""

import sys
from dataclasses import replace
from datetime import date
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Table

from delivery.errors import AccountError
from delivery.providers.smtp.target import read_target
from delivery.registry import all_providers
from delivery.roads.prices import read_price
from models.database import SyncTransaction
from models.queries.configuring import accounts, controls, traffic
from models.records import Account, AccountLimit, Breaker
from scheduler.commands.session import acting

app = typer.Typer(help="Provider accounts; secrets are never shown.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The account's name.")]
Url = Annotated[str, typer.Argument(help="How to reach it; - reads it from stdin.")]
Priority = Annotated[int | None, typer.Option(help="Higher goes first.", min=0, max=99)]
Weight = Annotated[int | None, typer.Option(help="Share among equals.", min=1, max=999)]


@app.command()
def add(
    name: Name,
    url: Url,
    provider: Annotated[str, typer.Option(help="The vendor's key.")] = "smtp",
    priority: Priority = None,
    weight: Weight = None,
) -> None:
    """Use one more account. From the first one on, TIDINGS_SMTP_URL is used no longer."""
    carried = _carried(provider)
    made = Account(name, provider, carried, _url(url), priority or 0, weight or 1)
    _check(made)
    with acting("accounts") as act:
        if not act.tx.run(accounts.add_account(made, act.now)):
            raise ValueError(f"account {name} exists: see `tidings accounts update {name}`")
        act.note("added an account", name, provider=provider, where=where(made.url))
    typer.echo(f"{name} carries {carried} from now on.")


@app.command()
def update(
    name: Name,
    url: Annotated[str | None, typer.Option(help="Its new URL; - reads it from stdin.")] = None,
    priority: Priority = None,
    weight: Weight = None,
) -> None:
    """Give an account another URL, priority or weight."""
    with acting("accounts") as act:
        old = _account(act.tx, name)
        new = replace(
            old,
            url=old.url if url is None else _url(url),
            priority=old.priority if priority is None else priority,
            weight=old.weight if weight is None else weight,
        )
        _check(new)
        act.tx.run(accounts.change_account(new, act.now))
        act.note("changed an account", name, where=where(new.url), priority=new.priority)
    typer.echo(f"{name} is changed.")


@app.command()
def disable(name: Name) -> None:
    """Use an account no longer: others carry its messages, or they are held."""
    with acting("accounts") as act:
        act.tx.run(accounts.change_account(replace(_account(act.tx, name), enabled=False), act.now))
        act.note("disabled an account", name)
    typer.echo(f"{name} is used no longer.")


@app.command()
def enable(name: Name) -> None:
    """Use an account again."""
    with acting("accounts") as act:
        act.tx.run(accounts.change_account(replace(_account(act.tx, name), enabled=True), act.now))
        act.note("enabled an account", name)
    typer.echo(f"{name} is used again.")


@app.command()
def limit(
    name: Name,
    per_minute: Annotated[int, typer.Argument(help="Messages a minute; 0: no limit.", min=0)],
    to: Annotated[str, typer.Option(help="A group such as google, a domain, or all.")] = "all",
) -> None:
    """Bound what goes over an account, of all workers together."""
    with acting("accounts") as act:
        if per_minute:
            act.tx.run(accounts.set_limit(AccountLimit(name, to.lower(), per_minute)))
        else:
            act.tx.run(accounts.lift_limit(name, to.lower()))
        act.note("limited an account", name, to=to.lower(), per_minute=per_minute)
    told = f"{per_minute} a minute" if per_minute else "as much as it likes"
    typer.echo(f"{name} sends {told} to {to.lower()}.")


@app.command()
def price(
    name: Name,
    amount: Annotated[str, typer.Argument(help="Of 1,000 messages, such as 0.80; or none.")],
) -> None:
    """Say what an account costs, in TIDINGS_CURRENCY; pre-flights of campaigns reckon with it."""
    wanted = None if amount == "none" else read_price(amount)
    with acting("accounts") as act:
        old = _account(act.tx, name)
        act.tx.run(accounts.set_price(name, wanted))
        told = {"before": str(old.price), "after": str(wanted)}
        act.note("priced an account", name, **told)
    typer.echo(f"{name} has no price." if wanted is None else f"{name}: {wanted:f} for 1,000.")


@app.command("warm-up")
def warm_up(
    domain: Annotated[str, typer.Argument(help="The domain of TIDINGS_MAIL_FROM.")],
    since: Annotated[str | None, typer.Option(help="Its first day, YYYY-MM-DD.")] = None,
    off: Annotated[bool, typer.Option("--off", help="It is warm.")] = False,  # noqa: FBT002
) -> None:
    """Let a new sending domain grow from 50 to 100,000 mails a day in 16 days."""
    with acting("accounts") as act:
        first = act.now.date() if since is None else date.fromisoformat(since)
        act.tx.run(accounts.end_warm_up(domain) if off else accounts.begin_warm_up(domain, first))
        act.note("warmed a domain up", domain, since=None if off else first.isoformat())
    typer.echo(f"{domain} sends what it likes." if off else f"{domain} grows since {first}.")


@app.command("list")
def list_() -> None:
    """Show the accounts, how they fare and what bounds them."""
    with acting("accounts") as act:
        found = act.tx.run(accounts.all_accounts())
        breakers = {one.account: one for one in act.tx.run(traffic.breakers())}
        limits = act.tx.run(traffic.limits())
        off = {switch.name for switch in act.tx.run(controls.switches())}
    heads = ["Account", "Carries", "Where", "Priority", "Weight", "State", "Limits"]
    table = Table(*heads, "Last error", box=None, pad_edge=False)
    for one in found:
        price = [] if one.price is None else [f"costs {one.price:f}"]
        bounds = ", ".join(
            [*(f"{x.destination} {x.per_minute}" for x in limits if x.account == one.key), *price]
        )
        breaker = breakers.get(one.key)
        error = (breaker and breaker.last_error) or ""
        table.add_row(
            one.key, one.channel, where(one.url), str(one.priority), str(one.weight),
            _state(one, breaker, off), bounds, error,
        )  # fmt: skip
    Console().print(table if found else "None is named: TIDINGS_SMTP_URL is used.")


def _account(tx: SyncTransaction, name: str) -> Account:
    found = {one.key: one for one in tx.run(accounts.all_accounts())}
    if name not in found:
        raise ValueError(f"there is no account {name}: see `tidings accounts list`")
    return found[name]


def _state(account: Account, breaker: Breaker | None, off: set[str]) -> str:
    if not account.enabled:
        return "disabled"
    if f"account:{account.key}" in off:
        return "switched off"
    return "closed" if breaker is None else breaker.state


def where(url: str) -> str:
    """Where an account's server is, without its credentials."""
    parts = urlsplit(url)
    return f"{parts.hostname or '?'}{f':{parts.port}' if parts.port else ''}"


def _url(given: str) -> str:
    return sys.stdin.readline().strip() if given == "-" else given


def _carried(provider: str) -> str:
    """The channel that a provider carries."""
    known = all_providers()
    if provider not in known:
        raise ValueError(f"{provider} is no provider: there are {', '.join(known)}")
    return min(known[provider].carries)


def _check(account: Account) -> None:
    """Refuse a URL that no worker could use."""
    if account.provider == "smtp":
        try:
            read_target(account.url)
        except AccountError as error:
            raise ValueError(str(error)) from None
