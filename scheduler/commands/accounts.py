"""`tidings accounts`: which provider accounts there are, how they fare, how fast they may go."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.table import Table

from delivery.errors import AccountError
from delivery.providers.smtp.target import read_target
from delivery.registry import all_providers
from models import schema
from models.database import SyncDatabase, SyncTransaction
from models.people import AuditEntry
from models.queries import accounts, catalog, controls, people, traffic
from models.records import Account, AccountLimit, Breaker
from scheduler.commands.operator import operator

app = typer.Typer(help="Provider accounts; secrets are never shown.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The account's name.")]
Url = Annotated[str, typer.Argument(help="How to reach it; - reads it from stdin.")]
Priority = Annotated[int | None, typer.Option(help="Higher goes first.", min=0, max=99)]
Weight = Annotated[int | None, typer.Option(help="Share among equals.", min=1, max=999)]


@dataclass(frozen=True, slots=True)
class _Acting:
    tx: SyncTransaction
    now: datetime

    def note(self, action: str, subject: str, **detail: object) -> None:
        entry = AuditEntry(self.now, operator(), action, subject, detail)
        self.tx.run(people.write_audit(entry))

    def account(self, name: str) -> Account:
        found = {one.key: one for one in self.tx.run(catalog.accounts())}
        if name not in found:
            raise ValueError(f"there is no account {name}: see `tidings accounts list`")
        return found[name]


@contextmanager
def _acting() -> Iterator[_Acting]:
    database = SyncDatabase.connect(schema.configured_url(), "tidings accounts", 1)
    try:
        now = database.now()
        with database.begin() as tx:
            yield _Acting(tx, now)
    finally:
        database.close()


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
    with _acting() as acting:
        if not acting.tx.run(accounts.add_account(made, acting.now)):
            raise ValueError(f"account {name} exists: see `tidings accounts update {name}`")
        acting.note("added an account", name, provider=provider, where=where(made.url))
    typer.echo(f"{name} carries {carried} from now on.")


@app.command()
def update(
    name: Name,
    url: Annotated[str | None, typer.Option(help="Its new URL; - reads it from stdin.")] = None,
    priority: Priority = None,
    weight: Weight = None,
) -> None:
    """Give an account another URL, priority or weight."""
    with _acting() as acting:
        old = acting.account(name)
        new = replace(
            old,
            url=old.url if url is None else _url(url),
            priority=old.priority if priority is None else priority,
            weight=old.weight if weight is None else weight,
        )
        _check(new)
        acting.tx.run(accounts.change_account(new, acting.now))
        acting.note("changed an account", name, where=where(new.url), priority=new.priority)
    typer.echo(f"{name} is changed.")


@app.command()
def disable(name: Name) -> None:
    """Use an account no longer: others carry its messages, or they are held."""
    with _acting() as acting:
        acting.tx.run(
            accounts.change_account(replace(acting.account(name), enabled=False), acting.now)
        )
        acting.note("disabled an account", name)
    typer.echo(f"{name} is used no longer.")


@app.command()
def enable(name: Name) -> None:
    """Use an account again."""
    with _acting() as acting:
        acting.tx.run(
            accounts.change_account(replace(acting.account(name), enabled=True), acting.now)
        )
        acting.note("enabled an account", name)
    typer.echo(f"{name} is used again.")


@app.command()
def limit(
    name: Name,
    per_minute: Annotated[int, typer.Argument(help="Messages a minute; 0: no limit.", min=0)],
    to: Annotated[str, typer.Option(help="A group such as google, a domain, or all.")] = "all",
) -> None:
    """Bound what goes over an account, of all workers together."""
    with _acting() as acting:
        if per_minute:
            acting.tx.run(accounts.set_limit(AccountLimit(name, to.lower(), per_minute)))
        else:
            acting.tx.run(accounts.lift_limit(name, to.lower()))
        acting.note("limited an account", name, to=to.lower(), per_minute=per_minute)
    told = f"{per_minute} a minute" if per_minute else "as much as it likes"
    typer.echo(f"{name} sends {told} to {to.lower()}.")


@app.command("warm-up")
def warm_up(
    domain: Annotated[str, typer.Argument(help="The domain of TIDINGS_MAIL_FROM.")],
    since: Annotated[str | None, typer.Option(help="Its first day, YYYY-MM-DD.")] = None,
    off: Annotated[bool, typer.Option("--off", help="It is warm.")] = False,  # noqa: FBT002
) -> None:
    """Let a new sending domain grow from 50 to 100,000 mails a day in 16 days."""
    with _acting() as acting:
        first = acting.now.date() if since is None else date.fromisoformat(since)
        acting.tx.run(
            accounts.end_warm_up(domain) if off else accounts.begin_warm_up(domain, first)
        )
        acting.note("warmed a domain up", domain, since=None if off else first.isoformat())
    typer.echo(f"{domain} sends what it likes." if off else f"{domain} grows since {first}.")


@app.command("list")
def list_() -> None:
    """Show the accounts, how they fare and what bounds them."""
    with _acting() as acting:
        found = acting.tx.run(catalog.accounts())
        breakers = {one.account: one for one in acting.tx.run(traffic.breakers())}
        limits = acting.tx.run(traffic.limits())
        off = {switch.name for switch in acting.tx.run(controls.switches())}
    heads = ["Account", "Carries", "Where", "Priority", "Weight", "State", "Limits"]
    table = Table(*heads, "Last error", box=None, pad_edge=False)
    for one in found:
        bounds = ", ".join(
            f"{x.destination} {x.per_minute}" for x in limits if x.account == one.key
        )
        breaker = breakers.get(one.key)
        error = (breaker and breaker.last_error) or ""
        table.add_row(
            one.key, one.channel, where(one.url), str(one.priority), str(one.weight),
            _state(one, breaker, off), bounds, error,
        )  # fmt: skip
    Console().print(table if found else "None is named: TIDINGS_SMTP_URL is used.")


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
