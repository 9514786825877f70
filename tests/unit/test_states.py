"""The states and the moves between them."""

import pytest

from models.states import (
    CAMPAIGN_MOVES,
    DELIVERY_MOVES,
    EVENT_MOVES,
    QUEUED,
    CampaignState as C,
    DeliveryState as D,
    EventState,
    may_move,
)


def test_every_state_says_where_it_may_go():
    assert set(DELIVERY_MOVES) == set(D)
    assert set(EVENT_MOVES) == set(EventState)
    assert set(CAMPAIGN_MOVES) == set(C)


def test_every_state_can_be_reached():
    reached = set().union(*DELIVERY_MOVES.values())
    assert reached | {D.SCHEDULED} == set(D)


@pytest.mark.parametrize("state", D)
def test_no_state_moves_to_itself(state: D):
    assert not may_move(state, state)


def test_every_state_of_a_campaign_can_be_reached_and_cancelled_is_final():
    assert set().union(*CAMPAIGN_MOVES.values()) == set(C)
    assert CAMPAIGN_MOVES[C.CANCELLED] == frozenset()


def test_what_was_sent_can_never_be_sent_again():
    for state in (D.SENT, D.DELIVERED, D.BOUNCED, D.DIGESTED):
        assert not DELIVERY_MOVES[state] & {D.SCHEDULED, D.SENDING}, state


def test_doubt_is_entered_from_the_wire_or_kept_by_what_does_not_go_again():
    assert [state for state in D if may_move(state, D.IN_DOUBT)] == [D.SCHEDULED, D.SENDING]


def test_only_a_person_brings_back_what_was_given_up():
    for state in (D.FAILED, D.SKIPPED, D.CANCELLED, D.EXPIRED):
        assert DELIVERY_MOVES[state] == {D.SCHEDULED}


def test_a_late_bounce_overrules_an_earlier_yes():
    assert may_move(D.SENT, D.BOUNCED)
    assert may_move(D.DELIVERED, D.BOUNCED)
    assert not may_move(D.BOUNCED, D.DELIVERED)


def test_rejected_and_planned_events_stay_what_they_are():
    assert EVENT_MOVES[EventState.REJECTED] == EVENT_MOVES[EventState.PLANNED] == frozenset()


def test_only_waiting_and_sending_rows_are_queued():
    assert {D.SCHEDULED, D.SENDING} == QUEUED
