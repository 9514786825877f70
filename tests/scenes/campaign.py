"""A campaign that went out the day before: two variants, a holdout, opens, bounces, links."""

from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from models import ids
from models.campaigns import Campaign, CampaignMember, CampaignRun
from models.conversions import Conversion
from models.feedback import LinkCount
from tests.factories import Rows

KEY = "spring-boards"
VARIANTS = {"plain": 700, "bold": 700}
_HELD_OUT = 400
_REACHED = {"plain": 84, "bold": 119, "": 24}
"""Variant to how many upgraded; empty: those held out."""
DOCUMENT: dict[str, Any] = {
    "key": KEY, "title": "Boards in spring", "topic": "board.shared", "recipients": ["anna"],
    "goal": {"conversion": "upgraded"}, "holdout": 20,
    "variants": [{"key": "plain", "share": 50}, {"key": "bold", "share": 50}],
}  # fmt: skip


def gone_out(make: Rows) -> None:
    """Write it down as it would be kept."""
    run, began = ids.campaign_run_id(KEY, 1), make.now - timedelta(hours=20)
    make.add(
        Campaign, campaign=KEY, title="Boards in spring", topic="board.shared", state="finished",
        document=DOCUMENT, created_at=began, updated_at=began, updated_by="ada",
        forecast={
            "run": 1, "made_at": began.isoformat(), "audience": 1800, "hours": {}, "others": [],
            "left_out": {"holdout": _HELD_OUT}, "held": {}, "ends_at": None,
            "outcomes": [{"state": "sent", "reason": "", "messages": 1352},
                         {"state": "skipped", "reason": "opted_out", "messages": 48}],
        },
    )  # fmt: skip
    make.add(
        CampaignRun, run=run, campaign=KEY, number=1, kind="launch", state="done",
        document=DOCUMENT, versions={"board-shared": 3}, launched_at=began, launched_by="ada",
        starts_at=began, eligible=1400, ended_at=make.now,
    )  # fmt: skip
    groups = {**VARIANTS, "": _HELD_OUT}
    people = [(variant, f"{variant}-{one}") for variant, many in groups.items()
              for one in range(many)]  # fmt: skip
    make.connection.execute(
        insert(CampaignMember),
        [
            {"bucket": ids.bucket_of(who), "run": run, "recipient_id": who, "stage": 2,
             "variant": variant, "excluded": None if variant else "holdout"}
            for variant, who in people
        ],
    )  # fmt: skip
    make.connection.execute(
        insert(Conversion),
        [
            {"bucket": ids.bucket_of(f"{variant}-{one}"), "conversion_id": make.uuid(),
             "recipient_id": f"{variant}-{one}", "name": "upgraded",
             "occurred_at": make.now - timedelta(hours=2), "received_at": make.now}
            for variant, many in _REACHED.items() for one in range(many)
        ],
    )  # fmt: skip
    _counts(make)
    make.delivery("anna", ago=timedelta(hours=19), campaign=KEY, cohort="1/first/plain",
                  state="bounced", reason="mailbox_full")  # fmt: skip


def _counts(make: Rows) -> None:
    shape = {"campaign": KEY, "topic": "board.shared"}
    for variant, opened, clicked in (("plain", 30, 6), ("bold", 38, 11)):
        said: dict[str, Any] = {**shape, "cohort": f"1/first/{variant}"}
        for hours in range(10):
            ago = timedelta(hours=19 - hours)
            make.moves("delivered", 66, ago, **said)
            for state, many in (("opened", opened), ("clicked", clicked), ("converted", 4)):
                make.moves(state, many, ago - timedelta(hours=1), reason="person", left=many,
                           **said)  # fmt: skip
            make.moves("opened", 9, ago, reason="prefetch", left=9, **said)
        make.moves("bounced", 9, timedelta(hours=15), reason="address_refused", **said)
        make.moves("bounced", 5, timedelta(hours=14), reason="mailbox_full", **said)
        make.moves("skipped", 26, timedelta(hours=19), reason="opted_out", **said)
    for link, clicks in ((0, 680), (1, 120), (2, 54)):
        make.add(LinkCount, bucket=1, template="board-shared", version=3, link=link, by="person",
                 campaign=KEY, times=clicks, deliveries=clicks - clicks // 9)  # fmt: skip
