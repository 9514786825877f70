"""Every action, called past the pages, as everybody: exactly those may who are told to."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from uuid import UUID

import pytest

from dashboard import actions, data, settings
from dashboard.changing.entering import begun
from dashboard.door.visitor import Visitor
from dashboard.reading import audits, exports, people as reading_people, taking
from models.access import Membership, Team
from models.approvals import Approval
from models.audiences import Audience, AudienceVersion
from models.campaigns import Campaign
from models.people import Method
from models.queries.configuring import approvals, catalog
from models.queries.console import teams
from models.templates import Template
from tests.attacks import (
    ACTORS,
    ASKED,
    AUDIENCE,
    CALLS,
    CAMPAIGN,
    MAY,
    NEWS,
    READERS,
    ROUTES,
    TEMPLATE,
    TOPIC,
    World,
)
from tests.factories import rows
from tests.gate import answered
from tests.integration.console.conftest import reading_from

CLOSED, UNKNOWN = "closed admin", "unknown"


@pytest.fixture(scope="module")
def people(module_url: str) -> Iterator[Mapping[str, UUID]]:
    """Everybody who tries, by name, in a database with the topic and its team."""
    with reading_from(module_url):
        with rows(module_url) as make:
            make.add(
                Campaign, campaign=CAMPAIGN, title="News", team="boards", topic=TOPIC.key,
                document=NEWS, created_at=make.now, updated_at=make.now, updated_by="ada",
            )  # fmt: skip
            for team in ("boards", "billing", "elsewhere"):
                make.add(Team, team=team, title=team.title(), created_at=make.now)
            make.add(
                Template, template=TEMPLATE, title="Shared", channel="email", team="boards",
                created_at=make.now, updated_at=make.now,
            )  # fmt: skip
            make.add(Audience, audience=AUDIENCE, team="boards", version=1)
            make.add(Audience, audience=READERS, version=1)
            make.add(
                AudienceVersion, audience=READERS, version=1, title="Readers", note="",
                document={"key": READERS, "title": "Readers", "all": []},
                changed_at=make.now, changed_by="ada",
            )  # fmt: skip
            made = {UNKNOWN: make.uuid(), CLOSED: make.person("c@a.example", "admin", active=False)}
            for name, (roles, in_teams) in ACTORS.items():
                made[name] = make.person(f"{name.replace(' ', '.')}@a.example", *sorted(roles))
                for team, held in in_teams.items():
                    make.add(Membership, person=made[name], team=team, roles=sorted(held))
        yield made


@pytest.fixture
def world(people: Mapping[str, UUID]) -> World:  # noqa: ARG001 - the team is made there
    """The topic of the team, as it was."""
    with rows(settings.database_url()) as make:
        identifier, approval = make.person(f"{make.uuid()}@a.example"), make.uuid()
        make.add(
            Approval, approval=approval, kind="switch", subject=str(approval), team="boards",
            fingerprint=b"", document={"reason": "why"}, weight=0, needed=2, note="why",
            requested_by=identifier, requested_at=make.now, state="waiting",
        )  # fmt: skip
    target = reading_people.person(identifier)
    assert target
    with data.database().begin() as tx:
        for statement in catalog.save_topic(TOPIC, data.now()):
            tx.run(statement)
        tx.run(teams.give(teams.Owned.TOPIC, TOPIC.key, "boards"))
        asked = tx.run(approvals.locked(approval))
    assert asked
    return World(target, replace(asked, subject="topic:boards.shared"), data.now())


def let(action: str, by: UUID, world: World) -> bool:
    """Whether somebody may: being refused for another reason is for those who may."""
    try:
        answer = CALLS[action](by, world)
        if isinstance(answer, Iterator):
            list(answer)
    except actions.NotAllowedError:
        return False
    except actions.RefusedError:
        return True
    return True


@pytest.mark.parametrize("action", MAY)
def test_an_action_lets_exactly_those_who_may(
    action: str, people: Mapping[str, UUID], world: World
):
    assert {name for name, by in people.items() if let(action, by, world)} == MAY[action]


def signed_in(by: UUID) -> str:
    """The token of a session, also of somebody who is closed."""
    person, now = reading_people.person(by), data.now()
    if person is None:
        return "none"
    with data.database().begin() as tx:
        return begun(actions.Acting(tx, now, person), Method.LINK, Visitor("", "127.0.0.1"))


async def served(route: str, by: UUID) -> int:
    """The status a route answers somebody with, behind the gate."""
    routes = [*exports.ROUTES, *audits.ROUTES, *taking.ROUTES]
    return (await answered(routes, route + ASKED.get(route, ""), signed_in(by))).status_code


@pytest.mark.parametrize("route", ROUTES)
async def test_a_route_serves_exactly_those_who_may(route: str, people: Mapping[str, UUID]):
    found = {name: await served(route, by) for name, by in people.items()}

    assert {name for name, code in found.items() if code == 200} == ROUTES[route]
    assert {found[CLOSED], found[UNKNOWN]} == {303}
