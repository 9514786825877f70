"""Signing in with a password, and changing it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from dashboard import settings
from dashboard.actions import Acting, RefusedError
from dashboard.changing.entering import begun, counted
from dashboard.data import database
from dashboard.door import passwords
from dashboard.door.tries import ADDRESS, CLIENT, LOCKED, after, given_back
from dashboard.door.visitor import Visitor
from models.database import SyncTransaction
from models.people import LINK_LASTS, AuditEntry, Method, Person, Session, SignIn, Tries
from models.queries.console import passwords as kept, people, sessions, tries

WRONG = "That address and password do not fit."


class PausedError(Exception):
    """Too many tries.

    Attributes:
        wait: How long until the next one.
    """

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"Too many tries. Try again in {_spelt(wait)}, or use a sign-in link.")
        self.wait = wait


def _spelt(wait: timedelta) -> str:
    seconds = max(1, round(wait.total_seconds()))
    for length, unit in ((3600, "hours"), (60, "minutes")):
        if seconds >= 2 * length:
            return f"{-(-seconds // length)} {unit}"
    return f"{seconds} seconds"


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of an address: of one that nobody has, nothing."""

    person: Person | None
    hash: str | None


def sign_in(email: str, password: str, visitor: Visitor) -> str | None:
    """The token of the session that begins; `None` when address and password do not fit.

    Raises:
        PausedError: This address or this client failed too often; nothing was looked at.
    """
    try:
        token = _signed_in(email, password, visitor)
    except PausedError:
        counted(Method.PASSWORD, SignIn.PAUSED)
        raise
    if token is None:
        counted(Method.PASSWORD, SignIn.REFUSED)
    return token


def _signed_in(email: str, password: str, visitor: Visitor) -> str | None:
    """The same, not counted for those who watch.

    A try is counted before the password is looked at and given back when it fits, so of many
    tries at once no more are looked at than one after the other.
    """
    email = email.strip().lower()
    known = _tried(email, visitor)
    if not passwords.fits(known.hash, password) or known.person is None or known.hash is None:
        return None
    now = database().now()
    with database().begin() as tx:
        person = tx.run(people.person_by_id(known.person.person))
        if person is None or not person.active:
            return None
        _welcome(tx, email, visitor, now)
        if passwords.is_dated(known.hash):
            tx.run(kept.rehash(person.person, known.hash, passwords.hashed(password)))
        return begun(Acting(tx, now, person), Method.PASSWORD, visitor)


def counted_as(email: str) -> bytes:
    """Under what the tries of an address are counted: nothing that was typed is kept."""
    return people.hash_of(f"address {email.strip().lower()}")


def _from(visitor: Visitor) -> bytes:
    return people.hash_of(f"client {visitor.home}")


def _tried(email: str, visitor: Visitor) -> _Known:
    now = database().now()
    address, client = counted_as(email), _from(visitor)
    with database().begin() as tx:
        found = tx.follow(tries.tries_of([address, client], now))
        wait = max(each.free_at for each in found.values()) - now
        if wait > timedelta():
            raise PausedError(wait)
        tx.run(tries.forget_old_tries(now - ADDRESS.memory))
        person = tx.run(people.person_by_email(email))
        _count(tx, after(found[address], ADDRESS, now), person)
        tx.run(tries.save_tries(after(found[client], CLIENT, now)))
        found_hash = tx.run(kept.password_of(person.person)) if person else None
        return _Known(person, found_hash)


def _count(tx: SyncTransaction, tried: Tries, person: Person | None) -> None:
    tx.run(tries.save_tries(tried))
    pause = tried.free_at - tried.last_at
    if person is not None and pause >= LOCKED:
        detail = {"failures": tried.failures, "until": tried.free_at.isoformat()}
        entry = AuditEntry(tried.last_at, "tidings", "locked a sign-in", person.email, detail)
        tx.run(people.write_audit(entry))


def _welcome(tx: SyncTransaction, email: str, visitor: Visitor, now: datetime) -> None:
    tx.run(tries.forget_tries(counted_as(email)))
    client = _from(visitor)
    found = tx.follow(tries.tries_of([client], now))
    tx.run(tries.save_tries(given_back(found[client], now)))


def needs_old(session: Session, hash_: str | None, now: datetime) -> bool:
    """Whether somebody must give their old password to set a new one.

    Not those who have none, and not who just came in by a link: they forgot it.
    """
    by_link = session.method == Method.LINK and now - session.began_at < LINK_LASTS
    return hash_ is not None and not by_link


def asks_for_old(session: bytes) -> bool:
    """The same for the page that asks."""
    now = database().now()
    with database().begin() as tx:
        found = tx.run(sessions.live_session(session, now, settings.door().idle))
        return found is None or needs_old(found, tx.run(kept.password_of(found.person)), now)


def change(session: bytes, old: str, new: str, visitor: Visitor) -> None:
    """Set the password of who is signed in; their other sessions end.

    Raises:
        RefusedError: The new one will not do, or the old one is wrong.
        PausedError: The old one was wrong too often.
    """
    person, hash_ = _asking(session)
    if fault := passwords.fault_in(new, person.email, person.name):
        raise RefusedError(fault)
    if hash_ is not None:
        _tried(person.email, visitor)
        if not passwords.fits(hash_, old):
            raise RefusedError("The old password is not right.")
    fresh = passwords.hashed(new)
    now = database().now()
    with database().begin() as tx:
        if tx.run(sessions.live_session(session, now, settings.door().idle)) is None:
            raise RefusedError("You were signed out: sign in again.")
        if hash_ is not None:
            _welcome(tx, person.email, visitor, now)
        tx.run(kept.set_password(person.person, fresh, now))
        ended = tx.run(sessions.end_sessions(person.person, but=session))
        tx.run(people.drop_links(person.person))
        Acting(tx, now, person).note("set their password", person.email, sessions_ended=ended)


def _asking(session: bytes) -> tuple[Person, str | None]:
    """Who changes their password, and the hash of the one that they must give first."""
    now = database().now()
    with database().begin() as tx:
        found = tx.run(sessions.live_session(session, now, settings.door().idle))
        person = tx.run(people.person_by_id(found.person)) if found else None
        if found is None or person is None:
            raise RefusedError("You were signed out: sign in again.")
        hash_ = tx.run(kept.password_of(person.person))
        return person, hash_ if needs_old(found, hash_, now) else None


def has_password(person: UUID) -> bool:
    """Whether somebody can sign in with one."""
    with database().begin() as tx:
        return tx.run(kept.password_of(person)) is not None
