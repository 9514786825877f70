"""The address of a page, which people send each other: it says what they see."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.console.test_console import click_row, settled


@pytest.mark.parametrize(
    ("path", "table", "back", "named"),
    [
        ("/topics", "topics_table", "All topics", "topic=board.shared"),
        ("/templates", "templates_table", "All templates", "template=board-shared"),
    ],
)
def test_a_row_opens_what_it_names_and_the_list_comes_back(
    page: Page, path: str, table: str, back: str, named: str
):
    settled(page, path)
    click_row(page, table, 0)
    page.get_by_role("link", name=back).click()

    expect(page.locator(f".st-key-{table} canvas").first).to_be_visible()
    expect(page).to_have_url(re.compile(f"{path}$"))
    page.go_back()
    expect(page).to_have_url(re.compile(named))
    expect(page.get_by_role("link", name=back)).to_be_visible()


def test_the_list_stays_when_its_buttons_are_pressed(page: Page):
    settled(page, "/templates?template=board-shared")
    page.get_by_role("link", name="All templates").click()
    expect(page.locator(".st-key-templates_table canvas").first).to_be_visible()

    page.get_by_role("button", name="New template").click()

    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("link", name="All templates")).to_have_count(0)
