"""What people do about people: checked against the database each time, and audited."""

from collections.abc import Callable
from uuid import UUID

import pytest

from dashboard import actions, data
from dashboard.changing import entering
from dashboard.door.visitor import Visitor
from models.people import Person, Role

Make = Callable[..., UUID]
HERE = Visitor("tests", "192.0.2.7")
pytestmark = pytest.mark.usefixtures("reading")


def found(identifier: UUID) -> Person:
    person = data.person(identifier)
    assert person
    return person


def test_an_admin_adds_a_person_with_roles(person: Make):
    admin = person("admin")
    actions.add_person(admin, " Lin@Example.com ", "Lin Wei", [Role.AUTHOR])

    added = next(each for each in data.all_people() if each.name == "Lin Wei")
    assert (added.email, added.roles) == ("lin@example.com", {"author"})
    entry = data.audit()[0]
    assert (entry.actor, entry.action, entry.subject) == (
        found(admin).email,
        "added a person",
        "lin@example.com",
    )


def test_the_same_address_is_not_added_twice(person: Make):
    admin = person("admin")

    with pytest.raises(actions.RefusedError, match="is there already"):
        actions.add_person(admin, found(admin).email.upper(), "Again", [Role.ADMIN])
    assert data.audit() == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_nobody_but_an_admin_manages_people(person: Make, role: Role):
    with pytest.raises(actions.NotAllowedError):
        actions.add_person(person(role), "x@example.com", "X", [Role.ADMIN])


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
    session = data.session_of(first)
    assert session
    assert (session.person, second) == (viewer, None)


def test_closing_somebody_stops_their_link(person: Make):
    admin, viewer = person("admin"), person("viewer")
    token = actions.make_link(admin, found(viewer))

    actions.set_active(admin, found(viewer), active=False)

    assert entering.by_link(token, HERE) is None
    assert entering.link_state(token) == "unknown"
