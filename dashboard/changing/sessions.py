"""Where people are signed in, and ending that: by themselves, and by admins."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from dashboard import settings
from dashboard.access import Permission
from dashboard.actions import Acting, NotAllowedError, RefusedError, acting
from dashboard.changing.passwords import counted_as
from dashboard.data import database
from models.people import Person, Session
from models.queries.console import people, sessions, tries


def of(person: UUID) -> list[Session]:
    """Where somebody is signed in, where they last did something first."""
    now = database().now()
    with database().begin() as tx:
        return tx.run(sessions.sessions_of(person, now, settings.door().idle))


def leave(session: bytes, person: UUID) -> None:
    """End one session of one's own; ending it twice changes nothing."""
    with _own(person) as act:
        if act.tx.run(sessions.end_session(session, person)):
            act.note("signed out", act.by.email)


def leave_others(session: bytes, person: UUID) -> int:
    """End all sessions of one's own but for one; how many there were."""
    with _own(person) as act:
        ended = act.tx.run(sessions.end_sessions(person, but=session))
        if ended:
            act.note("signed out elsewhere", act.by.email, sessions=ended)
        return ended


@contextmanager
def _own(person: UUID) -> Iterator[Acting]:
    """A transaction in which somebody does what needs no permission: it is about themselves."""
    now = database().now()
    with database().begin() as tx:
        found = tx.run(people.person_by_id(person))
        if found is None or not found.active:
            raise NotAllowedError("You may not do this (any more): ask an admin of Tidings.")
        yield Acting(tx, now, found)


def sign_out_everywhere(by: UUID, person: Person) -> int:
    """End all sessions of somebody; how many there were.

    Raises:
        NotAllowedError: The one who acts may not.
    """
    with acting(by, Permission.MANAGE_PEOPLE) as act:
        ended = act.tx.run(sessions.end_sessions(person.person))
        act.tx.run(people.drop_links(person.person))  # else who has one comes in again
        act.note("signed somebody out", person.email, sessions=ended)
        return ended


def unlock(by: UUID, person: Person) -> None:
    """Let somebody try their password again at once.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: They need not wait.
    """
    with acting(by, Permission.MANAGE_PEOPLE) as act:
        if not act.tx.run(tries.forget_tries(counted_as(person.email))):
            raise RefusedError("They need not wait: no sign-in of theirs failed lately.")
        act.note("unlocked a sign-in", person.email)
