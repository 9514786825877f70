"""The pages at the door, without Streamlit: signing in, being made to wait, one's own account."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from dashboard.changing.passwords import counted_as
from dashboard.door.passwords import hashed
from models.access import Password, Tries
from tests.browser.console.conftest import PATIENCE
from tests.console_visitor import COOKIE
from tests.factories import Made, rows

GOOD, BETTER = "walrus tin sofa up", "nine quiet lamps hum"


@pytest.fixture
def ada(played: tuple[str, Made], request: pytest.FixtureRequest) -> tuple[UUID, str]:
    """Somebody with a password."""
    email = f"{request.node.name.partition('[')[0]}@example.com"
    with rows(played[0]) as make:
        person = make.person(email, "viewer")
        make.add(Password, person=person, hash=hashed(GOOD), changed_at=make.now)
    return person, email


@pytest.fixture
def context(browser: Browser, console: str) -> Iterator[BrowserContext]:
    made = browser.new_context(base_url=console)
    made.set_default_timeout(PATIENCE)
    yield made
    made.close()


def sign_in(page: Page, email: str, password: str) -> None:
    page.get_by_label("Work e-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Continue").click()


def test_a_password_leads_to_where_one_wanted_and_a_wrong_one_says_so(
    context: BrowserContext, ada: tuple[UUID, str]
):
    page = context.new_page()
    page.goto("/account")
    sign_in(page, ada[1], BETTER)
    expect(page.get_by_role("alert")).to_have_text("That address and password do not fit.")
    expect(page.get_by_label("Work e-mail")).to_have_value(ada[1])
    sign_in(page, ada[1], GOOD)
    expect(page.get_by_role("heading", name="Your account")).to_be_visible()


def test_too_many_tries_say_how_long_to_wait(
    context: BrowserContext, ada: tuple[UUID, str], played: tuple[str, Made]
):
    with rows(played[0]) as make:
        until = make.now.replace(year=make.now.year + 1)
        make.add(Tries, who=counted_as(ada[1]), failures=9, last_at=make.now, free_at=until)
    page = context.new_page()
    page.goto("/login")
    sign_in(page, ada[1], GOOD)
    expect(page.get_by_role("alert")).to_contain_text("Too many tries. Try again in")


def test_a_new_password_shuts_the_tab_that_is_open_elsewhere(
    context: BrowserContext, browser: Browser, console: str, ada: tuple[UUID, str],
    played: tuple[str, Made],
):  # fmt: skip
    with rows(played[0]) as make:
        tokens = [
            make.session(ada[0], agent="Firefox/1 Windows", method="password") for _ in range(2)
        ]
    elsewhere = browser.new_context(base_url=console)
    for one, token in zip((context, elsewhere), tokens, strict=True):
        one.add_cookies([{"name": COOKIE, "value": token, "url": console}])
    with (other := elsewhere.new_page()).expect_websocket() as opened:
        other.goto("/")
    page = context.new_page()
    page.goto("/account")
    expect(page.get_by_role("listitem").filter(has_text="Firefox on Windows")).to_have_count(2)
    page.get_by_label("Old password").fill(GOOD)
    page.get_by_label("New password").fill(BETTER)
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_role("status")).to_contain_text("signed out everywhere else")
    if not opened.value.is_closed():
        opened.value.wait_for_event("close", timeout=PATIENCE)
    elsewhere.close()
