"""From a file of people to a campaign's report, by keyboard where one writes; and on a phone."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import delete

from delivery.rulebook.writing import as_toml
from models.approvals import Thresholds
from scheduler.campaigns import advance
from scheduler.runtime import build_runtime
from tests.browser.console.conftest import DESK, PHONE
from tests.browser.console.test_accessibility import grave
from tests.browser.console.test_console import idle, settled
from tests.console_server import SECRET
from tests.factories import Made, rows

GUESTS = "recipient_id\nanna\nbo\nnobody at all\nanna\n"
PICTURES = Path("docs/pictures")
FARTHEST = 80
"""Tabs to anything on a page."""


def picture(page: Page, name: str) -> None:
    """A picture for the docs, when they are asked for."""
    if "TIDINGS_PICTURES" in os.environ:
        page.screenshot(path=PICTURES / f"{name}.png")


def tab_to(page: Page, target: Locator) -> None:
    """Goes to a field as whoever has no mouse does."""
    expect(target).to_be_enabled()
    for _ in range(FARTHEST):
        if target.evaluate("one => one === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("the keyboard does not reach it")


def write(page: Page, role: str, name: str, text: str) -> None:
    tab_to(page, page.get_by_role(role, name=name, exact=True))  # type: ignore[arg-type]
    page.keyboard.type(text)
    page.keyboard.press("Enter")
    idle(page)


def go_on(page: Page, shows: str) -> None:
    tab_to(page, page.get_by_role("button", name="Next"))
    page.keyboard.press("Enter")
    expect(page.get_by_text(shows, exact=True).first).to_be_visible()
    idle(page)


def frozen(url: str) -> None:
    """Let a worker freeze what was launched; its moment is a minute away, so nothing goes."""

    async def work() -> None:
        runtime = build_runtime(url, bundled=False)
        while await advance.step(runtime):
            pass
        await runtime.close()

    thread = Thread(target=lambda: asyncio.run(work()))
    thread.start()
    thread.join()


def upload(page: Page) -> None:
    settled(page, "/audiences")
    page.get_by_role("button", name="Upload CSV").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Key of the list").fill("fair-guests")
    dialog.get_by_role("textbox", name="Title").fill("Guests of the fair")
    dialog.locator("input[type=file]").set_input_files(
        {"name": "guests.csv", "mimeType": "text/csv", "buffer": GUESTS.encode()}
    )
    dialog.locator(".st-key-upload_now button").click()
    expect(page.get_by_text("2 are on the list, version 1")).to_be_visible()
    expect(page.get_by_text("lines of the file were not taken as they are")).to_be_visible()
    expect(page.get_by_text("Line 4")).to_be_visible()


def write_down(page: Page) -> None:
    """Goes through the wizard to the launch by keyboard alone."""
    settled(page, "/campaigns")
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="New campaign")).to_be_visible()
    write(page, "textbox", "Title", "Fair news")
    write(page, "combobox", "Topic", "board.shared")
    go_on(page, "Missing or wrong")
    write(page, "combobox", "Audience", "fair-guests")
    expect(
        page.get_by_text("Goes to audience fair-guests as news of board.shared.")
    ).to_be_visible()
    page.reload()
    idle(page)
    expect(page.get_by_text("Nothing is missing.")).to_be_visible()
    go_on(page, "Spread over")
    write(page, "textbox", "Spread over", "2 hours")
    expect(page.get_by_text("Is spread over 2 hours.")).to_be_visible()
    picture(page, "campaign_wizard")
    go_on(page, "A few first")
    go_on(page, "Review")
    write(page, "textbox", "Note for who looks at it", "The fair is over")
    tab_to(page, page.get_by_role("button", name="Ask for approval"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("It waits for approval by").first).to_be_visible()


def approve(colleague: Page) -> None:
    """Looks at what waits, as the other person does."""
    settled(colleague, "/approvals")
    colleague.get_by_role("button", name="Review").first.click()
    dialog = colleague.get_by_role("dialog")
    expect(dialog.get_by_text("The fair is over")).to_be_visible()
    dialog.get_by_role("button", name="Approve").first.click()
    expect(colleague.get_by_text("who asked was told")).to_be_visible()


def launch(page: Page) -> None:
    settled(page, "/campaigns?campaign=fair-news")
    tab_to(page, page.get_by_role("button", name="Launch"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("left to take it back")).to_be_visible()


@pytest.fixture
def wary(played: tuple[str, Made]) -> Iterator[None]:
    """Campaigns to more than one person need somebody else."""
    document = {"lasts": "7 days", "thresholds": [{"kind": "campaign", "over": 1, "approvers": 1}]}
    with rows(played[0]) as make:
        make.add(
            Thresholds, version=1, document=document, note="", published_by="ada",
            published_at=make.now,
        )  # fmt: skip
    yield
    with rows(played[0]) as make:
        make.connection.execute(delete(Thresholds))


@pytest.mark.parametrize("colleague", [["approver"]], indirect=True)
@pytest.mark.usefixtures("wary")
def test_from_a_file_to_a_report(
    page: Page, colleague: Page, played: tuple[str, Made], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("TIDINGS_SECRET_KEY", SECRET)
    page.set_viewport_size(DESK)
    upload(page)
    write_down(page)
    approve(colleague)
    launch(page)

    frozen(played[0])
    settled(page, "/campaigns")
    expect(page.get_by_text("0 of 4 messages done")).to_be_visible()
    picture(page, "campaign_row")
    settled(page, "/campaigns?campaign=fair-news")
    eligible = page.get_by_test_id("stMetric").filter(has_text="Eligible")
    expect(eligible.first).to_contain_text("2")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_role("button", name="Edit", exact=True)).to_be_visible()
    on_a_phone_in_the_dark(page, "?campaign=fair-news&step=how")
    on_a_phone_in_the_dark(page, "?step=what")


def on_a_phone_in_the_dark(page: Page, path: str) -> None:
    """The wizard there: nothing wider than the screen, nothing that keeps people out."""
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    settled(page, f"/campaigns{path}")
    expect(page.get_by_text("So far")).to_be_visible()
    expect(page.locator("html")).to_have_js_property("scrollWidth", PHONE["width"])
    assert grave(page) == []


@pytest.mark.skipif("TIDINGS_PICTURES" not in os.environ, reason="pictures are made when asked for")
def test_pictures_of_audiences_for_the_docs(page: Page, played: tuple[str, Made]):
    page.set_viewport_size(DESK)
    with rows(played[0]) as make:
        for number in range(40):
            make.recipient(f"pm-{number}", attributes={"plan": "team"}, locale="de")
    document = {
        "key": "quiet-editors", "title": "Editors who went quiet",
        "all": [
            {"about": "attribute", "name": "plan", "in": ["team", "business"]},
            {"any": [
                {"about": "locale", "in": ["de", "en"]},
                {"not": {"about": "opened", "within": "30 days"}},
            ]},
        ],
    }  # fmt: skip
    settled(page, "/audiences")
    page.get_by_role("button", name="New audience").click()
    page.get_by_text("As TOML", exact=True).click()
    page.get_by_label("Audience, as TOML").fill(as_toml(document))
    page.get_by_label("Audience, as TOML").press("Control+Enter")
    expect(page.get_by_text("Group 2").first).to_be_visible()
    page.get_by_text("As TOML", exact=True).click()
    idle(page)
    picture(page, "audience_form")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Editors who went quiet")).to_be_visible()
    idle(page)
    picture(page, "audience")
