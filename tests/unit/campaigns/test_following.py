"""Whom a run that follows another one is for."""

from datetime import UTC, datetime

import pytest

from delivery.campaigns import following
from delivery.campaigns.following import Came
from models.ids import campaign_run_id
from models.records import Run, RunKind, RunState

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("came", "kinds"),
    [
        ([Came("failed")], {RunKind.RETRY}),
        ([Came("expired")], {RunKind.RETRY}),
        ([Came("sent"), Came("failed")], {RunKind.CORRECTION, RunKind.RESEND}),
        ([Came("scheduled"), Came("failed")], set()),
        ([Came("in_doubt")], {RunKind.CORRECTION}),
        ([Came("delivered", noticed=True)], {RunKind.CORRECTION}),
        ([Came("sent", noticed=True), Came("sent")], {RunKind.CORRECTION}),
        ([Came("bounced")], set()),
        ([Came("skipped")], set()),
    ],
)
def test_who_may_have_got_it_is_never_sent_a_retry(came: list[Came], kinds: set[RunKind]):
    asked = (RunKind.RETRY, RunKind.CORRECTION, RunKind.RESEND)
    assert {kind for kind in asked if following.wanted(kind, came)} == kinds


def run(number: int, kind: RunKind, state: RunState, parent: int | None = None) -> Run:
    return Run(
        campaign_run_id("spring", number), "spring", number, kind, parent, state, {}, {}, NOW,
        "ada", NOW,
    )  # fmt: skip


RUNS = [
    run(1, RunKind.LAUNCH, RunState.UNDONE),
    run(2, RunKind.LAUNCH, RunState.DONE),
    run(3, RunKind.EXTEND, RunState.DONE, 2),
    run(4, RunKind.RETRY, RunState.DONE, 2),
    run(5, RunKind.EXTEND, RunState.UNDONE, 2),
]


def test_the_last_run_that_went_out_is_followed():
    assert following.parent_of(RunKind.RETRY, RUNS, None).number == 2
    with pytest.raises(ValueError, match="run 1 of it has gone out"):
        following.parent_of(RunKind.RETRY, RUNS, 1)


def test_what_extended_a_run_before_is_of_its_family():
    last = run(6, RunKind.EXTEND, RunState.FREEZING, 2)
    assert [one.number for one in following.family(last, RUNS)] == [2, 3]


def test_what_follows_goes_at_once_and_says_its_first_step_alone():
    document = {
        "key": "spring",
        "schedule": {"at": "2026-12-01T09:00:00Z", "per_minute": 10},
        "steps": [{"key": "a", "after": "1 day"}, {"key": "b", "after": "3 days"}],
        "winner": {"share": 10},
    }
    assert following.document_of(RunKind.RETRY, document) == {
        "key": "spring", "schedule": {"per_minute": 10},
        "steps": [{"key": "a", "after": "0 seconds"}],
    }  # fmt: skip
    assert len(following.document_of(RunKind.EXTEND, document)["steps"]) == 2
