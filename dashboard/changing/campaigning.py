"""What people do with campaigns in the console: saved, launched, paused, resumed, cancelled.

As in `actions`: who acts is looked up again in the transaction that acts. A launch that needs
approval is bound to all that was looked at: the document, the versions of its templates and of its
audience. A draft is saved at each change, so the audit tells when somebody takes one up, not of
each save: what is launched is told whole.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import Acting, RefusedError, acting
from dashboard.changing.approving import ask_for, require
from dashboard.changing.looking import ask_of, refuse
from delivery.blame import DocumentError
from delivery.campaigns.document import as_document, copied, formed
from delivery.campaigns.launching import Launch, prepare
from delivery.campaigns.preflight import upcoming
from models.queries.campaigns import campaigns, orders, preflights
from models.queries.campaigns.orders import By, NotNowError, Standing
from models.query import Story
from models.records import Campaign, Run, RunKind
from models.states import CampaignState


class StaleError(RefusedError):
    """Somebody else changed the draft meanwhile: what they wrote would be overwritten unseen.

    Attributes:
        theirs: The campaign as it is now.
    """

    def __init__(self, theirs: Campaign) -> None:
        super().__init__(f"{theirs.updated_by} changed it meanwhile: look at both.")
        self.theirs = theirs


@contextmanager
def _on(by: UUID, needed: Permission, key: str) -> Iterator[Acting]:
    """A transaction on a campaign of whoever may, in the team that owns it."""
    with _refusing(), acting(by, needed, campaigns.owner(key)) as act:
        yield act


@contextmanager
def _refusing() -> Iterator[None]:
    """What does not fit is refused in the words of whoever found it."""
    try:
        yield
    except (NotNowError, DocumentError) as error:
        raise RefusedError(str(error)) from None


def launch(by: UUID, key: str) -> Run | datetime:
    """Launch a campaign; it can be taken back for a minute.

    Returns:
        Its run, or when what recurs begins.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: Something stands in the way, or it needs approval first.
    """
    with _on(by, Permission.LAUNCH_CAMPAIGNS, key) as act:
        at: Standing = act.tx.follow(orders.standing(key))
        refuse(act, at)
        asked = ask_of(act, at)
        require(act, asked)
        act.tx.run(campaigns.launched_for(key, asked.weight))
        wanted = Launch(RunKind.LAUNCH, act.by.email, act.now)
        order = orders.launch(
            key,
            RunKind.LAUNCH,
            lambda now: prepare(now.campaign.document, now.runs, now.known, wanted),
            By(act.by.email, act.now),
        )
        return act.tx.follow(order)


def ask(by: UUID, key: str, note: str) -> UUID:
    """Ask somebody else to look at a campaign before it is launched; the id of the ask.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: Something stands in the way, it needs no approval or has it, or there is no
            note.
    """
    with _on(by, Permission.LAUNCH_CAMPAIGNS, key) as act:
        at: Standing = act.tx.follow(orders.standing(key))
        refuse(act, at)
        return ask_for(act, ask_of(act, at), note)


def save(by: UUID, document: Mapping[str, Any], revision: int | None) -> Campaign:
    """Make a draft of a campaign, or change one that still stands at a revision.

    It may lack something yet, and name what is not there: that is told before it is launched.

    Raises:
        NotAllowedError: The one who acts may not.
        StaleError: Somebody else changed it meanwhile; it holds what they wrote.
        RefusedError: A field of it has no right form, or it is no draft (any more).
    """
    with _refusing():
        body = formed(document)
    owner = body.team if revision is None else campaigns.owner(body.key)
    with _refusing(), acting(by, Permission.EDIT_CAMPAIGNS, owner) as act:
        act.demand(Permission.EDIT_CAMPAIGNS, body.team)
        if revision is None:
            _make(act, as_document(body), "made a campaign")
        else:
            _change(act, as_document(body), revision)
        return act.tx.follow(orders.find(body.key))


def _make(act: Acting, document: Mapping[str, Any], did: str) -> None:
    key = document["key"]
    if not act.tx.run(campaigns.add(document, act.by.email, act.now)):
        raise RefusedError(f"There is a campaign {key} already: choose another key.")
    act.note(did, key, after=document)


def _change(act: Acting, document: Mapping[str, Any], revision: int) -> None:
    key = document["key"]
    before = act.tx.follow(orders.find(key))
    if before.state is not CampaignState.DRAFT:
        raise RefusedError(f"{key} is {before.state}: only a draft can be changed.")
    if not act.tx.run(campaigns.save(document, revision, act.by.email, act.now)):
        raise StaleError(before)
    if before.updated_by != act.by.email:
        act.note("took up a campaign", key, before=before.document, after=document)


def clone(by: UUID, key: str) -> str:
    """Make a draft that says what a campaign says; the key it has.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: There is no such campaign.
    """
    with _on(by, Permission.EDIT_CAMPAIGNS, key) as act:
        one = act.tx.follow(orders.find(key))
        taken = {each.key for each in act.tx.run(campaigns.campaigns())}
        body = formed(copied({**one.document, "key": key, "title": one.title}, taken))
        _make(act, as_document(body), "cloned a campaign")
        return body.key


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
