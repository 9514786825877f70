"""What the console says about campaigns, and offers to do."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from dashboard.showing.campaigns import Order, coming, orders, pace
from delivery.campaigns.reporting import progress
from models.records import Campaign, Run, RunKind, RunState
from models.states import CampaignState as C

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SAID = {"key": "spring", "title": "Spring", "topic": "news", "recipients": ["anna"]}


def campaign(state: C) -> Campaign:
    return Campaign("spring", "Spring", None, "news", state, SAID, 1, None, "", NOW, "ada")


def run(state: RunState, eligible: int | None = 100, steps: int = 1) -> Run:
    said = SAID | {"steps": [{"key": f"s{n}", "after": f"{n} days"} for n in range(steps)]}
    return Run(
        UUID(int=1), "spring", 1, RunKind.LAUNCH, None, state, said, {}, NOW, "ada",
        NOW + timedelta(minutes=1), eligible=eligible,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "run_state", "offered"),
    [
        (C.DRAFT, None, [Order.START, Order.CANCEL]),
        (C.SCHEDULED, None, [Order.UNDO, Order.PAUSE, Order.CANCEL]),
        (C.SCHEDULED, RunState.FROZEN, [Order.UNDO, Order.PAUSE, Order.CANCEL]),
        (C.RUNNING, RunState.GOING, [Order.PAUSE, Order.CANCEL]),
        (C.PAUSED, RunState.GOING, [Order.RESUME, Order.CANCEL]),
        (C.FINISHED, RunState.DONE, []),
        (C.CANCELLED, RunState.FROZEN, []),
    ],
)
def test_offers_what_fits_how_it_stands(state: C, run_state: RunState | None, offered: list[Order]):
    runs = [] if run_state is None else [run(run_state)]
    assert orders(campaign(state), runs) == [*offered, Order.CLONE]


def test_progress_counts_every_step_and_nobody_of_what_was_taken_back():
    runs = [run(RunState.GOING, 100, steps=2), run(RunState.UNDONE), run(RunState.FREEZING, None)]
    found = progress(runs, messages=1, settled=50, lately=50, now=NOW)
    assert (found.expected, found.share, found.per_minute) == (200, 0.25, 10)
    assert pace(found, NOW) == "50 of 200 messages done, 10 a minute, ends in about 15 min"
    assert progress([], 1, 0, 0, NOW).share == 0
    assert progress(runs, 1, 300, 0, NOW).share == 1


def test_what_was_frozen_begins_next():
    assert coming(campaign(C.SCHEDULED), [run(RunState.FROZEN)], NOW) == NOW + timedelta(minutes=1)
    assert coming(campaign(C.RUNNING), [run(RunState.GOING)], NOW) is None
