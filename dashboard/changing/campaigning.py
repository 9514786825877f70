"""What people do with campaigns in the console: saved, launched, paused, resumed, cancelled.

As in `actions`: who acts is looked up again in the transaction that acts. A launch that needs
approval is bound to all that was looked at: the document, the versions of its templates and of its
audience.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import Acting, RefusedError, acting
from dashboard.changing.approving import ask_for, is_needed, require
from dashboard.data import database
from delivery.audiences import condition_of
from delivery.blame import DocumentError
from delivery.campaigns import asking
from delivery.campaigns.body import CampaignBody
from delivery.campaigns.document import Known, as_document, read
from delivery.campaigns.launching import Launch, prepare
from delivery.campaigns.preflight import upcoming
from models.database import SyncTransaction
from models.people import Person
from models.queries.audiences import catalog as audiences
from models.queries.audiences.conditions import where
from models.queries.audiences.members import size
from models.queries.campaigns import campaigns, orders, preflights
from models.queries.campaigns.orders import By, NotNowError, Standing
from models.queries.configuring import catalog, templates
from models.query import Story
from models.records import Ask, Run, RunKind
from models.states import CampaignState


@contextmanager
def _on(by: UUID, needed: Permission, key: str) -> Iterator[Acting]:
    """A transaction on a campaign of whoever may, in the team that owns it."""
    try:
        with acting(by, needed, campaigns.owner(key)) as act:
            yield act
    except (NotNowError, DocumentError) as error:
        raise RefusedError(str(error)) from None


def known() -> Known:
    """What a campaign may name."""
    with database().begin() as tx:
        return _known_in(tx)


def _known_in(tx: SyncTransaction) -> Known:
    return Known(
        tx.run(catalog.topics()), tx.run(templates.live()),
        tx.run(templates.channels()), tx.run(audiences.keys()),
    )  # fmt: skip


def _known(at: Standing) -> Known:
    return Known(at.topics, at.live, at.channels, at.audiences)


def launch(by: UUID, key: str) -> Run | datetime:
    """Launch a campaign; it can be taken back for a minute.

    Returns:
        Its run, or when what recurs begins.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It is no draft, does not fit what there is, or needs approval first.
    """
    with _on(by, Permission.LAUNCH_CAMPAIGNS, key) as act:
        at: Standing = act.tx.follow(orders.standing(key))
        require(act, _ask(act, at))
        wanted = Launch(RunKind.LAUNCH, act.by.email, act.now)
        order = orders.launch(
            key,
            RunKind.LAUNCH,
            lambda now: prepare(now.campaign.document, now.runs, _known(now), wanted),
            By(act.by.email, act.now),
        )
        return act.tx.follow(order)


def ask(by: UUID, key: str, note: str) -> UUID:
    """Ask somebody else to look at a campaign before it is launched; the id of the ask.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It needs no approval or has it, or there is no note.
    """
    with _on(by, Permission.LAUNCH_CAMPAIGNS, key) as act:
        return ask_for(act, _ask(act, act.tx.follow(orders.standing(key))), note)


def needs_approval(by: Person, key: str) -> bool:
    """Whether somebody else has to look before a campaign is launched.

    Raises:
        CampaignError: It does not fit what there is.
    """
    now = database().now()
    with database().begin() as tx:
        wanted = _ask(Acting(tx, now, by), tx.follow(orders.standing(key)))
    return is_needed(by, wanted)


def _ask(act: Acting, at: Standing) -> Ask:
    """What a reviewer looks at, and what must not change after."""
    body = read(at.campaign.document, _known(at), act.now)
    saved = None if body.audience is None else _counted(act, body.audience)
    return asking.ask(at.campaign, body, _known(at), saved)


def _counted(act: Acting, key: str) -> asking.Saved:
    """An audience with about how many belong now: who was counted long ago may be many more."""
    stored = act.tx.run(audiences.audiences())
    who = where(condition_of(key, stored), act.now)
    return asking.Saved(stored[key].version, act.tx.follow(size(who))[0])


def save(by: UUID, document: Mapping[str, Any], revision: int | None) -> CampaignBody:
    """Make a campaign, or change a draft that still stands at a revision.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It is wrong, no draft any more, or somebody else changed it meanwhile.
    """
    key = str(document.get("key"))
    with _on(by, Permission.EDIT_CAMPAIGNS, key) as act:
        body = read(document, _known_in(act.tx), act.now)
        act.demand(Permission.EDIT_CAMPAIGNS, body.team)
        _save(act, body, revision)
        return body


def _save(act: Acting, body: CampaignBody, revision: int | None) -> None:
    document = as_document(body)
    if revision is None:
        if not act.tx.run(campaigns.add(document, act.by.email, act.now)):
            raise RefusedError(f"There is a campaign {body.key} already: choose another key.")
        act.note("made a campaign", body.key, after=document)
        return
    before = act.tx.follow(orders.find(body.key))
    if before.state is not CampaignState.DRAFT:
        raise RefusedError(f"{body.key} is {before.state}: only a draft can be changed.")
    if not act.tx.run(campaigns.save(document, revision, act.by.email, act.now)):
        raise RefusedError(f"{before.updated_by} changed it meanwhile: look at it again.")
    act.note("changed a campaign", body.key, before=before.document, after=document)


def foretell(by: UUID, key: str) -> None:
    """Ask for a pre-flight of a campaign, which a worker makes; twice is once.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: There is no such campaign, or nothing of it is still to begin.
    """
    with _on(by, Permission.EDIT_CAMPAIGNS, key) as act:
        at: Standing = act.tx.follow(orders.standing(key))
        try:
            upcoming(at.campaign, at.runs)
        except ValueError as error:
            raise RefusedError(str(error)) from None
        if act.tx.run(preflights.ask(key, act.by.email, act.now)):
            act.note("asked for a pre-flight", key)


def stop_foretelling(by: UUID, key: str) -> None:
    """End the pre-flight that is under way, of whomever it was; raises as `foretell` does."""
    with _on(by, Permission.EDIT_CAMPAIGNS, key) as act:
        act.tx.follow(orders.find(key))
        if act.tx.run(preflights.cancel(key)):
            act.note("stopped a pre-flight", key)


def undo(by: UUID, key: str) -> Run | None:
    """Take the last launch back, while nothing of it has gone.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It has begun.
    """
    with _on(by, Permission.LAUNCH_CAMPAIGNS, key) as act:
        return act.tx.follow(orders.undo(key, By(act.by.email, act.now)))


def pause(by: UUID, key: str, why: str) -> None:
    """Let nothing more of it leave, within a second; raises as `launch` does."""
    _stop(by, key, why, orders.pause)


def resume(by: UUID, key: str) -> None:
    """Let it go on where it stopped; raises as `launch` does."""
    _stop(by, key, "resumed", orders.resume)


def cancel(by: UUID, key: str, why: str) -> None:
    """End it for good; raises as `launch` does."""
    _stop(by, key, why, orders.cancel)


def _stop(by: UUID, key: str, why: str, order: Callable[[str, By], Story[None]]) -> None:
    if not why.strip():
        raise RefusedError("Give a reason: others will read it.")
    with _on(by, Permission.STOP_CAMPAIGNS, key) as act:
        act.tx.follow(order(key, By(act.by.email, act.now, why.strip())))
