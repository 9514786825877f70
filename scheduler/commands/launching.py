"""`tidings campaigns launch`, and what follows a run: extend, retry, correct, resend.

What stands in the way in the console does so here. An approval does not: whoever has the shell goes
past it, and the audit says so.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from delivery.audiences import condition_of
from delivery.campaigns import asking
from delivery.campaigns.body import CampaignBody
from delivery.campaigns.document import CampaignError, as_document, read_toml, stored
from delivery.campaigns.hindrances import Hindrance, hindrances, look
from delivery.campaigns.launching import Launch, prepare
from delivery.campaigns.moments import UNDO
from models.queries.campaigns import campaigns, naming, orders
from models.queries.campaigns.around import around
from models.queries.campaigns.orders import By, Standing
from models.records import Run, RunKind
from scheduler.commands.approvals import go_past
from scheduler.commands.documents import read_files, refuse_all
from scheduler.commands.operator import operator
from scheduler.commands.session import Acting, acting

Key = Annotated[str, typer.Argument(help="Key of a campaign.")]
Number = Annotated[int | None, typer.Option("--run", help="The run; else the last one.")]
File = Annotated[Path, typer.Argument(help="A TOML file that says what is sent.")]
MaybeFile = Annotated[Path | None, typer.Option("--file", help="A TOML file in other words.")]


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


def extend(key: Key, run: Number = None) -> None:
    """Send a campaign that went out to those who came into its audience since."""
    _follow(key, RunKind.EXTEND, run, None)


def retry(key: Key, run: Number = None) -> None:
    """Send it again to those for whom it failed, and to nobody who may have got it."""
    _follow(key, RunKind.RETRY, run, None)


def correct(key: Key, file: File, run: Number = None) -> None:
    """Send a correction, which a file says, to those who got it."""
    _follow(key, RunKind.CORRECTION, run, file)


def resend(key: Key, file: MaybeFile = None, run: Number = None) -> None:
    """Send it again, perhaps in other words, to those who got it and did not open it."""
    _follow(key, RunKind.RESEND, run, file)


def _follow(key: str, kind: RunKind, parent: int | None, file: Path | None) -> None:
    document = None
    if file is not None:
        with acting("campaigns") as reading:
            (body,) = bodies([file], reading)
        if body.key != key:
            raise ValueError(f"{file} is about {body.key}, not about {key}: change its key")
        document = as_document(body)
    made = _order(key, kind, parent, document)
    number = made.number if isinstance(made, Run) else ""
    typer.echo(
        f"{_FOLLOWS[kind]} gets it in a minute, as run {number} of {key}. Take it back until then"
        f" by `tidings campaigns undo {key}`."
    )


def bodies(files: Sequence[Path], act: Acting) -> list[CampaignBody]:
    """The campaigns in these files; everything wrong with them is said at once."""

    def body(text: str) -> CampaignBody:
        known = act.tx.follow(naming.known(CampaignError.parse(text, "a campaign")))
        return read_toml(text, known, act.now)

    return list(read_files(files, body, lambda one: one.key).values())


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
            made = prepare(at.campaign.document, at.runs, at.known, wanted)
            body = stored(made.document if isinstance(made, Run) else at.campaign.document)
            there = act.tx.follow(around(key, body.audience, condition_of, act.now))
            if kind is RunKind.LAUNCH:
                _refuse(hindrances(look(at.campaign, body, at.known, there)))
            asked = asking.ask(at.campaign, body, at.known, there)
            go_past(act, asked)
            act.tx.run(campaigns.launched_for(key, asked.weight))
            return made

        return act.tx.follow(orders.launch(key, kind, prepared, by, document))


def _refuse(found: Sequence[Hindrance]) -> None:
    """End the command where something stands in the way, saying all of it."""
    if found:
        refuse_all([each.said for each in found])
