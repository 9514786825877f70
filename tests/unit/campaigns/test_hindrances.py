"""Why a campaign cannot be launched: each reason alone, and what it says."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from delivery.campaigns.document import copied, stored
from delivery.campaigns.hindrances import (
    Kind,
    Look,
    Review,
    hindrances,
    holding,
    look,
    without_approval,
)
from models.records import Campaign, Class, Step, Switch, Topic
from models.records.campaigns import Around, Known
from models.states import CampaignState

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SAID: dict[str, Any] = {"key": "spring", "title": "Spring", "topic": "news", "recipients": ["anna"]}
SPRING = Campaign(
    "spring", "Spring", "growth", "news", CampaignState.DRAFT, SAID, 1, None, "", NOW, "ada"
)
LOOK = Look(SPRING)


def switch(name: str) -> Switch:
    return Switch(name, "Wrong price", "ada", NOW)


def foretold(*outcomes: tuple[str, str, int]) -> dict[str, Any]:
    return {"outcomes": [
        {"state": state, "reason": why, "messages": number} for state, why, number in outcomes
    ]}  # fmt: skip


@pytest.mark.parametrize(
    ("look", "kind", "said"),
    [
        ({"campaign": replace(SPRING, state=CampaignState.RUNNING)}, Kind.STATE, "It is running:"),
        ({"allowed": False}, Kind.ROLE, "an author in the team growth can"),
        ({"faults": ("audience: say who",)}, Kind.DOCUMENT, "audience: say who"),
        ({"members": 0}, Kind.AUDIENCE, "Nobody belongs to its audience"),
        ({"switches": (switch("topic:news"),)}, Kind.SWITCH, "since 2026-11-23 09:00 UTC (Wrong p"),
        ({"forecast": foretold(("skipped", "frequency_cap", 1200))}, Kind.CAPS,
         "nothing of it would go: 1,200 frequency_cap."),
        ({"review": Review(("bo@a.example", "al@a.example"))}, Kind.APPROVAL,
         "approval by al@a.example or bo@a.example: ask for it"),
        ({"review": Review((), NOW)}, Kind.APPROVAL, "somebody else since 2026-11-23 09:00 UTC"),
    ],
)  # fmt: skip
def test_each_reason_is_spelled_out(look: dict[str, Any], kind: Kind, said: str):
    [found] = hindrances(replace(LOOK, **look))
    assert found.kind is kind
    assert said in found.said
    alone = without_approval(replace(LOOK, **look))
    assert [each.kind for each in alone] == ([] if kind is Kind.APPROVAL else [kind])


@pytest.mark.parametrize(
    "look",
    [
        {}, {"members": 1}, {"forecast": foretold()},
        {"forecast": foretold(("skipped", "opted_out", 3), ("sent", "", 1))},
    ],
)  # fmt: skip
def test_what_is_whole_can_go(look: dict[str, Any]):
    assert hindrances(replace(LOOK, **look)) == []


def test_all_reasons_are_told_at_once_and_what_is_over_tells_that_alone():
    look = replace(LOOK, allowed=False, faults=("a", "b"), members=0, review=Review())
    assert [each.kind for each in hindrances(look)] == [
        Kind.ROLE, Kind.DOCUMENT, Kind.DOCUMENT, Kind.APPROVAL,
    ]  # fmt: skip
    over = replace(look, campaign=replace(SPRING, state=CampaignState.FINISHED))
    assert [each.kind for each in hindrances(over)] == [Kind.STATE]


def test_a_switch_counts_where_it_holds_something_of_it():
    topic = Topic("news", "News", "news", Class.PROMOTIONAL, (Step("mail", "email", "mail"),))
    holds = {"all", "class:promotional", "topic:news", "campaign:spring", "channel:email"}
    other = {"class:critical", "topic:offers", "campaign:winter", "channel:sms", "account:main"}
    found = holding(map(switch, sorted(holds | other)), stored(SAID), topic)
    assert {each.name for each in found} == holds


@pytest.mark.parametrize(
    ("said", "revision", "kinds"),
    [
        ({"audience": "staff"}, 1, [Kind.AUDIENCE, Kind.SWITCH, Kind.CAPS]),
        ({"audience": "staff"}, 2, [Kind.AUDIENCE, Kind.SWITCH]),
        ({"audience": "staff", "schedule": {"cron": "0 9 * * *"}}, 1, [Kind.SWITCH, Kind.CAPS]),
    ],
)
def test_who_belongs_counts_unless_it_recurs_and_a_forecast_while_it_holds(
    said: dict[str, Any], revision: int, kinds: list[Kind]
):
    topic = Topic("news", "News", "news", Class.PROMOTIONAL, ())
    basis = {"revision": 1, "audience": 7, "templates": {}}
    there = Around([switch("all")], foretold(("skipped", "opted_out", 3)) | {"basis": basis}, 7)
    body = stored({**SAID, "recipients": [], **said})
    found = look(replace(SPRING, revision=revision), body, Known({"news": topic}, {}, {}), there)
    assert [each.kind for each in hindrances(found)] == kinds


def test_a_copy_has_a_key_of_its_own_and_no_moment():
    said = SAID | {"schedule": {"at": "2026-01-01T00:00:00Z"}}
    first = copied(said, {"spring"})
    assert first == SAID | {"key": "spring-copy", "title": "Spring (copy)"}
    assert copied(said, {"spring", "spring-copy"})["key"] == "spring-copy-2"
