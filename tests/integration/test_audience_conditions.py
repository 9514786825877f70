"""SQL about everybody and Python about one recipient say the same of random audiences."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from delivery.audiences import why
from models.audiences import AudienceMember
from models.catalog import Category, OrgPreference
from models.database import SyncDatabase
from models.ids import bucket_of
from models.queries.audiences import members, person
from models.queries.audiences.conditions import where
from models.queries.routing import EVERYWHERE
from models.records.audiences import Portrait
from models.records.conditions import (
    AllOf,
    AnyOf,
    AttributeContains,
    AttributeExists,
    AttributeIs,
    AttributeMoment,
    AttributeNumber,
    Condition,
    Consents,
    Created,
    Did,
    Happened,
    HasAddress,
    Inside,
    LocaleIs,
    NotOf,
    OnList,
    OrgIs,
    Reachable,
    Span,
    ZoneIs,
)
from tests.factories import Rows, rows, suppressed

MANY = 80
NAMES = ("plan", "seats", "tags", "renews", "it's; DROP TABLE")
VALUES = ("team", "", "1", 1, 1.5, 2, -3, True, False, 0, "2026-11-20", "ä\"'\\{}")
MOMENTS = (
    "2026-11-20", "2026-02-30", "2026-11-20T10:00:00Z", "2026-11-20T10:00:00.5+05:30",
    "2026-11-20 23:59-09:00", "20261120", "tomorrow", "2026-11-20T25:00:00Z", "infinity",
)  # fmt: skip
TOPICS = ("board.shared", "page.edited")
TIMES = ((1, None), (2, None), (None, 0), (None, 1), (0, 2), (1, 1))
DAYS = st.integers(1, 12).map(lambda days: timedelta(days=days))


def populate(make: Rows, chance: random.Random) -> list[str]:
    people = [f"r{number}" for number in range(MANY)]
    for category, default in (("offers", {"email": False}), ("news", {"*": True})):
        make.add(Category, category=category, title=category, description="", position=0,
                 defaults=default, updated_at=make.now)  # fmt: skip
    for org, category, channel, allowed in (
        ("acme", "offers", "*", True), ("acme", "*", "email", False), ("bolt", "*", "*", False),
    ):  # fmt: skip
        make.add(OrgPreference, org=org, category=category, channel=channel, allowed=allowed,
                 changed_at=make.now, changed_by="x")  # fmt: skip
    for who in people:
        _person(make, chance, who)
    return people


def _person(make: Rows, chance: random.Random, who: str) -> None:
    kinds = (
        lambda: chance.choice(VALUES), lambda: chance.choice(MOMENTS), lambda: None,
        lambda: chance.sample(VALUES, 2), lambda: {"team": 1}, lambda: [[1], None],
    )  # fmt: skip
    make.recipient(
        who,
        attributes={name: chance.choice(kinds)() for name in NAMES if chance.random() < 0.7},
        org=chance.choice((None, "acme", "bolt", "")),
        locale=chance.choice((None, "de", "de-AT", "den", "pt-BR")),
        timezone=chance.choice((None, "Europe/Berlin", "Asia/Tokyo")),
        created_at=make.now - timedelta(days=chance.randrange(20)),
    )
    for number in range(chance.randrange(3)):
        over = chance.choice((None, make.now - timedelta(days=1), make.now + timedelta(days=1)))
        mark = chance.choice(("email/*", "*/*", "email/offers"))
        copy = chance.choice((None, suppressed("by hand", over, mark)))
        make.address(who, f"{who}.{number}@example.com", preferred=not number, suppressed=copy)
    for category in ("offers", "news", "*"):
        for channel in ("email", "*"):
            if chance.random() < 0.2:
                make.preference(who, category, allowed=chance.random() < 0.5, channel=channel)
    for _ in range(chance.randrange(4)):
        _message(make, chance, who)
    if chance.random() < 0.3:
        make.add(AudienceMember, bucket=bucket_of(who), audience="guests", list=1, recipient_id=who)


def _message(make: Rows, chance: random.Random, who: str) -> None:
    sent = make.delivery(
        who, topic=chance.choice(TOPICS), state=chance.choice(("sent", "delivered", "skipped")),
        ago=timedelta(days=chance.randrange(12)), test=chance.random() < 0.1,
        digest=chance.random() < 0.2,
    )  # fmt: skip
    for kind in ("opened", "clicked", "delivered"):
        if chance.random() < 0.4:
            by = chance.choice(("person", "proxy", "scanner"))
            make.reaction(sent, kind, detail={"by": by})


def atoms() -> st.SearchStrategy[Condition]:
    name, value = st.sampled_from(NAMES), st.sampled_from(VALUES)
    number = st.none() | st.sampled_from((-3, 0, 1, 1.5, 2))
    moment = st.none() | st.datetimes(
        *(datetime.fromisoformat(f"2026-11-{day}") for day in (19, 22)), timezones=st.just(UTC)
    )
    ago = st.none() | DAYS.map(lambda length: -length)
    return st.one_of(
        st.builds(AttributeIs, name, st.lists(value, min_size=1, max_size=3).map(tuple)),
        st.builds(AttributeContains, name, value),
        st.builds(AttributeExists, name),
        st.builds(AttributeNumber, name, number, number).filter(
            lambda test: test.at_least is not None or test.at_most is not None
        ),
        st.builds(AttributeMoment, name, st.builds(Span, moment, moment)),
        st.builds(OrgIs, st.just(("acme", "")) | st.just(("bolt",))),
        st.builds(ZoneIs, st.just(("Asia/Tokyo",))),
        st.builds(LocaleIs, st.sampled_from((("de",), ("DE-at", "pt"), ("fr",)))),
        st.builds(Created, st.builds(Span, ago, ago)),
        st.builds(
            lambda did, topic, times, within: Happened(did, topic, *times, within),
            st.sampled_from(Did), st.sampled_from((None, *TOPICS)), st.sampled_from(TIMES),
            st.none() | DAYS,
        ),
        st.builds(HasAddress, st.sampled_from(("email", "sms"))),
        st.builds(Reachable, st.just("email"), st.sampled_from((None, "offers", "news"))),
        st.builds(Consents, st.sampled_from(("offers", "news", "new")), st.just("email")),
        st.builds(OnList, st.just("guests"), st.integers(0, 1)),
    )  # fmt: skip


CONDITIONS = st.recursive(
    atoms(),
    lambda inner: st.one_of(
        st.builds(AllOf, st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(NotOf, inner),
        st.builds(Inside, st.just("other"), inner),
    ),
    max_leaves=6,
)


class World:
    """People in a database, and what is known of each."""

    def __init__(self, database: SyncDatabase, portraits: dict[str, Portrait]) -> None:
        self.database = database
        self.portraits = portraits


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with rows(database_url) as make:
        people = populate(make, random.Random(7))
    database = SyncDatabase.connect(database_url, "audiences", 1)
    with database.begin() as tx:
        found = {who: tx.follow(person.portrait(who, ["email"])) for who in people}
    yield World(database, {who: each for who, each in found.items() if each is not None})
    database.close()


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(condition=CONDITIONS)
def test_statements_find_whom_the_explanation_finds(world: World, condition: Condition):
    now = world.database.now()
    with world.database.begin() as tx:
        found = tx.run(members.members(where(condition, now), EVERYWHERE, None, MANY))
        number = tx.run(members.number(where(condition, now), EVERYWHERE))
    expected = {
        who for who, portrait in world.portraits.items() if why(condition, portrait, now).holds
    }
    assert {one.recipient_id for one in found} == expected
    assert number == len(expected)
