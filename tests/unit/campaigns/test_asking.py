"""When an occasion of a campaign needs more approval than its launch had."""

from datetime import UTC, datetime

import pytest

from delivery.approving import Thresholds, in_force
from delivery.campaigns.asking import outgrown
from delivery.campaigns.document import stored
from models.records import Campaign, Class, Topic
from models.states import CampaignState

SAID = {"key": "spring", "title": "Spring", "topic": "news", "audience": "staff"}
NEWS = Topic("news", "News", "news", Class.PROMOTIONAL, ())
BUILT_IN: Thresholds = in_force([])


@pytest.mark.parametrize(
    ("launched_for", "members", "more"),
    [
        (9_000, 10_000, False),
        (9_000, 10_001, True),
        (20_000, 1_000_000, False),
        (20_000, 1_000_001, True),
        (2_000_000, 3_000_000, False),
        (2_000_000, 5, False),
        (None, 3_000_000, False),
    ],
)
def test_more_people_have_to_look_only_above_another_threshold(
    launched_for: int | None, members: int, *, more: bool
):
    campaign = Campaign(
        "spring", "Spring", None, "news", CampaignState.RUNNING, SAID, 1, None, "",
        datetime(2026, 12, 1, tzinfo=UTC), "ada", launched_for,
    )  # fmt: skip
    assert outgrown(campaign, stored(SAID), NEWS, members, BUILT_IN) is more
