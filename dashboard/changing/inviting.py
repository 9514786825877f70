"""Inviting people: a link that works once, within a week, until somebody takes it back.

As in `actions`: who acts is looked up again in the transaction that acts, which also writes the
audit entry. Taking an invitation back is closing the access of somebody who never came.
"""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from dashboard.access import Permission
from dashboard.actions import Acting, RefusedError, acting
from dashboard.data import database
from models.people import INVITATION_LASTS, Role
from models.queries.console import people


def pending() -> Mapping[UUID, datetime]:
    """Who was invited and can still come, and until when."""
    with database().begin() as tx:
        return tx.run(people.invited_until())


def invite(by: UUID, email: str, name: str, roles: Iterable[Role]) -> str:
    """Add somebody; the token of a link that lets them in, shown this once.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: There is already somebody with this address, or a field is empty.
    """
    email, name, roles = email.strip().lower(), name.strip(), sorted(roles)
    if "@" not in email or not name:
        raise RefusedError("Give a name and an e-mail address.")
    with acting(by, Permission.MANAGE_PEOPLE) as act:
        if not act.tx.run(people.add_person(email, name, roles, act.now)):
            raise RefusedError(f"{email} is there already: change their roles instead.")
        act.note("invited a person", email, roles=roles)
        return _link(act, email)


def invite_again(by: UUID, email: str) -> str:
    """The token of a new link for somebody who has not come yet; the old one ends.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: They came in, or their access was closed.
    """
    with acting(by, Permission.MANAGE_PEOPLE) as act:
        token = _link(act, email)
        act.note("invited a person again", email)
        return token


def _link(act: Acting, email: str) -> str:
    found = act.tx.run(people.person_by_email(email))
    if found is None or not found.active or found.joined_at is not None:
        raise RefusedError("They are not waiting for an invitation (any more).")
    token = secrets.token_urlsafe(32)
    act.tx.run(people.drop_links(found.person))
    act.tx.run(people.issue_link(found.person, token, act.now + INVITATION_LASTS))
    return token
