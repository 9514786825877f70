"""A campaign's report: its numbers lead to deliveries, its tables come along as files."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console.conftest import PHONE, Watched
from tests.browser.console.test_console import settled
from tests.factories import Made, rows
from tests.scenes.campaign import KEY, gone_out

PICTURES = Path("docs/pictures")
URL = f"/campaigns?campaign={KEY}"


@pytest.fixture(scope="module", autouse=True)
def campaign(played: tuple[str, Made]) -> None:
    with rows(played[0]) as make:
        gone_out(make)


def test_its_numbers_lead_to_deliveries_and_its_tables_come_along(page: Page):
    settled(page, URL)
    expect(page.get_by_text("bold against those held out").first).to_be_visible()
    links = page.locator(".st-key-card_links")
    with page.expect_download() as download:
        links.get_by_role("link", name="CSV").click()
    assert "Leads to" in download.value.path().read_text()

    page.get_by_role("link", name="Bounced: the 28 behind it").click()
    page.wait_for_url("**/deliveries?*of_campaign=spring-boards*")
    expect(page.get_by_text("Click a row to see why")).to_be_visible()


def test_it_fits_a_phone(page: Page):
    page.set_viewport_size(PHONE)
    settled(page, URL)
    expect(page.get_by_text("bold against those held out").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.skipif("TIDINGS_PICTURES" not in os.environ, reason="pictures are made when asked for")
def test_pictures_of_the_report_for_the_docs(signed_in: Watched):
    page = signed_in.page
    page.set_viewport_size({"width": 1440, "height": 1750})
    for name, scheme in (("campaign_report", "light"), ("campaign_report_dark", "dark")):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        settled(page, URL)
        expect(page.get_by_text("bold against those held out").first).to_be_visible()
        page.screenshot(path=PICTURES / f"{name}.png")
