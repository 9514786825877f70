"""Keys, people, approvals and the audit, as those who look after the others work through them."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.console.test_console import click_row, idle, settled

NOONS = '[[quiet_hours]]\nkey = "noons"\nquiet = ["daily 12:00-14:00"]\n'


def press(where: Page | Locator, name: str) -> None:
    """Click a button, which is also called by its icon and its shortcut."""
    where.get_by_role("button", name=re.compile(rf"\b{name}\b")).first.click()


def row(page: Page, words: str) -> Locator:
    return page.locator('[class*="st-key-card_"]', has_text=words)


def till(page: Page, state: str) -> Locator:
    """The keys of the till that are live, have expired or were revoked."""
    return row(page, "till").filter(has=page.get_by_text(state, exact=True))


def closed(page: Page) -> None:
    """Close the dialog that is open."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Close", exact=True).click()
    expect(dialog).to_have_count(0)


@pytest.mark.parametrize("colleague", [["engineer"]], indirect=True)
def test_a_key_is_shown_once_rotated_and_revoked(colleague: Page):
    settled(colleague, "/keys")
    press(colleague, "Make a key")
    dialog = colleague.get_by_role("dialog")
    dialog.get_by_label("Name").fill("till")
    press(dialog, "Make")
    secret = dialog.get_by_test_id("stCode").inner_text().strip()
    assert secret.startswith("tid_")
    closed(colleague)
    expect(till(colleague, "Live")).to_have_count(1)
    expect(colleague.get_by_text(secret)).to_have_count(0)

    press(till(colleague, "Live"), "Rotate")
    dialog.get_by_text("It ends now").click()
    press(dialog, "Rotate")
    expect(dialog.get_by_text("it is not shown again")).to_be_visible()
    expect(dialog.get_by_test_id("stCode")).not_to_contain_text(secret)
    closed(colleague)
    expect(till(colleague, "Expired")).to_have_count(1)
    press(till(colleague, "Live"), "Revoke")
    press(dialog, "Revoke")
    expect(till(colleague, "Revoked")).to_have_count(1)
    expect(till(colleague, "Live")).to_have_count(0)


@pytest.mark.parametrize("colleague", [["engineer"]], indirect=True)
def test_a_role_that_is_taken_is_gone_where_they_are_and_the_audit_shows_both(
    page: Page, colleague: Page
):
    settled(colleague, "/keys")
    settled(page, "/people")
    press(row(page, "test_a_role_that_is_taken"), "Roles")
    dialog = page.get_by_role("dialog")
    for role in ("Engineer", "Viewer"):
        dialog.get_by_role("button", name=role, exact=True).click()
    press(dialog, "Save")
    expect(page.get_by_text("Otto Ray has new roles")).to_be_visible()

    press(colleague, "Make a key")
    expect(colleague.get_by_role("link", name="API keys")).to_have_count(0)
    expect(colleague.get_by_label("Name")).to_have_count(0)
    settled(page, "/audit?audit_words=a_role_that_is_taken&audit_did=set+roles")
    click_row(page, "audit_table", 0)
    expect(dialog).to_contain_text(re.compile('-  "engineer".*\\+  "viewer"', re.DOTALL))


def ask(page: Page, document: str, note: str) -> None:
    """Write rules and ask for their approval."""
    settled(page, "/rules")
    press(page, "Edit")
    text = page.get_by_label("Rules, as TOML")
    text.fill(document)
    text.press("Control+Enter")
    expect(page.get_by_role("button", name="Ask for approval")).to_be_visible()
    page.get_by_label("Note").fill(note)
    page.get_by_label("Note").press("Tab")
    press(page, "Ask for approval")
    expect(page.get_by_text("It waits for somebody else to look at it.")).to_be_visible()


def review(page: Page, decision: str, comment: str) -> None:
    """Open what waits, read it, say something of it and decide."""
    settled(page, "/approvals")
    press(page, "Review")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text('+key = "noons"')).to_be_visible()
    dialog.get_by_label("Comment").fill(comment)
    dialog.get_by_label("Comment").press("Tab")
    idle(page)
    press(dialog, decision)
    expect(page.get_by_text("who asked was told")).to_be_visible()


@pytest.mark.parametrize("colleague", [["operator", "approver"]], indirect=True)
def test_nobody_approves_their_own_and_what_is_returned_says_why(page: Page, colleague: Page):
    ask(colleague, NOONS, "People eat")
    settled(colleague, "/approvals")
    press(colleague, "Open")
    mine = colleague.get_by_role("dialog")
    expect(mine.get_by_text("You asked for it")).to_be_visible()
    expect(mine.get_by_role("button", name="Approve")).to_have_count(0)

    review(page, "Return", "Make it 13:00")

    settled(colleague, "/rules")
    expect(colleague.locator(".st-key-card_asked")).to_contain_text("Make it 13:00")
