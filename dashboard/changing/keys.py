"""What people do about API keys: make, rotate, revoke. A key is shown once, to who made it.

As in `actions`: who acts is looked up again in the transaction that acts, which also writes the
audit entry.
"""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import RefusedError, acting
from dashboard.data import database
from models.queries.configuring import keys, rotating
from models.queries.configuring.keys import ApiKey, NewKey, Scope

__all__ = ["ApiKey", "Scope"]


def listed() -> list[ApiKey]:
    """All keys, the newest first; without what they open."""
    with database().begin() as tx:
        return tx.run(keys.list_keys())[::-1]


def make(by: UUID, name: str, source: str, scopes: Collection[Scope], days: int | None) -> str:
    """A new key.

    Args:
        by: Who acts.
        name: What people call it.
        source: The source its events come from; made when there is none.
        scopes: What it may be used for.
        days: It ends after so many; `None`: never.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It has no name or no scope, or ends at once.
    """
    name, source = name.strip(), source.strip() or name.strip()
    if not name or not scopes:
        raise RefusedError("Give the key a name, and at least one scope.")
    if days is not None and days < 1:
        raise RefusedError("Let it end after a day at least, or never.")
    with acting(by, Permission.MANAGE_KEYS) as act:
        ends = None if days is None else act.now + timedelta(days=days)
        of = act.tx.follow(rotating.source_of(source, act.now))
        secret = keys.make_secret()
        new = NewKey(secret, name, of, tuple(sorted(scopes)), ends, act.by.email)
        act.tx.run(keys.add_key(new, act.now))
        act.note("made an API key", keys.shown(secret), name=name, scopes=sorted(scopes))
    return secret


def rotate(by: UUID, key: UUID, keep: timedelta) -> str:
    """A new key in an old one's place, which goes on working for a while.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: The old one opens nothing any more, or the while is too long.
    """
    with acting(by, Permission.MANAGE_KEYS) as act:
        secret = keys.make_secret()
        new = NewKey(secret, "", key, (), created_by=act.by.email)
        try:
            old = act.tx.follow(rotating.rotate(key, new, keep, act.now))
        except ValueError as error:
            raise RefusedError(f"{error}.".capitalize()) from None
        act.note("rotated an API key", old.prefix, new=keys.shown(secret), keeps=str(keep))
    return secret


def revoke(by: UUID, key: UUID) -> None:
    """End a key now.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: There is no such key, or it was revoked already.
    """
    with acting(by, Permission.MANAGE_KEYS) as act:
        found = act.tx.run(keys.lock_key(key))
        if found is None or not act.tx.run(keys.revoke_keys([key], act.now)):
            raise RefusedError("Somebody was faster: it is revoked already.")
        act.note("revoked an API key", found.prefix, name=found.name)
