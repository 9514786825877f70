"""Who is signed in where. A session ends by going: there is no row that must not be believed.

Only the SHA-256 of a token is stored and looked up; why that is enough stands in `people`.
"""

from datetime import datetime, timedelta
from uuid import UUID

from models.people import Person, Session
from models.queries.console.people import PERSON, hash_of, one_person
from models.query import Answer, Query, count, records, sql

_FIELDS = "s.session, s.person, s.method, s.agent, s.network, s.began_at, s.seen_at, s.ends_at"
_LIVE = "s.ends_at > :now AND s.seen_at > :since"
_TOUCHED_EVERY = timedelta(minutes=1)


def _first(result: Answer) -> Session | None:
    row = result.one_or_none()
    return None if row is None else Session(*row)


def begin_session(session: Session) -> Query[int]:
    """Let somebody be signed in."""
    return sql(
        """
        INSERT INTO sessions
            (session, person, method, agent, network, began_at, seen_at, ends_at)
        VALUES (:session, :person, :method, :agent, :network, :began, :seen, :ends)
        """,
        count,
        session=session.session,
        person=session.person,
        method=session.method,
        agent=session.agent,
        network=session.network,
        began=session.began_at,
        seen=session.seen_at,
        ends=session.ends_at,
    )


def session_of(token: str, now: datetime, idle: timedelta) -> Query[Session | None]:
    """The session a token opens; `None` when it ended, rests too long or its person is closed."""
    return live_session(hash_of(token), now, idle)


def live_session(session: bytes, now: datetime, idle: timedelta) -> Query[Session | None]:
    """The same by its name."""
    return sql(
        f"""
        SELECT {_FIELDS} FROM sessions s JOIN people p ON p.person = s.person
         WHERE s.session = :session AND {_LIVE} AND p.active
        """,
        _first,
        session=session,
        now=now,
        since=now - idle,
    )


def person_in(session: bytes, now: datetime, idle: timedelta) -> Query[Person | None]:
    """Whose live session it is, as they are now."""
    return sql(
        f"""
        SELECT {PERSON} FROM sessions s JOIN people p ON p.person = s.person
         WHERE s.session = :session AND {_LIVE} AND p.active
        """,
        one_person,
        session=session,
        now=now,
        since=now - idle,
    )


def touch(session: bytes, now: datetime) -> Query[int]:
    """Somebody did something; written once a minute at most."""
    return sql(
        "UPDATE sessions SET seen_at = :now WHERE session = :session AND seen_at < :before",
        count,
        session=session,
        now=now,
        before=now - _TOUCHED_EVERY,
    )


def sessions_of(person: UUID, now: datetime, idle: timedelta) -> Query[list[Session]]:
    """Where somebody is signed in, where they last did something first."""
    return sql(
        f"""
        SELECT {_FIELDS} FROM sessions s WHERE s.person = :person AND {_LIVE}
         ORDER BY s.seen_at DESC, s.session
        """,
        records(Session),
        person=person,
        now=now,
        since=now - idle,
    )


def end_session(session: bytes, person: UUID) -> Query[int]:
    """End one session of a person's."""
    return sql(
        "DELETE FROM sessions WHERE session = :session AND person = :person",
        count,
        session=session,
        person=person,
    )


def end_sessions(person: UUID, but: bytes = b"") -> Query[int]:
    """End all sessions of a person, but for one."""
    return sql(
        "DELETE FROM sessions WHERE person = :person AND session <> :but",
        count,
        person=person,
        but=but,
    )


def forget_sessions(now: datetime, idle: timedelta) -> Query[int]:
    """Remove sessions that are over."""
    return sql(
        "DELETE FROM sessions WHERE ends_at <= :now OR seen_at <= :since",
        count,
        now=now,
        since=now - idle,
    )
