"""The pages for people in a real browser: no scripts, by keyboard, small, dark, right to left."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from delivery.links import Kind, Link, sign
from tests.edge import Edge, edge_on, served
from tests.integration.api.test_api_preference_page import KEYS, PAGE
from tests.integration.api.test_api_preferences import OFFERS, STEPS, TOPICS

UNSUBSCRIBE = f"/u/{sign(Kind.UNSUBSCRIBE, Link('anna', 'boards', 'email'), KEYS)}"
PHONE = {"width": 320, "height": 640}
CONTRASTS = """() => {
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const behind = node => {
    const found = parts(getComputedStyle(node).backgroundColor);
    return found.length === 4 && !found[3] ? behind(node.parentElement) : found;
  };
  return [...document.querySelectorAll('h1, h2, p, li, a, legend, label, .why, .name, button')]
    .map(node => [node.textContent.trim(), light(parts(getComputedStyle(node).color)),
                  light(behind(node))])
    .map(([text, one, two]) => [text, (Math.max(one, two) + .05) / (Math.min(one, two) + .05)]);
}"""
"""The contrast of each text with what is behind it (WCAG 2.2, 1.4.3)."""


@pytest.fixture
async def edge(database_url: str) -> AsyncIterator[Edge]:
    async with edge_on(database_url) as edge:
        for statement in (TOPICS, STEPS, OFFERS):
            await edge.change(statement)
        yield edge


@pytest.fixture
async def base(edge: Edge) -> AsyncIterator[str]:
    async with served(edge.app) as base:
        yield base


@pytest.fixture
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        await browser.close()


@asynccontextmanager
async def opened(browser: Browser, base: str, **options: Any) -> AsyncIterator[Page]:
    """A page that asks nothing of anybody else and complains of nothing."""
    context = await browser.new_context(base_url=base, **options)
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: request.url.startswith(base) or said.append(request.url))
    yield page
    await context.close()
    assert said == []


async def test_chooses_and_takes_back_by_keyboard_and_without_scripts(
    edge: Edge, base: str, browser: Browser
):
    async with opened(browser, base, java_script_enabled=False) as page:
        await page.goto(PAGE)
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("radio", name="As chosen below")).to_be_focused()
        for _ in range(4):
            await page.keyboard.press("ArrowDown")
        await expect(page.get_by_role("radio", name="Nothing at all")).to_be_checked()
        boards = page.get_by_role("group", name="Boards").get_by_role("checkbox", name="e-mail")
        await expect(boards).to_have_accessible_description("On unless you turn it off")
        while not await boards.evaluate("box => box === document.activeElement"):
            await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        await page.keyboard.press("Enter")
        status = page.get_by_role("status")
        await expect(status.get_by_role("heading", name="Saved")).to_be_focused()
        await expect(status.get_by_role("listitem")).to_have_text(
            ["Everything at once: Nothing at all", re.compile("Boards.*, e-mail: off")]
        )
        assert len(await edge.select("SELECT * FROM preferences")) == 2
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("button", name="Undo")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Undone")).to_be_visible()
        assert await edge.select("SELECT * FROM preferences") == []
        await page.get_by_role("link", name="Back to all choices").click()
        await expect(boards).to_be_checked()


async def test_what_went_wrong_is_read_first(edge: Edge, base: str, browser: Browser):
    context = await browser.new_context(base_url=base, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(PAGE)
    await edge.change("DELETE FROM topic_steps WHERE topic = 'offer'")
    await edge.change("DELETE FROM topics WHERE topic = 'offer'")
    await edge.change("DELETE FROM categories WHERE category = 'offers'")
    await page.get_by_role("group", name="Offers").get_by_role("checkbox").check()
    await page.get_by_role("group", name="Boards").get_by_role("checkbox").first.uncheck()
    await page.get_by_role("button", name="Save").click()
    alert = page.get_by_role("alert")
    await expect(alert).to_be_focused()
    await expect(alert).to_contain_text("can no longer be chosen")
    boxes = page.get_by_role("group", name="Boards").get_by_role("checkbox")
    await expect(boxes.first).not_to_be_checked()
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", name="Saved")).to_be_visible()
    await context.close()


LOOKS = [("de", "light"), ("ar", "dark")]


async def test_is_readable_on_a_telephone(base: str, browser: Browser):
    for locale, scheme in LOOKS:
        options = {"viewport": PHONE, "color_scheme": scheme, "locale": locale}
        async with opened(browser, base, **options) as page:
            for path in (PAGE, UNSUBSCRIBE):
                await page.goto(path)
                whole = page.locator("html")
                await expect(whole).to_have_attribute("lang", locale)
                await expect(whole).to_have_attribute("dir", "rtl" if locale == "ar" else "ltr")
                width = await whole.evaluate("node => node.scrollWidth")
                assert width <= PHONE["width"], locale
                found = await page.evaluate(CONTRASTS)
                assert len(found) >= 5
                assert [text for text, contrast in found if contrast < 4.5] == []


async def test_unsubscribes_with_one_press_and_turns_it_on_again(
    edge: Edge, base: str, browser: Browser
):
    async with opened(browser, base, java_script_enabled=False) as page:
        await page.goto(UNSUBSCRIBE)
        await page.get_by_role("button", name="Turn it off").click()
        await expect(page.get_by_role("heading")).to_contain_text("Turned off")
        assert [row[3] for row in await edge.select("SELECT * FROM preferences")] == ["email"]
        await page.get_by_role("button", name="Turn it on again").click()
        await expect(page.get_by_role("status")).to_contain_text("turned on again")
