"""The story of a template in the studio: written, broken, mended, looked at, clashed, published."""

import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

from delivery.rendering.saving import complete
from models.database import SyncDatabase
from models.queries.configuring import drafts, templates
from models.records import (
    NewVersion,
    TemplateDraft,
    TemplateHead,
    TemplateKind,
    TemplateVersion,
)
from tests.browser.console.conftest import PHONE, Watched
from tests.browser.console.test_console import settled
from tests.factories import Made

KEY = "studio-story"
SOURCE = """\
<mjml>
  <mj-head><mj-attributes><mj-all font-family="Arial, sans-serif" /></mj-attributes></mj-head>
  <mj-body>
    <mj-section>
      <mj-column>
        <mj-text>Hello {{ recipient.name }}</mj-text>
        <mj-text>
          <a href="{{ links.unsubscribe }}">Unsubscribe</a>
        </mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"""
FOOT = "<mj-section><mj-column><mj-text>Bye</mj-text></mj-column></mj-section>"
STORY = TemplateVersion(KEY, 1, "email", "A story", SOURCE, "All about it", locale="en")
PICTURES = Path("docs/pictures")


@pytest.fixture
def database(played: tuple[str, Made]) -> Iterator[SyncDatabase]:
    opened = SyncDatabase.connect(played[0], "tests")
    yield opened
    opened.close()


@pytest.fixture
def story(database: SyncDatabase) -> str:
    """A template that nobody wrote on yet."""
    with database.begin() as tx:
        tx.follow(templates.save_version(STORY, "A story", "ada", database.now()))
        for draft in tx.run(drafts.drafts(KEY)):
            tx.run(drafts.discard_draft(KEY, draft.locale, draft.revision))
    return f"/templates?template={KEY}"


def editor(page: Page, label: str = "Source of A story") -> Locator:
    return page.get_by_role("textbox", name=label)


def mail(page: Page) -> FrameLocator:
    return page.frame_locator('iframe[title="E-mail preview"]:not(.incoming)')


def write(
    page: Page, text: str, after: str = "recipient.name }}", label: str = "Source of A story"
) -> None:
    """Put text behind other text in the source, by keyboard alone."""
    editor(page, label).focus()
    page.keyboard.press("Control+f")
    page.keyboard.type(after)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    page.keyboard.insert_text(text)


def add_language(page: Page, dialog: Locator) -> None:
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Add a language…").click()
    dialog.get_by_role("textbox", name="Language").fill("de-at")
    page.keyboard.press("Tab")
    dialog.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("combobox", name="Language", exact=True)).to_have_value("de-AT")
    expect(mail(page).get_by_text("Good day Anna Berg")).to_be_visible()


def test_a_template_is_written_broken_mended_and_kept(page: Page, story: str):
    settled(page, story)
    write(page, "{{ data.nope }}")
    problem = page.locator(".st-key-problems button")
    expect(problem).to_contain_text("Line 6: 'data.nope' is missing")
    expect(mail(page).get_by_text("Hello Anna Berg")).to_be_visible()  # what was good last
    problem.click()
    expect(editor(page)).to_be_focused()
    page.keyboard.press("Control+z")
    expect(problem).to_have_count(0)

    write(page, " and welcome")
    expect(mail(page).get_by_text("and welcome")).to_be_visible()
    page.locator(f".st-key-{KEY}_device button", has_text="Mobile").click()
    page.locator(f".st-key-{KEY}_scheme button", has_text="Dark").click()
    expect(page.get_by_test_id("mail-preview")).to_contain_text("375 px")
    expect(page.get_by_test_id("mail-preview")).to_have_attribute("data-scheme", "dark")
    page.reload()
    expect(editor(page)).to_contain_text("and welcome")


