"""Operators look at what came back, and say which addresses get nothing any more."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect

from tests.browser.console.conftest import Watched
from tests.browser.console.test_console import HEADER, ROW, settled
from tests.factories import Made, rows


def test_filters_stand_in_the_url_and_go_along_to_the_deliveries(page: Page):
    settled(page, "/feedback?range=24h")
    page.locator(".st-key-of_destination").get_by_role("combobox").click()
    page.get_by_role("option", name="proton", exact=True).click()
    page.wait_for_url(re.compile("of_destination=proton"))
    card = page.locator(".st-key-card_bounces")
    link = card.get_by_role("link", name="Show these deliveries")
    expect(link).to_have_attribute("href", re.compile(r"\bdestination=proton"))
    link.click()

    page.wait_for_url(re.compile(r"/deliveries\?.*\bdestination=proton"))
    assert "state=Bounced" in page.url


def test_a_cell_leads_to_what_came_back_from_there_for_that(
    watched: Watched, played: tuple[str, Made]
):
    page = watched.page
    with rows(played[0]) as make:
        make.moves("bounced", 4, timedelta(minutes=5), destination="gmx", reason="mailbox_full")
    settled(page, "/feedback?range=1h&of_destination=gmx")
    page.locator(".st-key-card_heat [aria-label*='Mailbox full; destination: gmx']").click()

    page.wait_for_url(re.compile(r"/deliveries\?"))
    assert "destination=gmx" in page.url
    assert "reason=Mailbox" in page.url


def test_every_chart_is_a_table_and_a_file_as_well(page: Page):
    settled(page, "/feedback?range=7d")
    page.locator(".st-key-card_complaints").get_by_role("button", name="Table").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()

    text = download.value.path().read_text()
    assert text.startswith("Time,Complaint rate,Complaints,Sent\n")
    assert text.count("\n") > 5


def tick(page: Page, row: int) -> None:
    """Ticks a row of the list, which is a canvas."""
    canvas = page.locator(".st-key-suppressions_table canvas").first
    box = canvas.bounding_box()
    assert box
    page.mouse.click(box["x"] + 16, box["y"] + HEADER + ROW * row + ROW / 2)


def test_one_is_lifted_after_it_was_told_what_that_would_send(
    watched: Watched, played: tuple[str, Made]
):
    page, url = watched.page, played[0]
    with rows(url) as make:
        make.recipient("vera")
        make.address("vera", "vera@example.com", suppressed_for="complaint")
        make.suppression("vera@example.com", "complaint", "amazon_ses")
        make.delivery("vera", state="skipped", reason="suppressed", trace={})
    settled(page, "/suppressions?address=vera%40example.com")
    tick(page, 0)
    page.get_by_role("button", name="Lift", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("In the last 30 days 1 delivery was skipped for it")
    dialog.get_by_role("button", name="Lift", exact=True).click()
    expect(dialog).to_contain_text("Give a reason")
    dialog.get_by_label("Reason").fill("she wrote to us")
    dialog.get_by_label("Reason").press("Tab")
    dialog.get_by_role("button", name="Lift", exact=True).click()

    expect(page.get_by_text("No suppressions match")).to_be_visible()
    with rows(url) as make:
        found = make.connection.exec_driver_sql(
            "SELECT a.suppressed, c.reason FROM addresses a, suppression_changes c"
            " WHERE a.recipient_id = 'vera' AND c.address = a.address AND c.change = 'lifted'"
        )
        assert [tuple(row) for row in found] == [(None, "she wrote to us")]


def test_a_file_with_a_bad_line_is_imported_but_for_that(page: Page):
    settled(page, "/suppressions")
    page.get_by_role("button", name="Import").click()
    dialog = page.get_by_role("dialog")
    lines = "address,reason\nmax@example.org,by phone\nmax at example,by phone\n"
    file = {"name": "stop.csv", "mimeType": "text/csv", "buffer": lines.encode()}
    dialog.locator("input[type=file]").set_input_files(file)
    expect(dialog).to_contain_text("1 addresses to suppress, 1 lines refused")
    expect(dialog).to_contain_text("Line 3: max at example is no address of email")
    dialog.get_by_role("button", name="Suppress them").click()

    expect(page.get_by_text("Suppressed: 1")).to_be_visible()
    settled(page, "/suppressions?address=max%40example.org")
    tick(page, 0)
    page.get_by_role("button", name="History").click()
    expect(dialog).to_contain_text("It stays until somebody lifts it.")
    expect(dialog).to_contain_text("Suppressed, E-mail")
