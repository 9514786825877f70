"""Members who are alike are decided about once: it comes to the same as deciding about each."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import product
from uuid import UUID

import pytest

from delivery.campaigns.basis import Basis
from delivery.campaigns.body import CampaignBody
from delivery.campaigns.forecast import Forecast
from delivery.campaigns.foreseeing import Law
from delivery.campaigns.launching import event_of
from delivery.campaigns.preflight import Preflight
from delivery.limits.caps import counter, counters
from delivery.ports import Rules
from delivery.roads.switches import Stops
from delivery.rulebook import read
from models.ids import campaign_run_id
from models.records import (
    Block,
    CampaignMember,
    Class,
    Facts,
    Ledger,
    Profile,
    Reachable,
    Run,
    RunKind,
    RunState,
    Stamp,
    Step,
)
from tests.values import NOW, make_topic

MAIL = make_topic(klass=Class.PROMOTIONAL, steps=(Step("email", "email", "board-mail"),))
BOOK = read(
    {
        "quiet_hours": [{"key": "noon", "quiet": ["daily 11:00-13:40"]}],
        "caps": [{"key": "two", "classes": ["promotional"], "limit": 2, "within": "24 hours"}],
    }
)
CAP = counter(BOOK.caps[0])
BODY = CampaignBody.model_validate(
    {
        "key": "spring", "title": "Spring", "topic": MAIL.key, "audience": "all",
        "schedule": {"over": "4 hours"},
        "steps": [{"key": "one"}, {"key": "two", "after": "3 hours"}],
    }
)  # fmt: skip
BLOCKED = (Block("email", "*", "hard_bounce"),)


def stamps(number: int, ago: timedelta) -> dict[str, tuple[Stamp, ...]]:
    taken = tuple(Stamp(NOW - ago * (one + 1), UUID(int=one)) for one in range(number))
    return {CAP: taken[::-1]} if taken else {}


def somebody(zone: str | None, taken: int, *said: object) -> Facts:
    blocked, muted, snoozed = said
    profile = None if zone == "nobody" else Profile("who", timezone=zone)
    return Facts(
        profile,
        {
            "email": (
                Reachable("who@example.com", preferred=True, blocks=BLOCKED if blocked else ()),
            )
        },
        {("*", "email"): False} if muted else {},
        Ledger(slots=stamps(taken, timedelta(hours=5))),
        NOW + timedelta(hours=2) if snoozed else None,
    )


KINDS = [
    somebody(*kind)
    for kind in product(
        ("UTC", "Asia/Kolkata", None, "nobody"), (0, 1, 2), (False, True), (False, True),
        (False, True),
    )
]  # fmt: skip
PEOPLE = [(f"person-{number}", KINDS[number % len(KINDS)]) for number in range(480)]


def flight(*, shares: bool) -> Preflight:
    run = Run(
        campaign_run_id("spring", 1), "spring", 1, RunKind.LAUNCH, None, RunState.FROZEN, {}, {},
        NOW, "ada", NOW,
    )  # fmt: skip
    events = {one.key: event_of(run, BODY, one, MAIL, UUID(int=1)) for one in BODY.steps}
    law = Law({"email": Rules(rulebook=BOOK, warm=counters(BOOK.caps))}, Stops())
    found = Forecast(1, NOW, Basis(1, None, {}))
    return Preflight(run, BODY, MAIL, events, law, {2: len(PEOPLE)}, found, shares)


@pytest.fixture(scope="module")
def each() -> Forecast:
    return looked(flight(shares=False))


def looked(at: Preflight, people: Sequence[tuple[str, Facts]] = PEOPLE) -> Forecast:
    at.look([CampaignMember(who, 2, "", None) for who, _ in people], dict(people), NOW)
    return at.found


def test_who_is_alike_comes_to_the_same(each: Forecast):
    shared = looked(flight(shares=True))
    assert shared.outcomes == each.outcomes
    assert shared.held == each.held
    assert len(each.outcomes) > 3, "they differ"


def test_the_hours_are_those_of_each_but_for_the_smear_of_what_waited(each: Forecast):
    shared = looked(flight(shares=True))
    apart = Counter(each.hours)
    apart.subtract(shared.hours)
    assert sum(map(abs, apart.values())) <= each.sent // 25


def test_one_decision_serves_many():
    body = BODY.model_copy(update={"schedule": BODY.schedule.model_copy(update={"over": None})})
    at = flight(shares=True)
    at.body = body
    looked(at, [(who, KINDS[0]) for who, _ in PEOPLE])
    assert len(at._decided) <= 8


def test_what_only_one_has_is_decided_alone():
    at = flight(shares=True)
    topic = make_topic(klass=Class.PROMOTIONAL, same_content=timedelta(hours=1))
    at.topic = topic
    at.events = {"one": event_of(at.run, BODY, BODY.steps[0], topic, UUID(int=1))}
    said = Facts(Profile("who"), ledger=Ledger(said=b"x" * 24))
    moments: list[datetime] = [NOW]
    assert at._likeness.of(CampaignMember("who", 2, "", None), said, moments) is None
