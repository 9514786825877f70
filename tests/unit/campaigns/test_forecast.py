"""What a campaign would come to, counted; and what came of it."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from delivery.campaigns import forecast
from delivery.campaigns.assigning import CANARY, REST, TEST
from delivery.campaigns.basis import Basis, stale
from delivery.campaigns.body import CampaignBody
from delivery.campaigns.forecast import Compared, Forecast
from delivery.campaigns.foreseeing import Fate, Law, fates
from delivery.campaigns.judging import Count, tally
from delivery.campaigns.preflight import openings
from delivery.gate import Round
from delivery.outlook import supposed
from delivery.ports import Rules
from delivery.roads.switches import Stops
from delivery.rulebook import read
from models.records import Class, Facts, OnUnsent, Step, Topic, Unless
from scheduler.commands.preflight import compared, lines
from tests.values import NOW, make_facts, make_topic

ANNA = make_facts("anna@example.com")
BASIS = Basis(3, 7, {"board-mail": 2})
NIGHT = {"quiet_hours": [{"key": "noon", "quiet": ["daily 11:00-13:30"]}]}
MAIL = make_topic(klass=Class.PROMOTIONAL, steps=(Step("email", "email", "board-mail"),))
FEED = Step("in_app", "in_app", "board-item")
LATER = Step("email", "email", "board-mail", timedelta(minutes=15), Unless.READ, OnUnsent.GO)


def foretold(
    topic: Topic = MAIL, facts: Facts = ANNA, book: Any = None, stops: Stops | None = None
) -> list[Fate]:
    made = supposed(topic, "anna", '{"board": "Roadmap"}', NOW)
    rules = Rules(rulebook=read(book or {}))
    law = Law({one.channel: rules for one in made}, stops or Stops())
    return list(fates(made, Round({"anna": facts}, {topic.key: topic}), law))


def test_what_nothing_holds_goes_at_its_moment():
    assert foretold() == [Fate("email", "sent", None, None, NOW)]


def test_what_quiet_time_holds_goes_when_that_is_over():
    (found,) = foretold(book=NIGHT)
    assert (found.state, found.held_for) == ("sent", "quiet_hours")
    over = NOW.replace(hour=13, minute=30)
    assert over <= found.at <= over + timedelta(minutes=15)


def test_a_no_has_its_reason():
    opted_out = make_facts("anna@example.com", preferences={("boards", "email"): False})
    assert [one.reason for one in foretold(facts=opted_out)] == ["opted_out"]
    nowhere = make_facts(addresses={})
    assert [one.reason for one in foretold(facts=nowhere)] == ["no_address"]


def test_what_a_switch_stops_waits_without_an_end():
    stops = Stops(channels=frozenset({"email"}))
    assert foretold(stops=stops) == [Fate("email", "scheduled", "kill_switch", "kill_switch", NOW)]


def test_a_step_that_waits_goes_after_the_one_before_it():
    first, second = foretold(make_topic(steps=(FEED, LATER)))
    assert (first.channel, first.at) == ("in_app", NOW)
    waited = NOW + timedelta(minutes=15)
    assert second == Fate("email", "sent", None, "previous_step", waited)


def counted() -> Forecast:
    found = Forecast(1, NOW, BASIS)
    found.leave_out("holdout")
    found.add([Fate("email", "sent", None, "quiet_hours", NOW + timedelta(minutes=30))])
    found.add([Fate("email", "sent", None, None, NOW + timedelta(minutes=90))])
    found.add([Fate("email", "skipped", "opted_out", None, NOW)])
    return found


def test_people_messages_hours_and_the_end_are_counted():
    found = counted()
    assert (found.audience, found.sent, found.left_out["holdout"]) == (4, 2, 1)
    assert found.hours == {NOW: 1, NOW + timedelta(hours=1): 1}
    assert found.ends_at == NOW + timedelta(minutes=90)
    assert forecast.as_document(found)["outcomes"] == [
        {"state": "sent", "reason": "", "messages": 2},
        {"state": "skipped", "reason": "opted_out", "messages": 1},
    ]


def test_what_was_foretold_is_held_against_what_happened():
    happened = tally(
        [
            Count("1/first/", "email", "delivered", "", 1, 0),
            Count("1/first/", "email", "skipped", "opted_out", 1, 0),
            Count("1/first/", "email", "skipped", "muted", 1, 0),
        ]
    )
    found = forecast.difference(forecast.as_document(counted()), happened)
    assert found == [
        Compared("sent", "", 2, 1),
        Compared("skipped", "muted", 0, 1),
        Compared("skipped", "opted_out", 1, 1),
    ]
    assert [one.difference for one in found] == [-1, 1, 0]


def test_stages_open_when_those_before_them_were_watched():
    body = CampaignBody.model_validate(
        {
            "key": "spring", "title": "Spring", "topic": "news", "recipients": ["anna"],
            "canary": {"share": 1, "after": "30 min"},
            "winner": {"share": 20, "after": "4 hours", "by": "opened"},
            "variants": [{"key": "a", "share": 50}, {"key": "b", "share": 50}],
        }
    )  # fmt: skip
    at = datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert openings(body, at) == {
        CANARY: at, TEST: at + timedelta(minutes=30), REST: at + timedelta(hours=4, minutes=30),
    }  # fmt: skip


def test_a_report_says_how_right_it_was_once_something_happened():
    stored = forecast.as_document(counted())
    assert list(compared(stored, [])) == []
    assert list(compared(None, [Count("1/first/", "email", "sent", "", 1, 0)])) == []
    assert list(compared(stored, [Count("1/first/", "email", "sent", "", 1, 0)])) == [
        "foretold 2, 1 came (-1): sent", "foretold 1, 0 came (-1): skipped opted_out",
    ]  # fmt: skip


def test_it_is_told_in_lines():
    assert list(lines(counted()))[:3] == [
        "4 people; 2 messages go.",
        "         1 left out: The recipient is in the campaign's holdout.",
        "         1 skipped: The recipient turned this category off for this channel.",
    ]


@pytest.mark.parametrize(
    ("now", "changed"),
    [
        (BASIS, []),
        (replace(BASIS, revision=4), ["its document"]),
        (replace(BASIS, audience=None), ["its audience"]),
        (replace(BASIS, audience=8, templates={}), ["its audience", "a template"]),
    ],
)
def test_a_forecast_is_stale_as_soon_as_what_it_was_made_of_changed(now: Basis, changed: list[str]):
    kept = json.loads(json.dumps(forecast.as_document(counted())))
    assert list(stale(kept, now)) == changed


def test_a_forecast_that_does_not_say_what_it_was_made_of_is_stale():
    assert list(stale({}, BASIS)) == ["its document", "its audience", "a template"]
