"""The page of topics as people use it, in a real browser."""

import re

from playwright.sync_api import Page, expect

from tests.browser.console.test_console import click_row, settled


def test_a_topic_is_opened_and_its_draft_told_by_line(page: Page):
    settled(page, "/topics")
    click_row(page, "topics_table", 0)

    expect(page.get_by_text("How it goes")).to_be_visible()
    expect(page).to_have_url(re.compile("topic=board.shared"))
    page.get_by_role("button", name="Edit").click()
    text = page.get_by_label("Topic, as TOML")
    expect(text).to_have_value(re.compile('class = "transactional"'))
    wrong = text.input_value().replace('class = "', 'class = "very ')
    text.fill(wrong)
    text.press("Control+Enter")
    expect(page.get_by_text("Line 4: class: Input should be")).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_be_disabled()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_text("How it goes")).to_be_visible()


def test_what_would_happen_is_told_step_by_step(page: Page):
    settled(page, "/recipient?id=anna")
    page.get_by_role("tab", name="What if").click()

    expect(page.get_by_text("Nothing was sent.")).to_be_visible()
    expect(page.locator("[class*=st-key-card_what_if_]")).to_have_count(2)
