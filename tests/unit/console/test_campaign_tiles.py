"""What the numbers of a campaign's report lead to."""

from collections.abc import Mapping

import pytest

from dashboard.showing.asked import REASONS, TOLD
from dashboard.showing.campaign_tiles import tiles_of, whys
from dashboard.showing.noticed import behind
from delivery.campaigns.judging import Count, tally
from delivery.campaigns.reporting import Funnel
from models.readings.deliveries import Noticed, OfCampaign

OF = OfCampaign("spring")
FUNNEL = Funnel(
    "spring",
    300,
    tally(
        [
            Count("1/first/", "email", "delivered", "", 150, 0),
            Count("1/first/", "email", "in_doubt", "worker_lost", 50, 0),
            Count("1/first/", "email", "skipped", "opted_out", 9, 0),
            Count("1/first/", "email", "cancelled", "campaign_cancelled", 1, 0),
            Count("1/first/", "email", "opened", "person", 20, 20),
            Count("1/first/", "email", "opened", "prefetch", 40, 40),
        ]
    ),
    {"paused": 41, "due": 2, "quiet_hours": 0},
)


def test_every_number_has_its_deliveries():
    found = {tile.title: (tile.value, tile.note, tile.query) for tile in tiles_of(OF, FUNNEL)}
    every = {"of_campaign": ["spring"], "since": ["all"]}
    assert found["Eligible"] == ("300", "people", every)
    assert found["Waiting"][0] == "43"
    assert found["Not sent"] == ("10", "see why below", every | {"state": ["Cancelled", "Skipped"]})
    assert found["Handed over"][2]["state"] == ["Bounced", "Delivered", "In doubt", "Sent"]
    assert found["Delivered"][:2] == ("150", "75.0% of what went")
    assert found["Opened by people"] == (
        "20", "10.0% of what went", every | {"told": ["Opened by people"]},
    )  # fmt: skip
    assert found["Seen by machines"][0] == "40"


def test_every_reason_has_its_deliveries_but_those_who_have_none():
    found = {one.line: one.query for one in whys(OF, FUNNEL, {"holdout": 5, "same_address": 0})}
    assert next(iter(found.values())) is None
    assert found["41 · Waiting: Its campaign is paused."] == {
        "of_campaign": ["spring"], "state": ["Scheduled", "Sending"], "reason": ["Paused"],
        "since": ["all"],
    }  # fmt: skip
    assert "reason" not in (found["2 · Waiting: due now"] or {})
    assert len(found) == 5


@pytest.mark.parametrize("noticed", Noticed)
def test_what_is_asked_for_can_be_chosen(noticed: Noticed):
    asked = behind(
        OfCampaign("spring", 2, "first", "a"), "sent", reason="campaign_cancelled", noticed=noticed
    )
    offered: Mapping[str, object] = TOLD
    assert offered[asked["told"][0]] is noticed
    assert asked["reason"][0] in REASONS
    assert (asked["of_run"], asked["of_step"], asked["of_variant"]) == (["2"], ["first"], ["a"])


def test_what_has_no_run_nothing_gone_and_no_variant_says_so():
    empty = Funnel("spring", 0, tally([]), {})
    assert {tile.value for tile in tiles_of(OF, empty)} == {"0"}
    assert "nothing went yet" in {tile.note for tile in tiles_of(OF, empty)}
    assert whys(OF, empty, {}) == []
