"""The calendar of campaigns as people see it: a month on a desk, days one by one on a phone."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from models.database import SyncDatabase
from models.queries.campaigns import campaigns
from tests.browser.console.conftest import DESK, PHONE, Watched
from tests.browser.console.test_console import settled
from tests.factories import Made

PLANS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("spring", "Spring release", {"days": 2, "hours": 0}),
    ("survey", "Customer survey", {"days": 2, "hours": 6}),
    ("webinar", "Webinar", {"days": 8, "hours": 3}),
)
PICTURES = Path("docs/pictures")


@pytest.fixture
def planned(played: tuple[str, Made]) -> Iterator[str]:
    """Campaigns of a month to come; the calendar of it."""
    database = SyncDatabase.connect(played[0], "tests")
    now = database.now()
    first = datetime(now.year + 1, 6, 7, 9, tzinfo=now.tzinfo)
    with database.begin() as tx:
        for key, title, after in PLANS:
            at = (first + timedelta(**after)).isoformat()
            document: dict[str, Any] = {
                "key": key, "title": title, "topic": "news", "audience": "everybody",
                "steps": [{"key": "news"}, {"key": "reminder", "after": "3 days"}],
                "schedule": {"at": at},
            }  # fmt: skip
            tx.run(campaigns.add(document, "ada", now))
    yield f"/calendar?from={first.date()}&zone=UTC"
    database.close()


def test_a_month_is_a_table_and_on_a_phone_a_list_of_its_days(watched: Watched, planned: str):
    page = watched.page
    settled(page, planned)
    table = page.get_by_role("table", name="June")
    expect(table.get_by_role("columnheader")).to_have_count(7)
    expect(table.get_by_text("Customer survey (news, draft)")).to_be_visible()
    expect(table.locator("li.twice")).to_have_count(4)
    page.set_viewport_size(PHONE)
    expect(table.locator("td").filter(has_text="Webinar").first).to_be_visible()
    expect(table.locator("td.empty").first).to_be_hidden()
    page.get_by_role("button", name="Later").click()
    expect(page.get_by_text("Nothing goes out in these days.")).to_be_visible()


@pytest.mark.skipif("TIDINGS_PICTURES" not in os.environ, reason="pictures are made when asked for")
def test_a_picture_of_the_calendar_for_the_docs(signed_in: Watched, planned: str):
    page = signed_in.page
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESK)
    settled(page, planned)
    expect(page.get_by_role("table", name="June")).to_be_visible()
    page.screenshot(path=PICTURES / "calendar.png")
