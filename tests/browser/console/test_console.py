"""The console as people use it, in a real browser."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Literal
from urllib.parse import urlencode
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from models.database import SyncDatabase
from models.queries.configuring import templates
from tests.browser.console.conftest import Watched
from tests.factories import Made, rows
from tests.scenes.day import SHARED

HEADER = 37
ROW = 36


def settled(page: Page, path: str) -> None:
    """Goes to a page and waits until it is drawn."""
    page.goto(path)
    idle(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)


def turn_to(page: Page, path: str) -> None:
    """Goes to a page as the browser's back button does: loading it anew takes twice the time."""
    page.evaluate(
        "path => { history.pushState({}, '', path); dispatchEvent(new Event('popstate')) }", path
    )
    expect(page.locator("[data-testid=stSidebarNavLink][aria-current=page]")).to_have_attribute(
        "href", re.compile(f"{path.partition('?')[0]}$")
    )
    idle(page)
    expect(page.get_by_test_id("stSkeleton")).to_have_count(0)


def idle(page: Page) -> None:
    """Waits until what was typed or clicked last has had its effect."""
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for()


def click_row(page: Page, key: str, row: int) -> None:
    """Clicks a row of a table, which is a canvas."""
    canvas = page.locator(f".st-key-{key} canvas").first
    box = canvas.bounding_box()
    assert box
    page.mouse.click(box["x"] + 60, box["y"] + HEADER + ROW * row + ROW / 2)


def test_a_link_signs_in_without_scripts(browser: Browser, console: str, link: str):
    context = browser.new_context(java_script_enabled=False, base_url=console)
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{console}/")
    context.close()


def test_a_used_link_says_what_to_do(browser: Browser, console: str, link: str):
    context = browser.new_context(base_url=console)
    page = context.new_page()
    page.goto(link)
    page.wait_for_url(f"{console}/")
    page.goto(link)

    expect(page.get_by_role("alert")).to_have_text("A sign-in link works once.")
    expect(page.get_by_text("tidings console-link")).to_be_visible()
    context.close()


@pytest.mark.parametrize(
    ("scheme", "background"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(12, 15, 26)")]
)
def test_the_colours_follow_the_system(
    page: Page, scheme: Literal["light", "dark"], background: str
):
    page.emulate_media(color_scheme=scheme)
    settled(page, "/")

    expect(page.get_by_test_id("stApp")).to_have_css("background-color", background)


def test_the_fonts_are_our_own(page: Page):
    settled(page, "/")

    assert page.evaluate("document.fonts.check('14px Inter')")
    loaded = "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)"
    assert "Inter" in page.evaluate(loaded)


def test_a_tile_leads_to_its_list_without_a_reload(page: Page):
    settled(page, "/")
    page.evaluate("window.stayed = true")
    page.locator(".st-key-tile_doubt").click()
    page.wait_for_url(re.compile("/doubt$"))

    expect(page.get_by_text("In doubt").first).to_be_visible()
    assert page.evaluate("window.stayed")


def test_the_tiles_tick_by_themselves(page: Page):
    settled(page, "/")
    as_of = page.get_by_text(re.compile("As of"))
    before = as_of.inner_text()

    expect(as_of).not_to_have_text(before)


def test_a_click_on_a_row_opens_the_drawer_and_escape_closes_it_for_good(page: Page):
    settled(page, "/deliveries?state=Failed")
    click_row(page, "deliveries_table", 0)
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text("'data.wiki' is missing")).to_be_visible()
    page.wait_for_url(re.compile("delivery="))

    idle(page)
    drawer.get_by_role("button", name="Close").focus()  # a slow page takes the focus back
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    page.wait_for_url(lambda url: "delivery=" not in url)
    page.mouse.move(700, 5)  # off the table, whose tools lie over the filters while it is hovered
    week = page.locator(".st-key-since").get_by_role("radio", name="7d")
    week.click()
    expect(week).to_be_checked()
    page.wait_for_url(re.compile("since=7d"))
    expect(drawer).to_have_count(0)


def test_a_deep_link_opens_the_drawer_with_the_mail_as_sent(page: Page, played: tuple[str, Made]):
    settled(page, f"/deliveries?delivery={played[1].id}")
    drawer = page.get_by_role("dialog")

    expect(drawer.get_by_text("Hash agrees with what was sent")).to_be_visible()
    mail = drawer.frame_locator('iframe[title="E-mail preview"]:not(.incoming)')
    expect(mail.get_by_text("Mark shared a board with you")).to_be_visible()


HOSTILE = """
<mjml><mj-body><mj-section><mj-column>
  <mj-raw><script>top.document.title = "TAKEN"</script></mj-raw>
  <mj-raw><img src="x" onerror="top.document.title = 'TAKEN'"></mj-raw>
  <mj-text><a href="https://evil.invalid/" target="_top" class="away">away</a></mj-text>
  <mj-image src="https://evil.invalid/pixel.png" />
  <mj-text css-class="said">hello {{ data.board }}</mj-text>
</mj-column></mj-section></mj-body></mjml>
"""
_VERSIONS = count(100)


