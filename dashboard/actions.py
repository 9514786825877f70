"""Everything the console changes.

Who acts is looked up again in the transaction that acts, which also writes the audit entry.
"""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from dashboard import access
from dashboard.access import Permission
from dashboard.data import database
from delivery.again import by_person
from models.people import LINK_LASTS, Person, Role
from models.queries.configuring import catalog
from models.queries.console import people, sessions
from models.queries.console.noting import Noting
from models.queries.repairing.orders import Order, carry_out, next_batch, told
from models.queries.repairing.selection import Selection
from models.query import Query
from models.readings.deliveries import Position
from models.states import DEAD, DeliveryState, Resolution


class NotAllowedError(Exception):
    """The one who acts may not (or no longer) do this."""


class RefusedError(Exception):
    """The change makes no sense; the message says why and what to do."""


_MAY_NOT = "You may not do this (any more): ask an admin of Tidings."


@dataclass(frozen=True, slots=True)
class Acting(Noting):
    """A transaction in which one person does one thing."""

    by: Person

    @property
    def actor(self) -> str:
        """Their e-mail address."""
        return self.by.email

    def demand(self, needed: Permission, team: str | None) -> None:
        """Go on if they may do this with what a team owns; `None`: the installation.

        Raises:
            NotAllowedError: They may not (any more).
        """
        if not self.by.active or needed not in access.within(self.by, team):
            raise NotAllowedError(_MAY_NOT)


@contextmanager
def acting(
    by: UUID, needed: Permission, team: str | Query[str | None] | None = None
) -> Iterator[Acting]:
    """A transaction of somebody who has a permission, committed at the end of the block.

    Args:
        by: Who acts.
        needed: What they must be allowed, everywhere or in the team.
        team: Who owns what is acted on, or what tells it in this transaction; `None`: the
            installation, and only roles that are given everywhere count.

    Raises:
        NotAllowedError: They have not (any more).
    """
    now = database().now()
    with database().begin() as tx:
        person = tx.run(people.person_by_id(by))
        if person is None:
            raise NotAllowedError(_MAY_NOT)
        act = Acting(tx, now, person)
        act.demand(needed, tx.run(team) if isinstance(team, Query) else team)
        yield act


def set_roles(by: UUID, person: Person, roles: Iterable[Role]) -> None:
    """Give somebody exactly these roles.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: Nobody would be left who manages people.
    """
    roles = sorted(roles)
    with acting(by, Permission.MANAGE_PEOPLE) as act:
        act.tx.run(people.lock_admins())
        act.tx.run(people.set_roles(person.person, roles))
        _keep_an_admin(act)
        act.note("set roles", person.email, before=sorted(person.roles), after=roles)


def set_active(by: UUID, person: Person, *, active: bool) -> None:
    """Close somebody's access, or open it again.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: Nobody would be left who manages people.
    """
    with acting(by, Permission.MANAGE_PEOPLE) as act:
        act.tx.run(people.lock_admins())
        act.tx.run(people.set_active(person.person, active=active))
        act.tx.run(people.drop_links(person.person))
        _keep_an_admin(act)
        act.tx.run(sessions.end_sessions(person.person))
        act.note("opened access" if active else "closed access", person.email)


def _keep_an_admin(act: Acting) -> None:
    if not act.tx.run(people.lock_admins()):
        raise RefusedError("Nobody would be left who manages people: make somebody admin first.")


def make_link(by: UUID, person: Person) -> str:
    """The token of a new one-time link for somebody.

    Raises:
        NotAllowedError: The one who acts may not.
    """
    token = secrets.token_urlsafe(32)
    with acting(by, Permission.MANAGE_PEOPLE) as act:
        act.tx.run(people.issue_link(person.person, token, act.now + LINK_LASTS))
        act.note("made a sign-in link", person.email)
    return token


IN_DOUBT = frozenset({DeliveryState.IN_DOUBT})


def resolve(by: UUID, delivery: UUID, resolution: Resolution) -> None:
    """Say what became of a delivery in doubt; saying it twice changes nothing.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It is not in doubt any more, or cannot be sent again.
    """
    _order(by, delivery, resolution, IN_DOUBT)


def send_again(by: UUID, delivery: UUID) -> None:
    """Send again what was given up or decided against.

    Raises:
        NotAllowedError: The one who acts may not.
        RefusedError: It was sent meanwhile, or cannot be sent again.
    """
    _order(by, delivery, Resolution.AGAIN, DEAD)


def _order(
    by: UUID, delivery: UUID, resolution: Resolution, states: frozenset[DeliveryState]
) -> None:
    with acting(by, Permission.INTERVENE) as act:
        came = act.tx.follow(carry_out([delivery], _ordered(act, resolution, states)))
    if delivery in came.refused:
        raise RefusedError(f"It cannot be sent again: {came.refused[delivery]}.")
    if delivery not in came.done:
        found = came.found.get(delivery)
        stands = found.state.replace("_", " ") if found else "in the queue"
        raise RefusedError(f"Somebody was faster: it is {stands} now.")


def _ordered(act: Acting, resolution: Resolution, states: frozenset[DeliveryState]) -> Order:
    compose = by_person(act.tx.run(catalog.topics()), act.now)
    return Order(resolution, states, act.by.email, compose, act.now)


def order_all(by: UUID, selected: Selection, resolution: Resolution) -> Iterator[tuple[int, int]]:
    """Do it to all of a selection, a transaction and an audit entry a batch.

    Yields:
        How many were changed so far, and how many were left.

    Raises:
        NotAllowedError: The one who acts may not (any more).
    """
    states = frozenset(map(DeliveryState, selected.wanted.states))
    done = left = 0
    after: Position | None = None
    while True:
        with acting(by, Permission.INTERVENE) as act:
            order = replace(_ordered(act, resolution, states), about=told(selected))
            batch = act.tx.follow(next_batch(selected, after, order))
        if batch.last is None:
            return
        after = batch.last
        done += len(batch.came.done)
        left += len(batch.came.refused)
        yield done, left
