"""What the end of an attempt means."""

from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from delivery.errors import (
    AccountError,
    AddressRefused,
    ComposingError,
    ContentRefused,
    InDoubtError,
    LeaseLostError,
    Problem,
    RenderingError,
    Reply,
    ThrottledError,
    TransientError,
    UnavailableError,
)
from delivery.messages import Receipt
from delivery.retries import CRASHES, PATIENCE, crashed, outcome
from models.reasons import Failure, Hold
from models.records import Class, DueRow, OnDoubt
from models.states import DeliveryState as D, may_move
from tests.values import NOW, make_due

NO = Reply(550, "no", "5.1.1")
YES = Receipt(Reply(250, "ok"))

ENDS = [
    (YES, D.SENT, None),
    (RenderingError([Problem(3, "'data.x' is missing")]), D.FAILED, Failure.RENDERING),
    (ComposingError("no mailbox"), D.FAILED, Failure.COMPOSING),
    (AddressRefused("no", NO), D.BOUNCED, Failure.ADDRESS_REFUSED),
    (ContentRefused("no", NO), D.FAILED, Failure.CONTENT_REFUSED),
    (InDoubtError("?", Failure.NO_ANSWER), D.IN_DOUBT, Failure.NO_ANSWER),
    (InDoubtError("?", Failure.CONNECTION_LOST), D.IN_DOUBT, Failure.CONNECTION_LOST),
    (TransientError("later"), D.SCHEDULED, Hold.BACKOFF),
    (ThrottledError("slow down"), D.SCHEDULED, Hold.BACKOFF),
    (UnavailableError("away"), D.SCHEDULED, Hold.BACKOFF),
    (AccountError("bad password"), D.SCHEDULED, Hold.ACCOUNT),
    (LeaseLostError("late"), D.SCHEDULED, None),
    (KeyError("a bug"), D.SCHEDULED, Hold.BACKOFF),
]


@pytest.mark.parametrize(("end", "state", "reason"), ENDS)
def test_every_end_has_its_meaning(end: Exception, state: D, reason: object):
    result = outcome(make_due(), end, NOW, 0.5)
    assert (result.state, result.reason) == (state, reason)
    assert may_move(D.SENDING, result.state)
    assert (result.due_at is not None) == (state is D.SCHEDULED)


def test_only_a_definite_not_now_is_a_try():
    tries = {type(end): outcome(make_due(tries=2), end, NOW, 0).tries for end, *_ in ENDS}
    counted = {kind for kind, number in tries.items() if number == 3}
    assert counted == {TransientError, ThrottledError, UnavailableError}
    assert set(tries.values()) == {2, 3}


def test_only_an_unknown_error_is_a_crash():
    for end, *_ in ENDS:
        result = outcome(make_due(crashes=1), end, NOW, 0)
        if result.state is D.SCHEDULED:
            assert result.crashes == (2 if isinstance(end, KeyError) else 1)


DOUBT = InDoubtError("?", Failure.NO_ANSWER)


def test_in_doubt_goes_again_where_the_topic_says_so():
    held = outcome(make_due(tries=1), DOUBT, NOW, 0.5, OnDoubt.HOLD)
    again = outcome(make_due(tries=1), DOUBT, NOW, 0.5, OnDoubt.RESEND)
    assert (held.state, held.doubt, held.tries) == (D.IN_DOUBT, None, 1)
    assert (again.state, again.reason, again.tries) == (D.SCHEDULED, Hold.DOUBT, 2)
    assert again.doubt is Failure.NO_ANSWER


@given(st.integers(0, 10), st.floats(0, 1))
def test_the_pause_of_doubt_leaves_time_for_a_late_answer(tries: int, jitter: float):
    row = make_due(tries=tries)
    due = outcome(row, DOUBT, NOW, jitter, OnDoubt.RESEND).due_at
    longest = min(timedelta(seconds=30) * 2**tries, timedelta(hours=1))
    assert due is not None
    assert longest / 2 <= due - NOW <= longest


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (make_due(tries=PATIENCE[Class.TRANSACTIONAL].tries - 1), Failure.NO_ANSWER),
        (make_due(expires_at=NOW + timedelta(seconds=15)), Failure.NO_ANSWER),
        (make_due(crashes=CRASHES - 1), Failure.WORKER_LOST),
        (make_due(crashes=CRASHES - 1), Failure.CRASHED),
    ],
)
def test_what_may_not_go_again_stays_in_doubt_and_is_never_called_failed(row: DueRow, why: Failure):
    result = outcome(row, InDoubtError("?", why), NOW, 0.0, OnDoubt.RESEND)
    assert (result.state, result.reason, result.doubt) == (D.IN_DOUBT, why, None)


def test_a_worker_lost_on_the_wire_counts_as_a_crash():
    result = outcome(make_due(), InDoubtError("?", Failure.WORKER_LOST), NOW, 0, OnDoubt.RESEND)
    assert (result.tries, result.crashes) == (1, 1)


def test_the_third_crash_is_quarantine():
    states = [crashed(make_due(crashes=n), NOW, "x").state for n in range(CRASHES)]
    assert states == [D.SCHEDULED, D.SCHEDULED, D.FAILED]
    assert crashed(make_due(crashes=2), NOW, "x").reason is Failure.QUARANTINED


@pytest.mark.parametrize("klass", Class)
def test_gives_up_after_the_last_try_of_its_class(klass: Class):
    last = PATIENCE[klass].tries - 1
    assert outcome(make_due(klass=klass, tries=last - 1), TransientError("x"), NOW, 0).due_at
    given_up = outcome(make_due(klass=klass, tries=last), TransientError("x"), NOW, 0)
    assert (given_up.state, given_up.reason) == (D.FAILED, Failure.TRIES_EXHAUSTED)


@given(st.sampled_from(Class), st.integers(0, 30), st.floats(0, 1))
def test_pauses_double_up_to_an_hour_and_are_jittered_in_full(
    klass: Class, tries: int, jitter: float
):
    row = make_due(klass=klass, tries=tries % (PATIENCE[klass].tries - 1))
    due = outcome(row, TransientError("x"), NOW, jitter).due_at
    longest = min(PATIENCE[klass].base * 2**row.tries, timedelta(hours=1))
    assert due is not None
    assert abs(due - NOW - longest * jitter) < timedelta(milliseconds=1)


def test_the_other_side_may_ask_for_more_time():
    due = outcome(make_due(), ThrottledError("x", retry_after=7200), NOW, 0).due_at
    assert due == NOW + timedelta(hours=2)


def test_what_would_come_too_late_expires_now():
    row = make_due(expires_at=NOW + timedelta(hours=1))
    result = outcome(row, TransientError("x", retry_after=3600), NOW, 0)
    assert (result.state, result.reason) == (D.EXPIRED, Failure.EXPIRED)
    assert may_move(D.SENDING, result.state)
    assert outcome(row, TransientError("x", retry_after=3599), NOW, 0).state is D.SCHEDULED


def test_what_the_server_said_is_kept():
    assert outcome(make_due(), YES, NOW, 0).reply == Reply(250, "ok")
    assert outcome(make_due(), AddressRefused("no", NO), NOW, 0).reply == NO
