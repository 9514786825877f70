"""Which steps wait for whom, and what a waiting one makes of what it finds."""

from dataclasses import replace
from datetime import timedelta

import pytest

from delivery import planning, sequence
from delivery.planning import plan, stored
from delivery.policies import steps
from delivery.reading import Accepted, read
from delivery.verdicts import HoldUntil, Keep, SkipBecause, Verdict
from models import ids
from models.reasons import Hold, Skip
from models.records import Earlier, NewDelivery, OnUnsent, Step, Topic, Unless
from tests.values import EVENT, NOW, make_draft, make_facts, make_row, make_topic

QUARTER = timedelta(minutes=15)
FEED = Step("feed", "in_app", "board-item")
MAIL = Step("mail", "email", "board-mail", QUARTER)
SMS = Step("sms", "sms", "board-sms", timedelta())


def topic_of(*chain: Step) -> Topic:
    return make_topic(steps=chain)


def test_the_first_step_waits_for_nobody():
    topic = topic_of(replace(FEED, after=QUARTER), MAIL)
    assert not sequence.waits(topic, topic.steps[0])
    assert sequence.waits(topic, MAIL)


def test_only_a_step_with_a_pause_follows():
    topic = topic_of(FEED, MAIL, SMS, replace(FEED, key="last"))
    assert [sequence.follower(topic, one) for one in topic.steps] == [MAIL, SMS, None, None]


def test_a_step_that_was_taken_off_waits_for_nobody():
    assert sequence.looked_at(EVENT, "anna", topic_of(FEED), MAIL) == []


def planned(topic: Topic, **row: object) -> list[NewDelivery]:
    accepted = read(make_row(**row), {topic.key: topic})
    assert isinstance(accepted, Accepted)
    return plan(stored(EVENT, make_row(**row), accepted), topic, ["anna"], NOW)


def test_a_waiting_step_is_planned_behind_the_one_that_wakes_it():
    feed, mail, sms = planned(topic_of(FEED, MAIL, SMS))
    assert (feed.held_for, feed.due_at, feed.follower) == (None, NOW, mail.delivery_id)
    assert (mail.held_for, mail.due_at) == ("previous_step", NOW + sequence.LOOK_AGAIN)
    assert (mail.follower, sms.follower) == (sms.delivery_id, None)


def test_it_lives_as_long_after_its_pause_as_others_do_at_once():
    feed, mail, sms = planned(topic_of(FEED, MAIL, replace(SMS, after=timedelta(days=7))))
    life = planning.LIFETIMES[feed.klass]
    assert [one.expires_at for one in (feed, mail, sms)] == [
        NOW + life, NOW + life + QUARTER, NOW + life + QUARTER + timedelta(days=7),
    ]  # fmt: skip
    ends = NOW + timedelta(minutes=5)
    assert {one.expires_at for one in planned(topic_of(FEED, MAIL), expires_at=ends)} == {ends}


def test_behind_a_step_that_was_skipped_at_once_it_looks_at_once():
    _, mail = planned(topic_of(FEED, MAIL), actor="anna")
    assert mail.state == "skipped"  # it has the same actor; what it may not do is wait for ever
    assert mail.due_at == NOW


def decided(step: Step, earlier: Earlier | None) -> Verdict:
    before = ids.delivery_id(EVENT, "anna", FEED.channel, FEED.key)
    facts = make_facts("anna@example.com", earlier={} if earlier is None else {before: earlier})
    draft = make_draft(topic=topic_of(FEED, step), step=step, event_id=EVENT)
    return steps.decide(draft, facts, NOW)


SENT = Earlier("feed", "sent", NOW - QUARTER)
SKIPPED = Earlier("feed", "skipped", NOW)
UNREAD, UNSEEN = (replace(MAIL, unless=noticed) for noticed in (Unless.READ, Unless.SEEN))
SEEN, READ = replace(SENT, seen=True), replace(SENT, read=True)
LATER = NOW + QUARTER, Hold.PREVIOUS_STEP
HELD = NOW + sequence.LOOK_AGAIN, Hold.PREVIOUS_STEP
WAITS, GOES, STOPS = (replace(MAIL, on_unsent=rule) for rule in OnUnsent)


@pytest.mark.parametrize(
    ("step", "earlier", "verdict"),
    [
        (replace(MAIL, after=None), SENT, Keep()),
        (MAIL, None, Keep()),
        (MAIL, SENT, Keep("feed sent")),
        (MAIL, replace(SENT, state="in_doubt"), Keep("feed in_doubt")),
        (MAIL, replace(SENT, settled_at=NOW), HoldUntil(*LATER, "feed sent")),
        (MAIL, Earlier("feed", "scheduled", None), HoldUntil(*HELD, "feed scheduled")),
        (MAIL, Earlier("feed", "collected", None), HoldUntil(*HELD, "feed collected")),
        (WAITS, SKIPPED, HoldUntil(*LATER, "feed skipped")),
        (GOES, SKIPPED, Keep("feed skipped")),
        (STOPS, SKIPPED, SkipBecause(Skip.PREVIOUS_STEP_UNSENT, "feed skipped")),
        (STOPS, SENT, Keep("feed sent")),
        (UNREAD, SEEN, Keep("feed sent")),
        (UNREAD, READ, SkipBecause(Skip.ALREADY_READ)),
        (UNSEEN, SEEN, SkipBecause(Skip.ALREADY_SEEN)),
        (UNSEEN, READ, SkipBecause(Skip.ALREADY_SEEN)),
        (MAIL, READ, Keep("feed sent")),
    ],
)
def test_what_it_makes_of_the_step_before_it(step: Step, earlier: Earlier | None, verdict: Verdict):
    assert decided(step, earlier) == verdict


def test_it_says_what_it_saw_in_a_sentence():
    assert steps.tell("feed in_doubt") == "The step before it, feed, was in doubt."
