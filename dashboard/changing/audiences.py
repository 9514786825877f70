"""What the console changes about audiences: documents and versions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import Acting, NotAllowedError, RefusedError, acting
from dashboard.changing import approving
from dashboard.data import database
from dashboard.reading.audiences import using
from delivery.audiences import (
    AudienceError,
    Saved,
    as_audience,
    asking,
    fit,
    read_toml,
    resolved,
)
from delivery.registry import all_channels
from models.database import SyncTransaction
from models.queries.audiences import catalog, naming
from models.queries.audiences.catalog import Saving
from models.queries.audiences.conditions import where
from models.queries.audiences.listing import there
from models.queries.audiences.members import size
from models.queries.audiences.removing import forgotten
from models.queries.console.teams import Owned, owner_of
from models.records import Ask
from models.records.audiences import Audience, Nameable, StoredAudience

__all__ = ["NotAllowedError", "RefusedError"]


def known() -> Nameable:
    """What an audience may name."""
    with database().begin() as tx:
        return _known(tx)


def _known(tx: SyncTransaction) -> Nameable:
    return tx.follow(naming.known(list(all_channels()), tx.run(catalog.keys())))


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that somebody wants to save.

    Attributes:
        text: As TOML.
        base: The version it was made from; `None` for a new audience.
        note: What changes and why.
    """

    text: str
    base: int | None
    note: str = ""


def save(by: UUID, key: str, draft: Draft) -> StoredAudience | None:
    """Make an audience what a document says; nothing when it says that already.

    Raises:
        NotAllowedError: The one who acts may not.
        ApprovalNeededError: Somebody else has to look at it first.
        RefusedError: It cannot be read, does not fit, or somebody else saved it since.
    """
    with acting(by, Permission.EDIT_AUDIENCES, owner_of(Owned.AUDIENCE, key)) as act:
        act.tx.run(catalog.lock())
        document, audience, was = _readable(act.tx, key, draft)
        approving.require(act, _ask(act, document, audience, was))
        _write(act, document, audience, was, draft.note)
    return was


def ask(by: UUID, key: str, draft: Draft) -> None:
    """Ask somebody else to look at what `save` would write.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It cannot be read or does not fit, or there is no note.
    """
    with acting(by, Permission.EDIT_AUDIENCES, owner_of(Owned.AUDIENCE, key)) as act:
        document, audience, was = _readable(act.tx, key, draft)
        approving.ask_for(act, _ask(act, document, audience, was), draft.note)


def go_back(by: UUID, key: str, version: int) -> None:
    """Put an earlier version in force again, as a new one.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: There is no such version, its list is not kept, or it does not fit any more.
    """
    with acting(by, Permission.EDIT_AUDIENCES, owner_of(Owned.AUDIENCE, key)) as act:
        act.tx.run(catalog.lock())
        stored = act.tx.run(catalog.audiences())
        found = [each for each in act.tx.run(catalog.versions(key)) if each.version == version]
        if not found:
            raise RefusedError("There is no such version.")
        if found[0].list and found[0].list not in act.tx.follow(there(key)):
            raise RefusedError("Its list is not kept any more: bring the file in again.")
        audience = as_audience(found[0])
        _fit(audience, stored)
        approving.require(act, _ask(act, dict(found[0].document), audience, stored[key]))
        _write(act, dict(found[0].document), audience, stored[key], f"As in version {version}.")


def remove(by: UUID, key: str) -> None:
    """Forget an audience that nothing uses, with its versions and lists; the audit keeps it.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: Something uses it, or it is gone.
    """
    with acting(by, Permission.EDIT_AUDIENCES, owner_of(Owned.AUDIENCE, key)) as act:
        act.tx.run(catalog.lock())
        was = act.tx.run(catalog.audiences()).get(key)
        if was is None:
            raise RefusedError("There is no such audience (any more).")
        if users := using(act.tx).get(key):
            raise RefusedError(f"{', '.join(users)} uses it: change that first.")
        act.tx.follow(forgotten(key, act.now))
        act.note("removed an audience", key, before=was.document)


def _readable(
    tx: SyncTransaction, key: str, draft: Draft
) -> tuple[dict[str, object], Audience, StoredAudience | None]:
    stored = tx.run(catalog.audiences())
    try:
        document, audience = read_toml(draft.text, _known(tx))
    except AudienceError as error:
        raise RefusedError(str(error)) from None
    if audience.key != key:
        raise RefusedError("An audience's key never changes: make a new one of that key.")
    was = stored.get(key)
    if (was and was.version) != draft.base:
        raise RefusedError("Somebody else saved it meanwhile: open it anew and look at both.")
    _fit(audience, stored)
    return document, audience, was


def _fit(audience: Audience, stored: Mapping[str, StoredAudience]) -> None:
    try:
        fit({audience.key: audience}, stored)
    except AudienceError as error:
        raise RefusedError(str(error)) from None


def _ask(
    act: Acting, document: dict[str, object], audience: Audience, was: StoredAudience | None
) -> Ask:
    """What is looked at; its weight is about how many it holds."""
    there_is = Saved(act.tx.run(catalog.audiences()))
    listed = replace(audience, list=_list_of(audience, was) or 0)
    who = where(resolved(listed, there_is), act.now)
    return asking.ask(audience.key, document, act.tx.follow(size(who))[0], was)


def _list_of(audience: Audience, was: StoredAudience | None) -> int | None:
    if not audience.is_list:
        return None
    return audience.list or (was and was.list) or 0


def _write(
    act: Acting,
    document: dict[str, object],
    audience: Audience,
    was: StoredAudience | None,
    note: str,
) -> None:
    saving = Saving(
        audience.key, audience.title, document, _list_of(audience, was), note.strip(),
        act.by.email, act.now,
    )  # fmt: skip
    version = act.tx.follow(catalog.save(saving, was))
    if was is not None and version == was.version:
        raise RefusedError("Nothing would change.")
    did = "changed an audience" if was else "made an audience"
    act.note(did, audience.key, version=version, before=was and was.document, after=document)
