"""The mailbox's page in a real browser: it keeps itself up to date, and mail stays caged."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright, expect

from scheduler.mailbox import Mailbox, Places
from scheduler.mailbox.store import Arrival

MAIL = (
    b"Subject: hello\r\nContent-Type: text/html\r\n\r\n"
    b"<html><head><style>h1 { color: rgb(1, 2, 3) }</style></head><body><h1>Hello</h1>"
    b"<script>parent.document.title = 'owned'</script>"
    b"<img src='http://127.0.0.1:9/pixel.png' onerror='parent.document.title = `owned`'>"
    b"<form action='http://127.0.0.1:9/'><button>Win</button></form></body></html>\r\n"
)


@pytest.fixture
async def mailbox(tmp_path: Path) -> AsyncIterator[Mailbox]:
    async with Mailbox(Places(tmp_path, smtp_port=0, http_port=0)) as running:
        yield running


@pytest.fixture
async def page(chromium: Path) -> AsyncIterator[Page]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield await browser.new_page()
        await browser.close()


def keep(mailbox: Mailbox, to: str) -> None:
    mailbox.store.add(Arrival("b@x.test", (to,), f"to {to}", 1_795_000_000.0, MAIL))


async def test_new_mail_appears_and_leaves_the_rest_of_the_page_alone(mailbox: Mailbox, page: Page):
    keep(mailbox, "anna@x.test")
    await page.goto(mailbox.http_url)
    row = page.locator("#mails li a").first
    await row.focus()
    await page.evaluate("document.activeElement.dataset.mine = 'same element'")
    keep(mailbox, "bo@x.test")
    await expect(page.locator("#mails li")).to_have_count(2)
    await expect(page.locator("#mails li a").first).to_contain_text("bo@x.test")
    await expect(page.get_by_role("status")).to_have_text("2 messages")
    assert await page.evaluate("document.activeElement.dataset.mine") == "same element"


async def test_searches_while_typing_and_deletes_after_asking(mailbox: Mailbox, page: Page):
    for name in ("anna", "bo", "annika"):
        keep(mailbox, f"{name}@x.test")
    await page.goto(mailbox.http_url)
    await page.get_by_label("Search recipients and subjects").fill("ann")
    await expect(page.locator("#mails li")).to_have_count(2)
    await expect(page.get_by_role("status")).to_have_text("2 of 3 messages")
    page.on("dialog", lambda dialog: dialog.accept())
    await page.get_by_role("button", name="Delete all").click()
    await expect(page.locator("#mails li")).to_have_count(0)
    assert len(mailbox.store) == 0


async def test_nothing_in_a_mail_runs_or_calls_home(mailbox: Mailbox, page: Page):
    keep(mailbox, "anna@x.test")
    asked: list[str] = []
    said: list[str] = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    await page.goto(f"{mailbox.http_url}/1")
    mail = page.frame_locator("iframe")
    await expect(mail.get_by_role("heading")).to_have_css("color", "rgb(1, 2, 3)")
    await mail.get_by_role("button", name="Win").click()
    await page.wait_for_timeout(300)
    assert await page.title() == "to anna@x.test – Mailbox"
    assert all(url.startswith(mailbox.http_url) for url in asked)
    blocked = " ".join(said)
    assert "Blocked script execution" in blocked
    assert "Blocked form submission" in blocked
    assert "img-src" in blocked
