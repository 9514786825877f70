"""A campaign on somebody's desk: what of it is kept, and what becomes of what others saved."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dashboard.showing import campaign_moments as moments
from dashboard.showing.campaign_sheet import canonical, is_kept, opened, refreshed, settled
from dashboard.showing.campaign_steps import Step, after, before, begun, key_of, named, step_of
from delivery.campaigns.body import CampaignBody
from models.records import Campaign
from models.states import CampaignState

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SAID: dict[str, Any] = {"key": "spring", "title": "Spring", "topic": "news", "recipients": ["anna"]}
SPRING = Campaign(
    "spring", "Spring", None, "news", CampaignState.DRAFT, SAID, 3, None, "", NOW, "ada"
)
THEIRS = replace(SPRING, revision=4, document=SAID | {"title": "Theirs"}, updated_by="bo")
OPENED = opened(SPRING, {})
BERLIN = ZoneInfo("Europe/Berlin")


def test_a_field_that_is_wrong_leaves_the_others_to_be_kept():
    wrong = {"schedule": {"over": "soon"}, "holdout": 5, "data": "{"}
    held = replace(OPENED, document=SAID | wrong)
    assert canonical(held) == SAID | {"holdout": 5}
    before = replace(SPRING, document=SAID | {"schedule": {"over": "2 hours"}})
    assert canonical(replace(held, base=before)) == before.document | {"holdout": 5}


@pytest.mark.parametrize("lacks", ["key", "title", "topic"])
def test_what_every_draft_has_is_wanted_of_a_new_one(lacks: str):
    assert canonical(opened(None, SAID | {lacks: ""})) is None
    assert canonical(opened(None, SAID)) == SAID


def test_what_is_kept_gives_way_and_what_is_not_stays_beside_theirs():
    assert refreshed(OPENED, SPRING) == OPENED
    newer = refreshed(OPENED, THEIRS)
    assert (newer.document, newer.put, newer.theirs) == (THEIRS.document, 1, None)

    mine = replace(OPENED, document=SAID | {"title": "Mine"})
    assert not is_kept(mine)
    clash = refreshed(mine, THEIRS)
    assert (clash.document["title"], clash.theirs, clash.revision) == ("Mine", THEIRS, 4)
    assert refreshed(clash, replace(THEIRS, revision=5)) == clash

    kept = settled(clash, None)
    assert (kept.document["title"], kept.revision, kept.theirs) == ("Mine", 4, None)
    assert settled(clash, THEIRS).document == THEIRS.document


def test_every_field_stands_in_a_step_and_steps_follow_each_other():
    assert {step_of((name,)) for name in CampaignBody.model_fields} == set(Step) - {Step.REVIEW}
    assert step_of(("schedule", "over")) is Step.WHEN
    assert step_of(("canary", "share")) is Step.HOW
    assert step_of(("colour",)) is step_of(()) is Step.REVIEW
    assert [after(one) for one in Step] == [*list(Step)[1:], Step.REVIEW]
    assert [before(one) for one in Step] == [Step.WHAT, *list(Step)[:-1]]
    assert (named("how"), named(None), named("x")) == (Step.HOW, Step.WHAT, Step.WHAT)


def test_a_new_one_begins_with_what_its_url_says():
    assert begun({}) == {"key": "", "title": "", "topic": ""}
    assert begun({"title": "T", "audience": "quiet"})["audience"] == "quiet"
    assert key_of("  Spring release, 4.0! ") == "spring-release-4-0"


def test_an_end_is_the_end_of_its_day_where_it_counts():
    held = moments.read("2026-12-31T10:00:00Z")
    assert moments.read("soon") is None
    assert moments.until(held, None, BERLIN) is None
    assert moments.until(held, date(2026, 12, 31), BERLIN) == held
    assert str(moments.until(held, date(2027, 1, 1), BERLIN)) == "2027-01-01 23:59:00+01:00"
