"""Coming in and going out: one-time links, and the sessions they begin."""

import secrets

import structlog

from dashboard import settings
from dashboard.actions import Acting
from dashboard.data import database
from dashboard.door.oidc import Identity, OidcError
from dashboard.door.visitor import Visitor
from models.people import LinkState, Method, Role, Session, SignIn
from models.queries.console import people, sessions, sign_ins

_TOKEN_BYTES = 32

log = structlog.get_logger()


def link_state(token: str) -> LinkState:
    """What a sign-in link is worth."""
    now = database().now()
    with database().begin() as tx:
        return tx.run(people.link_state(token, now))


def by_link(token: str, visitor: Visitor) -> str | None:
    """Use a sign-in link up.

    Returns:
        The token of the session that begins; `None` when the link is worth nothing.
    """
    now = database().now()
    with database().begin() as tx:
        person = tx.run(people.redeem(token, now))
        if person is not None:
            return begun(Acting(tx, now, person), Method.LINK, visitor)
    counted(Method.LINK, SignIn.REFUSED)
    return None


def counted(method: Method, outcome: SignIn) -> None:
    """Count a sign-in that came to nothing, for those who watch."""
    log.info("sign_in", method=method, outcome=outcome)
    with database().begin() as tx:
        tx.run(sign_ins.count_sign_in(method, outcome))


def by_oidc(who: Identity, visitor: Visitor) -> str:
    """The token of the session of somebody an OpenID provider vouches for.

    Raises:
        OidcError: They may not come in.
    """
    now = database().now()
    door = settings.door()
    with database().begin() as tx:
        if door.oidc_adds_people:
            tx.run(people.add_person(who.email, who.name, [Role.VIEWER], now))
        person = tx.run(people.person_by_email(who.email))
        if person is None or not person.active:
            raise OidcError("You have no access here: ask whoever looks after Tidings.")
        act = Acting(tx, now, person)
        _give_roles(act, {door.oidc_roles[group] for group in who.groups & set(door.oidc_roles)})
        return begun(act, Method.OIDC, visitor)


def _give_roles(act: Acting, roles: set[Role]) -> None:
    """Let somebody have the roles of their groups, where groups give roles."""
    before = sorted(act.by.roles)
    after = sorted(roles) or [Role.VIEWER]
    if not settings.door().oidc_roles or before == after:
        return
    act.tx.run(people.lock_admins())
    act.tx.run(people.set_roles(act.by.person, after))
    if not act.tx.run(people.lock_admins()):
        raise OidcError("Your groups would leave nobody who manages people.")
    act.note("had roles set by their groups", act.by.email, before=before, after=after)


def begun(act: Acting, method: Method, visitor: Visitor) -> str:
    """The token of a new session of the one who acts: never one that was there before."""
    door = settings.door()
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    act.tx.run(sessions.forget_sessions(act.now, door.idle))
    session = Session(
        session=people.hash_of(token),
        person=act.by.person,
        method=method,
        agent=visitor.agent,
        network=visitor.network,
        began_at=act.now,
        seen_at=act.now,
        ends_at=act.now + door.lasts,
    )
    act.tx.run(sessions.begin_session(session))
    act.tx.run(people.joined(act.by.person, act.now))
    act.tx.run(sign_ins.count_sign_in(method, SignIn.SUCCEEDED))
    act.note("signed in", act.by.email, method=method, network=visitor.network)
    return token
