"""What asks us to slow down after the hand-over, and how a new domain grows."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from delivery.roads.pacing import asked_later, ceiling, warm_up_plan
from models.records import Bounce, Feedback, Kind

AT = datetime(2026, 11, 22, tzinfo=UTC)
FIRST = date(2026, 11, 1)


def told(kind: Kind, bounce: Bounce | None, text: str) -> Feedback:
    return Feedback("ses", "1", kind, AT, None, None, bounce, text, None)


@pytest.mark.parametrize(
    ("kind", "bounce", "text", "asks"),
    [
        (Kind.DEFERRED, Bounce.POLICY, "421-4.7.28 unusual rate of mail", True),
        (Kind.DEFERRED, None, "450 4.7.0 [TSS04] temporarily deferred", True),
        (Kind.BOUNCED, Bounce.POLICY, "550 5.7.28 unsolicited mail", True),
        (Kind.BOUNCED, Bounce.POLICY, "550 5.7.26 not authenticated", False),
        (Kind.DEFERRED, Bounce.TRANSIENT, "450 4.7.1 greylisted, try again", False),
        (Kind.DEFERRED, Bounce.QUOTA, "452 4.2.2 over its limit", False),
        (Kind.DEFERRED, Bounce.TRANSIENT, "451 4.4.2 timeout", False),
        (Kind.COMPLAINED, None, "slow down", False),
    ],
)
def test_a_destination_is_slowed_down_by_what_it_says_of_our_speed_and_standing(
    kind: Kind, bounce: Bounce | None, text: str, *, asks: bool
):
    assert asked_later(told(kind, bounce, text)) is asks


def test_a_plan_is_the_ceiling_of_each_day_until_the_domain_is_warm():
    plan = warm_up_plan(FIRST, date(2026, 11, 3))
    assert plan[0] == (date(2026, 11, 3), ceiling(FIRST, date(2026, 11, 3)))
    assert plan[-1] == (date(2026, 11, 16), 100_000)
    assert all(before[1] < after[1] for before, after in pairwise(plan))
    assert warm_up_plan(FIRST, date(2026, 11, 17)) == []
