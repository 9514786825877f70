"""Who people are, and the sessions in which they act."""

from uuid import UUID

from dashboard import settings
from dashboard.data import now, read
from models.people import Person, Session
from models.queries.console import people, sessions


def person(identifier: UUID) -> Person | None:
    """Somebody, as they are now."""
    return read(people.person_by_id(identifier))


def session_of(token: str) -> Session | None:
    """The session that a cookie's token opens, if it does."""
    return read(sessions.session_of(token, now(), settings.door().idle))


def is_live(session: bytes) -> bool:
    """Whether a session still counts."""
    return read(sessions.live_session(session, now(), settings.door().idle)) is not None


def signed_in(session: bytes) -> Person | None:
    """Who a session belongs to, as they are now; `None` when it ended or they were closed."""
    return read(sessions.person_in(session, now(), settings.door().idle))


def touch(session: bytes) -> None:
    """Remember that somebody did something in a session."""
    read(sessions.touch(session, now()))


def all_people() -> list[Person]:
    """Everybody, the closed ones last."""
    return read(people.all_people())