@pytest.fixture
def hostile(played: tuple[str, Made]) -> str:
    """A template that tries to get out."""
    version = replace(SHARED, template="hostile", version=next(_VERSIONS), source=HOSTILE)
    version = replace(version, subject="Hello", preheader=None)
    database = SyncDatabase.connect(played[0], "tests")
    now = database.now()
    with database.begin() as tx:
        tx.follow(templates.save_version(version, "Hostile", "mallory", now))
    database.close()
    return "/templates?template=hostile"


def test_a_hostile_template_stays_in_its_frame(
    browser: Browser, console: str, link: str, hostile: str
):
    context = browser.new_context(base_url=console)
    asked: list[Request] = []
    context.on("request", lambda request: asked.append(request))  # noqa: PLW0108 - it is wrapped
    page = context.new_page()
    page.goto(link)
    page.wait_for_url(f"{console}/")
    settled(page, hostile)
    data = page.get_by_role("textbox", name="Data as JSON")
    data.press("Control+a")
    page.keyboard.insert_text('{"board": "Roadmap"}')
    frame = page.frame_locator('iframe[title="E-mail preview"]:not(.incoming)')
    expect(frame.get_by_text("hello Roadmap")).to_be_visible()
    frame.locator(".away").evaluate("link => link.click()")

    expect(frame.get_by_text("hello Roadmap")).to_be_visible()
    assert page.title() != "TAKEN"
    assert page.url.startswith(console)
    # What the policy blocks is told of as a request that failed before it was sent.
    assert {each.failure for each in asked if "evil" in each.url} <= {"csp"}
    context.close()


EVIL = (
    "![x](https://evil.invalid/1.png) <img src=https://evil.invalid/2.png> "
    "[x](https://evil.invalid) www.evil.invalid a@evil.invalid :red[x] $x$"
)


@pytest.fixture
def hostile_rows(played: tuple[str, Made]) -> tuple[Made, UUID]:
    """A delivery, an event and a recipient whose every text wants to be more than text."""
    with rows(played[0]) as make:
        make.recipient(EVIL, name=EVIL, org=EVIL, locale=EVIL)
        make.address(EVIL, EVIL, suppressed_for=EVIL)
        make.preference(EVIL, EVIL, allowed=False)
        said = {"actor": EVIL, "thread": EVIL, "tenant": EVIL, "tags": [EVIL], "dedup_key": EVIL}
        event = make.event(EVIL, recipients=[EVIL], state="rejected", reason=EVIL, detail=EVIL,
                           data={"x": EVIL}, **said)  # fmt: skip
        trace = {"plan": [[EVIL, "keep", EVIL], [EVIL, f"skip:{EVIL}", EVIL]]}
        made = make.delivery(EVIL, "in_app", "failed", topic="page.edited", reason=EVIL,
                             detail=EVIL, address=EVIL, response=EVIL, account=EVIL,
                             provider=EVIL, message_id=EVIL, trace=trace)  # fmt: skip
        make.attempt(made, response=EVIL)
        make.reaction(made, EVIL)
        make.item(made, EVIL, EVIL, url=EVIL)
        make.person(f"{make.uuid()}@evil.invalid", EVIL, name=EVIL)
    return made, event


def test_text_from_outside_stays_text(page: Page, hostile_rows: tuple[Made, UUID]):
    delivery, event = hostile_rows
    query = urlencode({"id": EVIL})
    shown = (
        f"/deliveries?delivery={delivery.id}", f"/outbox?event={event}", f"/recipient?{query}",
        "/recipient", "/people", "/outbox", "/", f"/deliveries?{urlencode({'delivery': EVIL})}",
        f"/templates?{urlencode({'template': EVIL})}",
    )  # fmt: skip
    settled(page, "/")
    for path in shown:
        turn_to(page, path)
        expect(page.locator("[src*=evil]")).to_have_count(0)
        # An address that is written out may be a link, as long as it says where it leads.
        disguised = page.locator("a[href^='https://evil'], a[href^='http://www']")
        disguised = disguised.filter(has_not_text="evil")
        expect(disguised).to_have_count(0)


def test_the_preview_shows_devices_and_schemes(page: Page):
    settled(page, "/templates?template=board-shared")
    stage = page.get_by_test_id("mail-preview")
    mail = page.frame_locator('iframe[title="E-mail preview"]:not(.incoming)')
    expect(stage).to_contain_text("2 cards are waiting for you")
    card = mail.locator(".card").first
    expect(card).to_have_css("background-color", "rgb(255, 255, 255)")

    page.locator(".st-key-board-shared_scheme button", has_text="Dark").click()
    expect(card).to_have_css("background-color", "rgb(27, 30, 39)")
    page.locator(".st-key-board-shared_device button", has_text="Mobile").click()
    expect(stage).to_contain_text("375 px")


