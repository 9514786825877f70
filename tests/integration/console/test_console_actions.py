"""What people do about people: checked against the database each time, and audited."""

import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from dashboard import actions, data
from dashboard.changing import entering, inviting
from dashboard.door.visitor import Visitor
from dashboard.reading import people
from models.people import INVITATION_LASTS, Person, Role

Make = Callable[..., UUID]
HERE = Visitor("tests", "192.0.2.7")
pytestmark = pytest.mark.usefixtures("reading")


def found(identifier: UUID) -> Person:
    person = people.person(identifier)
    assert person
    return person


def test_an_admin_adds_a_person_with_roles(person: Make):
    admin = person("admin")
    inviting.invite(admin, " Lin@Example.com ", "Lin Wei", [Role.AUTHOR])

    added = next(each for each in people.all_people() if each.name == "Lin Wei")
    assert (added.email, added.roles) == ("lin@example.com", {"author"})
    entry = data.audit()[0]
    assert (entry.actor, entry.action, entry.subject) == (
        found(admin).email,
        "invited a person",
        "lin@example.com",
    )


def test_the_same_address_is_not_added_twice(person: Make):
    admin = person("admin")

    with pytest.raises(actions.RefusedError, match="is there already"):
        inviting.invite(admin, found(admin).email.upper(), "Again", [Role.ADMIN])
    assert data.audit() == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_but_an_admin_manages_people(person: Make, role: Role):
    with pytest.raises(actions.NotAllowedError):
        inviting.invite(person(role), "x@example.com", "X", [Role.ADMIN])


def test_a_closed_admin_may_nothing(person: Make):
    with pytest.raises(actions.NotAllowedError):
        actions.make_link(person("admin", active=False), found(person("viewer")))


def test_the_last_admin_cannot_give_it_up(person: Make):
    admin = person("admin")

    with pytest.raises(actions.RefusedError, match="Nobody would be left"):
        actions.set_roles(admin, found(admin), [Role.VIEWER])
    with pytest.raises(actions.RefusedError, match="Nobody would be left"):
        actions.set_active(admin, found(admin), active=False)
    assert found(admin).roles == {"admin"}
    assert found(admin).active


def test_a_link_made_for_somebody_signs_them_in_once(person: Make):
    viewer = person("viewer")
    token = actions.make_link(person("admin"), found(viewer))

    first, second = (entering.by_link(token, HERE) for _ in range(2))

    assert first
    session = people.session_of(first)
    assert session
    assert (session.person, second) == (viewer, None)


def test_closing_somebody_stops_their_link(person: Make):
    admin, viewer = person("admin"), person("viewer")
    token = actions.make_link(admin, found(viewer))

    actions.set_active(admin, found(viewer), active=False)

    assert entering.by_link(token, HERE) is None
    assert entering.link_state(token) == "unknown"


def test_an_invitation_works_once_within_a_week_and_ends_when_another_is_made(person: Make):
    admin = person("admin")
    first = inviting.invite(admin, "lin@example.com", "Lin Wei", [Role.AUTHOR])
    second = inviting.invite_again(admin, "lin@example.com")
    (until,) = inviting.pending().values()
    assert until - data.now() > INVITATION_LASTS - timedelta(minutes=5)
    assert entering.by_link(first, HERE) is None
    assert entering.by_link(second, HERE)
    assert entering.by_link(second, HERE) is None
    assert inviting.pending() == {}
    with pytest.raises(actions.RefusedError, match="not waiting"):
        inviting.invite_again(admin, "lin@example.com")


def test_an_invitation_is_taken_back_by_closing(person: Make):
    admin = person("admin")
    token = inviting.invite(admin, "lin@example.com", "Lin Wei", [Role.AUTHOR])
    (invited,) = inviting.pending()
    actions.set_active(admin, found(invited), active=False)
    actions.set_active(admin, found(invited), active=True)
    assert entering.by_link(token, HERE) is None


def test_an_admin_who_never_came_is_no_admin_yet(person: Make):
    admin = person("admin")
    inviting.invite(admin, "lin@example.com", "Lin Wei", [Role.ADMIN])
    with pytest.raises(actions.RefusedError, match="Nobody would be left"):
        actions.set_active(admin, found(admin), active=False)


def test_of_two_admins_who_close_each_other_at_once_one_stays(person: Make):
    pair = [found(person("admin")), found(person("admin"))]

    def close(one: int) -> None:
        with contextlib.suppress(actions.RefusedError, actions.NotAllowedError):
            actions.set_active(pair[one].person, pair[1 - one], active=False)

    with ThreadPoolExecutor(2) as both:
        list(both.map(close, (0, 1)))
    assert sum(found(one.person).active for one in pair) == 1
