"""Sending domains as people use the page, in a real browser."""

from playwright.sync_api import Locator, Page, expect

from tests.browser.console.test_console import settled

NAME = "news.example.com"


def add(page: Page, name: str) -> Locator:
    """Write a domain into the dialog and say Add."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Domain").fill(name)
    dialog.get_by_label("Domain").press("Enter")
    dialog.get_by_role("button", name="Add", exact=True).click()
    return dialog


def test_a_domain_is_added_its_record_copied_and_a_rotation_refused_in_place(page: Page):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    settled(page, "/domains")
    page.get_by_role("button", name="Add a domain").click()
    expect(add(page, "no domain").get_by_text("write it like example.com")).to_be_visible()
    dialog = add(page, NAME)

    card = page.locator(f".st-key-card_domain_{NAME.replace('.', '-')}")
    expect(card.get_by_text("Waits for DNS")).to_be_visible()
    record = card.locator("[data-testid=stCode]").nth(1)
    record.hover()
    record.get_by_role("button").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("v=DKIM1; k=rsa; p=MII")
    assert "\n" not in copied, "what forms want is one piece"

    card.get_by_role("button", name="Rotate").click()
    dialog.get_by_label("Reason").fill("once a year")
    dialog.get_by_label("Reason").press("Tab")
    dialog.get_by_role("button", name="Rotate").click()
    expect(dialog.get_by_text("waits for its record already")).to_be_visible()
