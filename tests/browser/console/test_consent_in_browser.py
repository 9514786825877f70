"""Support does what the person on the phone asks for."""

from playwright.sync_api import expect

from tests.browser.console.conftest import Watched
from tests.browser.console.test_console import settled
from tests.factories import Made, rows


def test_a_choice_is_made_in_the_dialog_and_shown_with_whose_word_it_is(
    watched: Watched, played: tuple[str, Made]
):
    page = watched.page
    settled(page, "/recipient?id=elif")
    card = page.locator(".st-key-card_choices")
    expect(card).to_contain_text("E-mail on nobody said")

    card.get_by_role("button", name="Change").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("combobox").first.click()
    page.get_by_role("option", name="Boards", exact=True).click()
    dialog.get_by_role("button", name="Change", exact=True).click()

    expect(card).to_contain_text("E-mail off their choice")
    with rows(played[0]) as make:
        found = make.connection.exec_driver_sql(
            "SELECT category, channel, allowed, via FROM preference_changes"
            " WHERE recipient_id = 'elif'"
        )
        assert [tuple(row) for row in found] == [("boards", "*", False, "console")]


def test_an_address_is_suppressed_and_written_to_again(watched: Watched):
    page = watched.page
    settled(page, "/recipient?id=elif")
    card = page.locator(".st-key-card_addresses")

    card.get_by_role("button", name="Suppress an address").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("asked by phone")
    dialog.get_by_label("Reason").press("Tab")
    dialog.get_by_role("button", name="Suppress", exact=True).click()
    expect(card).to_contain_text("Suppressed E-mail: Asked by phone")

    card.get_by_role("button", name="Lift").click()
    dialog.get_by_label("Reason").fill("called again")
    dialog.get_by_label("Reason").press("Tab")
    dialog.get_by_role("button", name="Lift", exact=True).click()
    expect(card.get_by_role("button", name="Lift")).to_have_count(0)
    expect(card).to_contain_text("Who suppressed and lifted")