def test_an_admin_invites_a_person_into_a_team(page: Page, console: str):
    settled(page, "/people")
    page.get_by_role("button", name="Invite").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Lin Wei")
    dialog.get_by_label("E-mail address").fill("lin@example.com")
    dialog.get_by_role("button", name="Invite", exact=False).last.click()
    expect(dialog.get_by_text(f"{console}/login?token=")).to_be_visible()
    page.keyboard.press("Escape")
    card = page.locator('[class*="st-key-card_"]', has_text="lin@example.com")
    expect(card.get_by_text("Invited, until")).to_be_visible()

    page.get_by_role("tab", name="Teams").click()
    page.get_by_role("button", name="Make a team").click()
    dialog.get_by_label("Name").fill("Boards")
    dialog.get_by_role("textbox", name="Key").fill("boards")
    dialog.get_by_role("button", name="Make", exact=False).last.click()
    expect(page.get_by_text("Boards was made")).to_be_visible()


def test_signing_out_closes_the_door(browser: Browser, console: str, link: str):
    context = browser.new_context(base_url=console)
    page = context.new_page()
    page.goto(link)
    page.wait_for_url(f"{console}/")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{console}/login")
    page.goto("/deliveries")

    page.wait_for_url(f"{console}/login?next=%2Fdeliveries")
    context.close()


def states_of(url: str, recipient: str) -> set[str]:
    with rows(url) as make:
        found = make.connection.exec_driver_sql(
            "SELECT state FROM v_deliveries WHERE recipient_id = %s", (recipient,)
        )
        return set(found.scalars())


def test_dead_letters_are_sent_again_after_their_number_was_told(
    watched: Watched, played: tuple[str, Made]
):
    url, page = played[0], watched.page
    with rows(url) as make:
        for minutes in (3, 4):
            make.delivery(
                "zoe", state="failed", reason="content_refused", trace={},
                ago=timedelta(minutes=minutes),
            )  # fmt: skip
    settled(page, "/dead_letters?recipient=zoe")
    page.get_by_role("button", name="Send again: all of these").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This changes 2 deliveries.")
    assert states_of(url, "zoe") == {"failed"}
    dialog.get_by_role("button", name="Send again").click()

    expect(page.get_by_text("Scheduled again: 2")).to_be_visible()
    expect(page.get_by_text("No dead letters match")).to_be_visible()
    assert states_of(url, "zoe") == {"scheduled"}


def test_doubt_is_resolved_in_its_drawer(watched: Watched, played: tuple[str, Made]):
    url, page = played[0], watched.page
    with rows(url) as make:
        doubt = make.delivery(
            "yan", state="in_doubt", reason="worker_lost", trace={}, ago=timedelta(minutes=3)
        )
        make.attempt(doubt, outcome="in_doubt", code=None, reason="worker_lost")
    settled(page, "/doubt?recipient=yan")
    click_row(page, "doubt_table", 0)
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("The worker was lost while the message was on the wire.")
    drawer.get_by_role("button", name="It was sent").click()

    expect(page.get_by_text("Counted as sent")).to_be_visible()
    assert states_of(url, "yan") == {"sent"}


def add_quiet_hours(page: Page, name: str) -> None:
    page.get_by_text("Add quiet hours").click()
    key = page.get_by_label("Key", exact=True)
    key.fill(name)
    key.press("Tab")
    idle(page)
    page.get_by_role("button", name="Add", exact=True).click()


def test_rules_are_written_added_to_by_form_and_published(watched: Watched):
    page = watched.page
    settled(page, "/rules")
    page.get_by_role("button", name="Edit", exact=True).click()
    text = page.get_by_label("Rules, as TOML")
    text.fill('[[quiet_hours]]\nkey = "sundays"\nquiet = ["sun 00:00-24:00"]\n')
    text.press("Control+Enter")
    expect(page.get_by_text("waits sun 00:00-24:00")).to_be_visible()

    add_quiet_hours(page, "nights")
    expect(page.get_by_text("waits daily 22:00-07:00")).to_be_visible()

    page.get_by_text("Add or change a cap").click()
    page.get_by_label("Key of the cap").fill("offers")
    limit = page.get_by_role("spinbutton", name="At most")
    limit.fill("3")
    limit.press("Tab")
    expect(page.get_by_text("at most 3 to one recipient in a day")).to_be_visible()
    page.get_by_role("button", name="Add the cap").click()
    expect(page.get_by_text('key = "offers"').first).to_be_visible()

    page.get_by_label("Note").fill("Let people sleep")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 1 since")).to_be_visible()
    expect(page.locator(".st-key-card_rule_nights")).to_contain_text("daily 22:00-07:00")
    expect(page.locator(".st-key-card_rule_offers")).to_contain_text("at most 3")


def test_what_is_held_is_released_by_the_row(watched: Watched, played: tuple[str, Made]):
    with rows(played[0]) as make:
        for number in range(40):
            make.delivery(f"held-{number}", "email", "scheduled", topic="a.held", held_for="rate")
    page = watched.page
    settled(page, "/held")
    click_row(page, "held_table", 0)
    expect(page.get_by_text("It goes in its turn.")).to_be_visible()
    page.get_by_role("button", name="Release now").click()
    expect(page.get_by_text("looks at 40 deliveries")).to_be_visible()
    page.get_by_role("button", name="Release", exact=True).click()
    expect(page.get_by_text("Released: 40")).to_be_visible()
