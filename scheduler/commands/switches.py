"""`tidings switch`: stop deliveries now, and let them go again."""

from collections.abc import Callable, Container
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from delivery.registry import all_channels
from delivery.roads.switches import Scope, Target, read_target
from delivery.settings import DeliverySettings
from models.database import SyncTransaction
from models.queries.configuring import catalog, controls
from models.queries.configuring.accounts import all_accounts
from models.records import ApprovalKind, Ask, Switch
from scheduler.commands.approvals import go_past
from scheduler.commands.operator import operator
from scheduler.commands.session import acting
from scheduler.runtime import own_account

app = typer.Typer(help="Stop deliveries now; they are held, not lost.", no_args_is_help=True)

Name = Annotated[
    str, typer.Argument(help="all, class:…, topic:…, campaign:…, channel:… or account:…")
]
Reason = Annotated[str, typer.Option(help="Why; people read it.", prompt=True)]


@app.command("set")
def set_(name: Name, reason: Reason) -> None:
    """Turn a switch on. Critical deliveries stop only by all, their class or their topic."""
    target = read_target(name)
    with acting("switch") as act:
        _expect(act.tx, target)
        act.tx.run(controls.set_switch(Switch(str(target), reason, operator(), act.now)))
        act.note("set a kill switch", str(target), why=reason)
        go_past(act, Ask(ApprovalKind.SWITCH, str(target), {}))
    typer.echo(f"{target} is stopped: within a second, every worker holds what it covers.")


@app.command()
def lift(name: Name) -> None:
    """Turn a switch off: what it held goes again."""
    target = read_target(name)
    with acting("switch") as act:
        if not act.tx.run(controls.lift_switch(str(target))):
            raise ValueError(f"no switch {target} is on: see `tidings switch list`")
        act.note("lifted a kill switch", str(target))
        go_past(act, Ask(ApprovalKind.LIFT, str(target), {}))
    typer.echo(f"{target} may go again.")


@app.command("list")
def list_() -> None:
    """Show the switches that are on."""
    with acting("switch") as act:
        found = act.tx.run(controls.switches())
    if not found:
        typer.echo("No switch is on.")
        return
    table = Table("Switch", "Since", "By", "Reason", box=None, pad_edge=False)
    for switch in found:
        table.add_row(switch.name, f"{switch.set_at:%Y-%m-%d %H:%M}", switch.set_by, switch.reason)
    Console().print(table)


def _expect(tx: SyncTransaction, target: Target) -> None:
    """Refuse to stop what there is not: in an emergency, a slip of the pen must be heard of."""
    known: dict[Scope, Callable[[], Container[str]]] = {
        Scope.TOPIC: lambda: tx.run(catalog.topics()),
        Scope.CHANNEL: all_channels,
        Scope.ACCOUNT: lambda: _accounts(tx),
    }
    if target.scope in known and target.key not in known[target.scope]():
        raise ValueError(f"there is no {target.scope} {target.key}")


def _accounts(tx: SyncTransaction) -> set[str]:
    named = {account.key for account in tx.run(all_accounts())}
    return named | {own_account(DeliverySettings()).key}
