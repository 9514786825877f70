"""`tidings domains`: in whose name mail is sent, what signs it, and what DNS says of that."""

import asyncio
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from delivery.domains.dkim import zone_line
from delivery.domains.history import read
from delivery.domains.inquiries import Condition
from delivery.domains.names import read_domain
from delivery.domains.senders import public_key
from delivery.domains.signing_keys import KeyState, leave_until, signing as signs, state, waiting
from delivery.resolving.resolver import Resolver
from delivery.settings import DeliverySettings
from delivery.signing.keyring import new_keys
from models.database import SyncTransaction
from models.queries.configuring import domain_checks, signing
from models.records import Algorithm, SigningKey
from scheduler.commands.lines import line
from scheduler.commands.session import Acting, acting, opened
from scheduler.examining.checkup_domains import result
from scheduler.keeping.domains import keep, look_at, own_vault, to_check

app = typer.Typer(help="Sending domains, their DKIM keys and DNS.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="DOMAIN", help="Like example.com.")]
Selector = Annotated[str, typer.Argument(help="Of the key: see `tidings domains keys`.")]


class Wanted(StrEnum):
    """Which keys are made."""

    RSA = "rsa"
    ED25519 = "ed25519"
    BOTH = "both"

    @property
    def algorithms(self) -> tuple[Algorithm, ...]:
        """Of the keys."""
        return tuple(Algorithm) if self is Wanted.BOTH else (Algorithm(self.value),)


Kind = Annotated[Wanted, typer.Option("--algorithm", help="ed25519 is a second signature.")]


@app.command()
def add(domain: Name, algorithm: Kind = Wanted.RSA) -> None:
    """Send in a domain's name: make its first keys, and say what to publish."""
    name = read_domain(domain)
    with acting("domains") as act:
        if not act.tx.run(signing.add_domain(name, act.now)):
            raise ValueError(f"{name} is there: see `tidings domains keys {name}`")
        _make(act, name, algorithm)
        act.note("added a sending domain", name)
    _told(name, "A worker looks for it each minute, and signs once it is there.")


@app.command()
def rotate(domain: Name, algorithm: Kind = Wanted.RSA) -> None:
    """Make new keys; they sign in the place of the old ones once their records are seen."""
    name = read_domain(domain)
    with acting("domains") as act:
        _expect(act.tx, name)
        _make(act, name, algorithm)
    _told(name, "Until it is there, the old key signs.")


def _make(act: Acting, domain: str, wanted: Wanted) -> None:
    known = act.tx.run(signing.keys_of(domain))
    for key in new_keys(domain, known, wanted.algorithms, act.now, own_vault(DeliverySettings())):
        act.tx.run(signing.add_key(key))
        act.note("made a signing key", public_key(key).name, algorithm=key.algorithm)
    act.tx.run(domain_checks.hurry(domain, act.now))


def _expect(tx: SyncTransaction, domain: str) -> None:
    (found,) = tx.run(signing.lock_domain(domain)) or (None,)
    if found is None or found.retired_at is not None:
        raise ValueError(f"{domain} is no sending domain: run `tidings domains add {domain}`")


def _told(domain: str, then: str) -> None:
    with acting("domains") as act:
        new = waiting(act.tx.run(signing.keys_of(domain)))
    typer.echo("Publish in DNS:\n")
    for key in new:
        typer.echo(f"{zone_line(public_key(key))}\n")
    typer.echo(then)


@app.command("list")
def list_() -> None:
    """Show the domains, what signs in their names, and how their last check went."""
    with acting("domains") as act:
        roster = act.tx.follow(signing.roster())
        checks = {one.domain: one for one in act.tx.run(domain_checks.checks())}
    table = Table("Domain", "Signs", "Waits", "Checked", "Wrong", box=None, pad_edge=False)
    for one in roster.domains:
        ours = [key for key in roster.keys if key.domain == one.domain]
        check = checks.get(one.domain)
        kept = [] if check is None else read(check.verdicts)
        wrong = [each.verdict.check for each in kept if each.verdict.condition is Condition.WRONG]
        table.add_row(
            f"{one.domain} (retired)" if one.retired_at else one.domain,
            _names(signs(ours)), _names(waiting(ours)),
            _moment(None if check is None else check.checked_at), ", ".join(sorted(set(wrong))),
        )  # fmt: skip
    Console().print(table if roster.domains else "None: see `tidings domains add`.")


def _names(keys: list[SigningKey]) -> str:
    return ", ".join(f"{key.selector} ({key.algorithm})" for key in keys)


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "never"


@app.command()
def keys(domain: Name) -> None:
    """Show a domain's keys and the records to publish; never a private half."""
    name = read_domain(domain)
    with acting("domains") as act:
        found = act.tx.run(signing.keys_of(name))
    if not found:
        raise ValueError(f"{name} has no keys: run `tidings domains add {name}`")
    for key in found:
        _show(key, act.now)


def _show(key: SigningKey, now: datetime) -> None:
    found, public = state(key, now), public_key(key)
    until = f" Until {_moment(leave_until(key))} UTC." if found is KeyState.LEAVING else ""
    typer.echo(f"{key.selector} ({key.algorithm}, made {_moment(key.made_at)} UTC)")
    typer.echo(f"{found.sentence}{until}\n")
    if found is KeyState.REMOVABLE:
        typer.echo(f"  {public.name}\n")
        return
    typer.echo(f"{zone_line(public)}\n")
    typer.echo(f"The same in one piece, TXT of {public.name}:\n{public.text}\n")


@app.command()
def check(domain: Name) -> None:
    """Ask DNS now; a new key whose record is there signs from then on."""
    name = read_domain(domain)
    settings = DeliverySettings()
    with opened("domains") as database:
        now = database.now()
        with database.begin() as tx:
            roster = tx.follow(signing.roster())
        found = {one.domain: one for one in to_check(settings, own_vault(settings), roster, now)}
        if name not in found:
            raise ValueError(f"{name} is no sending domain: run `tidings domains add {name}`")
        sender = found[name]
        seen = asyncio.run(look_at(sender, roster.keys, Resolver(settings.dns_servers).ask))
        with database.begin() as tx:
            tx.run(domain_checks.expect([name], now))
            tx.follow(keep(sender, seen, now))
    results = [result(name, verdict) for verdict in seen.verdicts]
    for one in results:
        typer.echo(line(one))
    for key in seen.appeared:
        typer.echo(f"{key.selector} signs from now on.")
    raise typer.Exit(1 if any(one.advice for one in results) else 0)


@app.command()
def sign(
    domain: Name,
    selector: Selector,
    reason: Annotated[str, typer.Option(help="Why; people read it.", prompt=True)],
) -> None:
    """Let a new key sign although nobody has seen its record."""
    name = read_domain(domain)
    if not reason.strip():
        raise ValueError("give a reason: others will read it")
    with acting("domains") as act:
        _expect(act.tx, name)
        key = _key(act.tx, name, selector)
        if not act.tx.follow(signing.begin_signing(key, act.now)):
            raise ValueError(f"{selector} does not wait: see `tidings domains keys {name}`")
        act.note("let a key sign unseen", public_key(key).name, why=reason.strip())
    typer.echo(f"{selector} signs, within seconds on every worker.")


def _key(tx: SyncTransaction, domain: str, selector: str) -> SigningKey:
    found = {key.selector: key for key in tx.run(signing.keys_of(domain))}
    if selector not in found:
        raise ValueError(f"{domain} has no key {selector!r}: see `tidings domains keys {domain}`")
    return found[selector]


@app.command()
def retire(
    domain: Name,
    reason: Annotated[str, typer.Option(help="Why; people read it.", prompt=True)],
    selector: Annotated[str | None, typer.Option(help="This key alone.")] = None,
) -> None:
    """Sign nothing more with a key, or nothing at all in a domain's name."""
    name = read_domain(domain)
    if not reason.strip():
        raise ValueError("give a reason: others will read it")
    with acting("domains") as act:
        _expect(act.tx, name)
        if selector is not None:
            key = _key(act.tx, name, selector)
            if not act.tx.run(signing.end_key(name, selector, act.now)):
                raise ValueError(f"{selector} signs nothing any more")
            act.note("retired a key", public_key(key).name, why=reason.strip())
        else:
            ended = act.tx.follow(signing.retire_domain(name, act.now))
            act.note("retired a sending domain", name, why=reason.strip(), keys=ended)
    typer.echo(f"Leave its records in DNS for a week: see `tidings domains keys {name}`.")