def test_two_who_write_at_once_are_shown_both_and_one_version_comes_of_it(
    page: Page, story: str, database: SyncDatabase
):
    settled(page, story)
    write(page, " and welcome")
    expect(page.get_by_text("saved", exact=False).first).to_be_visible()
    expect(mail(page).get_by_text("and welcome")).to_be_visible()
    with database.begin() as tx:  # somebody else saves
        [draft] = tx.run(drafts.draft(KEY, "en"))
        theirs = replace(draft.words, source=SOURCE.replace("Hello", "Good day"))
        tx.follow(drafts.save_draft(replace(draft, words=theirs, updated_by="lin@example.com")))
    write(page, " again")
    expect(page.get_by_text("Somebody else saved first")).to_be_visible()
    expect(page.get_by_test_id("comparison")).to_contain_text("Good day")
    page.get_by_role("button", name="Take theirs").click()
    expect(mail(page).get_by_text("Good day Anna Berg")).to_be_visible()

    page.get_by_role("button", name="Publish…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("What changes")).to_be_visible()
    for warning in dialog.locator("label", has=page.get_by_role("checkbox")).all():
        warning.click()
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Version 2 is live")).to_be_visible()
    mode = page.locator(f".st-key-mode_{KEY} button")
    mode.filter(has_text="Versions").click()
    expect(page.get_by_role("button", name="Go back to version 1")).to_be_visible()

    mode.filter(has_text="Write").click()
    add_language(page, dialog)


def test_the_editor_completes_and_lets_the_keyboard_go(page: Page, story: str):
    settled(page, story)
    editor(page).focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("{{ recipient.na")
    expect(page.locator(".cm-tooltip-autocomplete")).to_contain_text("recipient.name")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(editor(page)).not_to_be_focused()


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Goes on by Tab until something has the focus; Escape lets it leave an editor."""
    for _ in range(60):
        if wanted.evaluate("it => it === document.activeElement"):
            return
        if page.locator(".cm-focused").count():
            page.keyboard.press("Escape")  # right before: the editor waits two seconds for Tab
        page.keyboard.press(key)
    raise AssertionError(f"Tab does not reach {wanted}")


def press(page: Page, wanted: Locator, key: str = "Tab") -> None:
    """Goes on to something, and presses it."""
    tab_to(page, wanted, key)
    page.keyboard.press("Enter")


def test_the_whole_studio_is_used_by_keyboard_alone(page: Page, story: str):
    settled(page, story)
    write(page, "{{ data.nope }}")
    problem = page.locator(".st-key-problems button")
    expect(problem).to_be_visible()
    press(page, problem)
    expect(editor(page)).to_be_focused()
    page.keyboard.press("Control+z")
    expect(problem).to_have_count(0)
    write(page, " by keys")
    expect(mail(page).get_by_text("by keys")).to_be_visible()

    dialog = page.get_by_role("dialog")
    press(page, page.get_by_role("button", name="Publish…"), "Shift+Tab")
    lead = dialog.get_by_role("button", name="Line 1").first
    expect(lead).to_be_visible()
    tab_to(page, lead)
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    expect(editor(page)).to_be_focused()

    press(page, page.get_by_role("button", name="Send a test…"), "Shift+Tab")
    expect(dialog.get_by_role("button", name="Send", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_footer_is_written_where_it_is_used(page: Page, database: SyncDatabase):
    foot = TemplateVersion("story-foot", 1, "email", "", FOOT, locale="en")
    head = TemplateHead("story-foot", "A footer", "email", TemplateKind.PARTIAL, "en")
    with_foot = replace(
        STORY, template="story-footed",
        source=SOURCE.replace("  </mj-body>", '<mj-include path="story-foot" />  </mj-body>'),
    )  # fmt: skip
    with database.begin() as tx:
        tx.follow(templates.publish_version(NewVersion(head, (foot,), "ada", database.now())))
        tx.run(templates.set_live("story-foot", 1, database.now()))
        kept = complete(with_foot, [foot])
        tx.follow(templates.save_version(kept, "Footed", "ada", database.now()))
    settled(page, "/templates?template=story-foot")
    expect(page.get_by_role("link", name="story-footed")).to_be_visible()
    expect(mail(page).get_by_text("Hello Anna Berg")).to_be_visible()
    write(page, " until soon", after="Bye", label="Source of A footer")
    expect(mail(page).get_by_text("Bye until soon")).to_be_visible()


@pytest.mark.skipif("TIDINGS_MEASURE" not in os.environ, reason="measured when asked for")
def test_what_is_typed_is_seen_within_a_second(page: Page, story: str):
    settled(page, story)
    write(page, " ")
    waits = sorted(seen_after(page, f"word{number}") for number in range(20))
    print(f"typed to seen: p50 {waits[10]:.2f} s, worst {waits[-1]:.2f} s, load {os.getloadavg()}")
    assert waits[10] < 1


def seen_after(page: Page, word: str) -> float:
    """Seconds from the last key until the preview that shows it has taken the place of the old."""
    frame = page.locator('iframe[title="E-mail preview"]:not(.incoming)')
    editor(page).focus()
    began = time.monotonic()
    page.keyboard.insert_text(word)
    while word not in (frame.get_attribute("srcdoc") or ""):
        page.wait_for_timeout(5)
    return time.monotonic() - began


PICTURED = "board-shared"
BETTER = (("SHARED WITH YOU", "A BOARD FOR YOU"), ("#4f46e5", "#0f766e"))
WORSE = (
    ("WITH YOU</mj-text>", 'WITH YOU</mj-text>\n<mj-image src="http://boards.example/we.png" />'),
    ("shared a board with you.", "shared {{ data.bord }} with you."),
)


def drafted(database: SyncDatabase, *changes: tuple[str, str]) -> None:
    """Let the draft of the pictured template say what is live with these changes."""
    with database.begin() as tx:
        version = tx.run(templates.live())[PICTURED].version
        [live] = tx.run(templates.texts(PICTURED, version))
        there = tx.run(drafts.draft(PICTURED, live.locale))
        source = live.source
        for old, new in changes:
            source = source.replace(old, new)
        words, number = replace(live.words, source=source), there[0].revision if there else 0
        begun = (PICTURED, live.locale, words, number, version, database.now(), "ada@example.com")
        tx.follow(drafts.save_draft(TemplateDraft(*begun)))


def picture(page: Page, name: str) -> None:
    """Take a picture for the docs once nothing moves any more."""
    page.wait_for_timeout(1500)
    page.screenshot(path=PICTURES / f"{name}.png")


asked_for = pytest.mark.skipif(
    "TIDINGS_PICTURES" not in os.environ, reason="pictures are made when asked for"
)


@asked_for
def test_pictures_of_the_studio_for_the_docs(signed_in: Watched):
    page = signed_in.page
    for name, scheme in (("studio", "light"), ("studio_dark", "dark")):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        settled(page, f"/templates?template={PICTURED}")
        expect(mail(page).get_by_text(re.compile("Roadmap")).first).to_be_visible()
        page.screenshot(path=PICTURES / f"{name}.png")
    page.emulate_media(color_scheme="light")
    for control, choice in (("device", "Mobile"), ("scheme", "Dark")):
        page.locator(f".st-key-{PICTURED}_{control} button", has_text=choice).click()
    expect(page.get_by_test_id("mail-preview")).to_have_attribute("data-scheme", "dark")
    picture(page, "studio_preview")


@asked_for
def test_pictures_of_beginning_comparing_and_publishing(signed_in: Watched, database: SyncDatabase):
    page = signed_in.page
    page.emulate_media(color_scheme="light")
    settled(page, "/templates")
    page.get_by_role("button", name="New template").click()
    expect(page.get_by_role("dialog").locator("iframe")).to_be_visible()
    picture(page, "template_gallery")

    drafted(database, *BETTER)
    settled(page, f"/templates?template={PICTURED}")
    page.locator(f".st-key-mode_{PICTURED} button").filter(has_text="Versions").click()
    expect(page.get_by_test_id("comparison")).to_be_visible()
    page.get_by_test_id("mail-preview").last.scroll_into_view_if_needed()
    picture(page, "template_versions")

    drafted(database, *WORSE)
    settled(page, f"/templates?template={PICTURED}")
    page.get_by_role("button", name="Publish…").click()
    expect(page.get_by_role("dialog").get_by_text("Must be mended first")).to_be_visible()
    picture(page, "template_publish")


def test_the_studio_can_be_used_on_a_phone(page: Page):
    page.set_viewport_size(PHONE)
    settled(page, "/templates?template=board-shared")

    expect(editor(page, "Source of Board shared")).to_be_visible()
    expect(page.get_by_test_id("mail-preview")).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
