"""What may have arrived is never called unsent, and late answers count."""

import pytest
from hypothesis import given, strategies as st

from delivery.doubt import Late, late, truthful
from models.reasons import Failure, Skip
from models.records import Class, OnDoubt, Settlement
from models.states import DeliveryState as D, may_move
from tests.values import make_due, make_topic


def ended(state: D, reason: str | None = None, detail: str | None = None) -> Settlement:
    row = make_due()
    return Settlement(row.bucket, row.day, row.delivery_id, state, reason, detail, 2, "{}")


@pytest.mark.parametrize(
    ("klass", "said", "rule"),
    [
        (Class.CRITICAL, None, OnDoubt.RESEND),
        (Class.TRANSACTIONAL, None, OnDoubt.HOLD),
        (Class.PROMOTIONAL, None, OnDoubt.HOLD),
        (Class.CRITICAL, "hold", OnDoubt.HOLD),
        (Class.PROMOTIONAL, "resend", OnDoubt.RESEND),
        (Class.CRITICAL, "a word of a later version", OnDoubt.HOLD),
    ],
)
def test_the_rule_is_the_topics_else_its_classs(klass: Class, said: str | None, rule: OnDoubt):
    assert make_topic(klass=klass, on_doubt=said).doubt_rule is rule


@pytest.mark.parametrize("state", [D.FAILED, D.SKIPPED, D.EXPIRED, D.CANCELLED])
def test_an_end_we_chose_does_not_call_unsent_what_may_have_arrived(state: D):
    end = truthful(make_due(doubts=1), ended(state, Skip.OPTED_OUT, "by link"))
    assert (end.state, end.reason) == (D.IN_DOUBT, Failure.NOT_RESENT)
    assert end.detail == f"{Skip.OPTED_OUT.sentence} by link"
    assert end.attempts == 2


@pytest.mark.parametrize("state", [D.SENT, D.DELIVERED, D.BOUNCED, D.IN_DOUBT])
def test_an_end_the_other_side_told_stands(state: D):
    assert truthful(make_due(doubts=1), ended(state)) == ended(state)


@pytest.mark.parametrize("state", list(D))
def test_without_doubt_every_end_stands(state: D):
    assert truthful(make_due(), ended(state)) == ended(state)


OPEN = (D.SCHEDULED, D.SENDING, D.IN_DOUBT)
ANSWERS = (D.SENT, D.BOUNCED, D.FAILED, D.EXPIRED, D.SCHEDULED)


@pytest.mark.parametrize("state", OPEN)
def test_a_late_acceptance_settles_whatever_is_open(state: D):
    assert late(D.SENT, state, 2) is Late.SETTLES
    assert may_move(state, D.SENT)


@given(
    st.sampled_from(ANSWERS), st.sampled_from([s for s in D if s not in OPEN]), st.integers(0, 3)
)
def test_what_ended_stays_ended(answer: D, state: D, doubts: int):
    assert late(answer, state, doubts) is Late.NOTHING


@pytest.mark.parametrize(
    ("answer", "state", "doubts", "means"),
    [
        (D.SCHEDULED, D.IN_DOUBT, 0, Late.GOES_AGAIN),
        (D.SCHEDULED, D.IN_DOUBT, 1, Late.ONE_LESS),
        (D.SCHEDULED, D.SCHEDULED, 0, Late.ONE_LESS),
        (D.BOUNCED, D.IN_DOUBT, 0, Late.SETTLES),
        (D.FAILED, D.IN_DOUBT, 1, Late.ONE_LESS),
        (D.FAILED, D.SCHEDULED, 0, Late.SETTLES),
        (D.FAILED, D.SENDING, 0, Late.ONE_LESS),
    ],
)
def test_a_late_no_means_as_much_as_it_proves(answer: D, state: D, doubts: int, means: Late):
    assert late(answer, state, doubts) is means


@given(st.sampled_from(ANSWERS), st.sampled_from(OPEN), st.integers(0, 3))
def test_what_settles_is_a_move_there_is(answer: D, state: D, doubts: int):
    if late(answer, state, doubts) is Late.SETTLES:
        assert may_move(state, answer)
